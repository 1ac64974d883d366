"""The configuration in force as a commented TOML text: value, where it came from, what it means.

Secrets are shown as ``***``. Tests: tests/config/test_explain.py.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec

from hj212d.config.keys import Key, Section, sections
from hj212d.config.load import Loaded
from hj212d.config.values import show

_COLUMNS = 96


class Line(msgspec.Struct, frozen=True):
    """One key with its value in force. ``number`` counts the entries of a repeating section from
    1, 0 elsewhere; ``value`` is a text for people; ``origin`` is "default", "file",
    "environment" or "command line"."""

    key: Key
    number: int
    value: str
    origin: str


def lines(loaded: Loaded) -> list[Line]:
    """Every key in force, in the order of the table of keys."""
    return [line for section in sections().values() for line in _section(section, loaded)]


def as_json(explained: list[Line]) -> list[dict[str, Any]]:
    """The lines as plain objects, ready for JSON."""
    return [
        {
            "key": line.key.dotted,
            "number": line.number or None,
            "value": line.value,
            "origin": line.origin,
            "unit": line.key.unit,
            "expected": line.key.expected,
            "apply": line.key.apply,
            "environment": line.key.environment,
            "help": line.key.help,
        }
        for line in explained
    ]


def as_toml(explained: list[Line]) -> Iterator[str]:
    """The lines as a commented file. Of a repeating section, help is given once, and only the
    keys that are not at their default are listed."""
    header = ("", 0)
    helped: set[str] = set()
    for line in explained:
        key = line.key
        if line.number and line.origin == "default":
            continue
        if (key.section, line.number) != header:
            header = (key.section, line.number)
            yield ""
            yield f"[[{key.section}]]" if key.many else f"[{key.section}]"
        if key.dotted not in helped:
            helped.add(key.dotted)
            yield from _comment(key)
        yield f"{key.name} = {line.value}{_origin(line)}"


def _section(section: Section, loaded: Loaded) -> Iterator[Line]:
    content = getattr(loaded.config, section.attribute)
    for number, entry in enumerate(content if section.many else [content]):
        prefix = f"{section.name}.{number}" if section.many else section.name
        for key in section.keys.values():
            yield Line(
                key=key,
                number=number + 1 if section.many else 0,
                value=show(key, getattr(entry, key.name)),
                origin=loaded.origins.get(f"{prefix}.{key.name}", "default"),
            )


def _comment(key: Key) -> list[str]:
    facts = [key.expected, key.unit, key.apply]
    text = f"{key.help} ({'; '.join(fact for fact in facts if fact)})"
    return textwrap.wrap(text, _COLUMNS, initial_indent="# ", subsequent_indent="# ")


def _origin(line: Line) -> str:
    if line.origin == "environment":
        return f"  # environment: {line.key.environment}"
    return "" if line.origin == "default" else f"  # {line.origin}"
