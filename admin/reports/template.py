"""What a report looks like, from a file: sections with their columns, statistics, charts, texts.

Shipped ones lie in `templates/`; a file of the same name in the folder of a deployment
(`reports.templates`) counts in place of it. What is wrong with one is said with file and key.
Tests: tests/admin/test_report_template.py.
"""

from __future__ import annotations

import string
import tomllib
from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from admin.reports.catalogue import FIELDS, LEVELS_OF, VIEWS

Kind = Literal["hour", "day", "tenday", "week", "month", "quarter", "year", "span"]
Level = Literal["", "minute", "hour", "day", "tenday", "week", "month", "quarter", "year", "span"]

SUFFIX = ".toml"


class BadTemplate(Exception):
    """A template cannot be used; the text is one sentence that names file and key."""


class ColumnSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column with a label, decimals or width of the deployment's own."""

    key: str
    label: str | None = None
    decimals: Annotated[int, Meta(ge=0, le=6)] | None = None
    width: Annotated[int, Meta(ge=2, le=80)] | None = None


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table or chart of a view, or a text.

    ``level``: of the means or indices that it shows, "" as the kind of report asks; ``columns``:
    names of the view's columns, all when none is named; ``stats``: of means only these;
    ``split``: a series of a chart for each value of these columns; ``top``: so many rows, or
    series, at the most; ``sort``: a column, "-" before it: the largest first; ``empty``: what is
    said where there are no rows; ``kinds``: only in reports of these, none: in all.
    """

    kind: Literal["table", "chart", "text"]
    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    heading: str = ""
    text: str = ""
    view: str = ""
    level: Level = ""
    columns: list[str | ColumnSpec] = []
    stats: list[str] = []
    chart: Literal["line", "bar", "stacked", "pie"] = "line"
    x: str = ""
    y: list[str] = []
    split: list[str] = []
    axis: str = ""
    top: Annotated[int, Meta(ge=0)] = 0
    sort: str = ""
    notes: list[str] = []
    empty: str = ""
    kinds: list[Kind] = []
    break_before: bool = False


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``kinds``: of which periods it makes sense; ``docx`` and ``xlsx``: files beside it whose
    fields are filled and to which the sections are added."""

    title: str
    kinds: list[Kind]
    about: str = ""
    landscape: bool = False
    docx: str = ""
    xlsx: str = ""
    notes: list[str] = []
    section: list[Section] = []

    def of_kind(self, kind: str) -> list[Section]:
        """The sections of a report of this kind."""
        return [one for one in self.section if not one.kinds or kind in one.kinds]

    def needs(self, kind: str) -> set[tuple[str, str]]:
        """(table, level) of all that must be asked for a report of this kind."""
        return {
            need
            for section in self.of_kind(kind)
            if section.view
            for need in VIEWS[section.view].needs(level_of(section, kind))
        }


class Found(msgspec.Struct, frozen=True):
    """A template, its name, its text and the folder that its own files are in (None: shipped)."""

    name: str
    text: str
    template: Template
    folder: Path | None


def level_of(section: Section, kind: str) -> str:
    """Level of what a section shows, in a report of this kind."""
    if section.level:
        return section.level
    return VIEWS[section.view].level_of(kind)


def names(folder: str | Path = "") -> dict[str, Path | None]:
    """Name -> folder of a deployment that has it, None: shipped; in order of name."""
    found: dict[str, Path | None] = {
        path.name.removesuffix(SUFFIX): None for path in _shipped() if path.name.endswith(SUFFIX)
    }
    if folder:
        if not Path(folder).is_dir():
            raise BadTemplate(f"reports.templates = {folder}: there is no such folder")
        own = Path(folder).glob(f"*{SUFFIX}")
        found.update({path.name.removesuffix(SUFFIX): Path(folder) for path in own})
    return dict(sorted(found.items()))


