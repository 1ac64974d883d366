"""Templates: shipped ones are sound, a deployment's own count first, a bad one is told by key."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_tables import month

from admin.reports.building import build, fields_of
from admin.reports.catalogue import FIELDS
from admin.reports.template import BadTemplate, load, names

GOOD = """
title = "{place}月报"
kinds = ["month"]

[[section]]
kind = "table"
name = "days"
view = "index"
columns = ["name", {key = "pm25", label = "细颗粒物", decimals = 2}]
"""


def own(folder: Path, text: str, name: str = "mine") -> Path:
    """A template of a deployment."""
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_shipped_ones() -> None:
    """Each can be loaded, says what it is, and stands under its name."""
    shipped = names()
    assert {"air-hour", "air-day", "air-period", "data", "data-days", "data-hours"} <= set(shipped)
    for name in shipped:
        found = load(name)
        assert found.template.about
        assert found.folder is None


def test_fields_are_those_that_are_said() -> None:
    """What the list of fields promises is there for every text."""
    assert set(fields_of(month())) == set(FIELDS)


def test_a_deployment_has_its_own(tmp_path: Path) -> None:
    """Its file counts in place of the shipped one; labels and decimals are its own."""
    own(tmp_path, GOOD, "air-period")
    found = load("air-period", tmp_path)
    assert found.folder == tmp_path
    document = build(found, month())
    (table,) = document.tables
    assert [column.label for column in table.columns[:2]] == ["点位/区域", "细颗粒物"]
    assert table.rows[1][1].decimals == 2
    assert names(tmp_path)["data"] is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "{place}月报"', "", "required field `title`"),
        ('title = "{place}月报"', "title = 5", "title: Expected `str`, got `int`"),
        ("{place}", "{plase}", "title: there is no field {plase}, did you mean place?"),
        ("{place}", "{place.__class__}", "title: there is no field {place.__class__}"),
        ("{place}", "{", "title: "),
        ('["month"]', '["mouth"]', "kinds[0]: Invalid enum value 'mouth'"),
        ('view = "index"', 'view = "indx"', "view: there is no view indx, did you mean index?"),
        ('"name",', '"nmae",', "columns: index has no column nmae, did you mean name?"),
        ("decimals = 2", "decimals = 9", "section[0].columns[1].decimals: Expected `int` <= 6"),
        ("view =", "veiw =", "section[0]: Object contains unknown field `veiw`"),
        ('view = "index"', 'view = "index"\nlevel = "month"', "level: index has no level month"),
        ('kind = "table"', 'kind = "chart"', "x: a chart needs it"),
        ("kinds =", 'docx = "gone.docx"\nkinds =', "docx: there is no file gone.docx beside it"),
        ("[[section]]", "[[section", "this is no TOML"),
    ],
)
def test_what_is_wrong(tmp_path: Path, old: str, new: str, said: str) -> None:
    """One sentence with file and key."""
    own(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(BadTemplate) as problem:
        load("mine", tmp_path)
    assert str(tmp_path / "mine.toml") in str(problem.value)
    assert said in str(problem.value)


def test_names_that_are_none(tmp_path: Path) -> None:
    """A template or a folder that is not there."""
    with pytest.raises(BadTemplate, match="no template air-dya, did you mean air-day"):
        load("air-dya")
    with pytest.raises(BadTemplate, match="no such folder"):
        names(tmp_path / "gone")


def test_two_sections_of_one_name(tmp_path: Path) -> None:
    """Names are how a deployment's Word file speaks of tables: they are unique."""
    section = GOOD[GOOD.index("[[section]]") :]
    own(tmp_path, GOOD + section)
    with pytest.raises(BadTemplate, match="another section has this name"):
        load("mine", tmp_path)