def load(name: str, folder: str | Path = "") -> Found:
    """The template of that name; BadTemplate when there is none or it cannot be used."""
    known = names(folder)
    if name not in known:
        raise BadTemplate(f"there is no template {name}{_nearest(name, known)}")
    home = known[name]
    text = _read(name, home)
    place = f"{home / (name + SUFFIX)}" if home else f"template {name}"
    template = _parse(text, place)
    for key in ("docx", "xlsx"):
        own = getattr(template, key)
        if own and (home is None or not (home / own).is_file()):
            raise BadTemplate(f"{place}: {key}: there is no file {own} beside it")
    return Found(name, text, template, home)


def _shipped() -> list[Traversable]:
    return list(resources.files("admin.reports").joinpath("templates").iterdir())


def _read(name: str, home: Path | None) -> str:
    try:
        if home is None:
            shipped = resources.files("admin.reports").joinpath("templates", name + SUFFIX)
            return shipped.read_text("utf-8")
        return (home / (name + SUFFIX)).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadTemplate(f"{home}/{name}{SUFFIX}: it cannot be read: {problem}") from problem


def _parse(text: str, place: str) -> Template:
    try:
        template = msgspec.convert(tomllib.loads(text), Template)
    except tomllib.TOMLDecodeError as problem:
        raise BadTemplate(f"{place}: this is no TOML: {problem}") from problem
    except msgspec.ValidationError as problem:
        raise BadTemplate(f"{place}: {_key_first(str(problem))}") from problem
    _check(template, place)
    return template


def _key_first(sentence: str) -> str:
    """``Expected `int`, got `str` - at `$.section[0].top``` with the key in front."""
    what, _, where = sentence.partition(" - at `$")
    key = where.rstrip("`").lstrip(".")
    return f"{key}: {what}" if key else what


def _check(template: Template, place: str) -> None:
    """BadTemplate for a name that means nothing: view, column, level, field of a text."""
    _check_text(template.title, f"{place}: title")
    for number, note in enumerate(template.notes):
        _check_text(note, f"{place}: notes[{number}]")
    seen: set[str] = set()
    for number, section in enumerate(template.section):
        at = f"{place}: section[{number}] ({section.name})"
        if section.name in seen:
            raise BadTemplate(f"{at}.name: another section has this name")
        seen.add(section.name)
        for key in ("heading", "text", "empty"):
            _check_text(getattr(section, key), f"{at}.{key}")
        for note in section.notes:
            _check_text(note, f"{at}.notes")
        if section.kind != "text":
            _check_view(section, at)


def _check_view(section: Section, at: str) -> None:
    if section.view not in VIEWS:
        raise BadTemplate(
            f"{at}.view: there is no view {section.view or '(none given)'}"
            f"{_nearest(section.view, VIEWS)}; there are {', '.join(VIEWS)}"
        )
    view = VIEWS[section.view]
    if section.level and section.level not in LEVELS_OF[view.table]:
        raise BadTemplate(
            f"{at}.level: {section.view} has no level {section.level}; it has "
            f"{', '.join(LEVELS_OF[view.table]) or 'none'}"
        )
    wanted = [("columns", one if isinstance(one, str) else one.key) for one in section.columns]
    wanted += [("y", one) for one in section.y]
    wanted += [("split", one) for one in section.split]
    wanted += [("x", section.x), ("sort", section.sort.lstrip("-"))]
    for key, name in wanted:
        if name and name not in view.columns:
            raise BadTemplate(
                f"{at}.{key}: {section.view} has no column {name}"
                f"{_nearest(name, view.columns)}; it has {', '.join(view.columns)}"
            )
    if section.kind == "chart" and not (section.x and section.y):
        raise BadTemplate(f"{at}.{'y' if section.x else 'x'}: a chart needs it")


def _check_text(text: str, at: str) -> None:
    """Only whole names of fields in braces: nothing of Python can be reached through a text."""
    try:
        asked = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError as problem:
        raise BadTemplate(f"{at}: {problem}; write {{{{ for a brace") from problem
    for name in asked:
        if name not in FIELDS:
            raise BadTemplate(
                f"{at}: there is no field {{{name}}}{_nearest(name, FIELDS)}; there are "
                f"{', '.join(FIELDS)}"
            )


def _nearest(name: str, known: Any) -> str:
    near = get_close_matches(name, list(known), 1)
    return f", did you mean {near[0]}?" if near else ""
