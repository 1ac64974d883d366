"""Tables of warning levels: by how high an AQI for how many hours in a row a level is given.

The national tables stand in alerts/data/warning_levels.json, each with its source and how sure it
is; city plans differ, so a deployment may bring its own.
Tests: tests/alerts/warnings/test_warning_tables.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from store.registry.alert_records import Severity

LevelName = Literal["blue", "yellow", "orange", "red"]
LEVELS: tuple[LevelName, ...] = ("blue", "yellow", "orange", "red")
SEVERITY_OF: dict[str, Severity] = {
    "blue": "notice",
    "yellow": "warning",
    "orange": "severe",
    "red": "critical",
}
# Levels of emergency plans: I is the gravest.
PLAN_LEVEL_OF = {"red": "I", "orange": "II", "yellow": "III", "blue": "IV"}
DAY_H = 24

_FILE = Path(__file__).parents[1] / "data" / "warning_levels.json"
_PART = re.compile(r"(\d{2,3}) for (\d{1,3}) ?h")


class Condition(NamedTuple):
    """An AQI of more than ``above`` for ``hours`` in a row, whole days of 24 h."""

    above: int
    hours: int


# All of them, the shorter within the longest.
Conditions = tuple[Condition, ...]


class Table(msgspec.Struct, frozen=True):
    """``levels``: the gravest first; any of its alternatives gives a level. ``sure``: "confirmed",
    "in part", "own"."""

    name: str
    levels: tuple[tuple[LevelName, tuple[Conditions, ...]], ...]
    source: str
    sure: str

    @property
    def least(self) -> int:
        """No level comes of days that are not above this."""
        return min(one.above for _, anyof in self.levels for some in anyof for one in some)

    def without(self, level: LevelName) -> Table:
        """The same, one level less."""
        left = tuple(one for one in self.levels if one[0] != level)
        return msgspec.structs.replace(self, levels=left)


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    about: str
    since: str
    until: str
    levels: dict[str, list[str]]
    source: str
    sure: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    about: str
    tables: list[_Stored]


@cache
def national() -> dict[str, Table]:
    """Name -> table of the product."""
    found = msgspec.json.decode(_FILE.read_bytes(), type=_File)
    return {
        one.name: Table(one.name, _levels(one.levels), one.source, one.sure)
        for one in found.tables
    }


def own_table(said: Mapping[str, Sequence[str]]) -> Table:
    """A deployment's table; ValueError, one sentence, for what is none."""
    if not said:
        raise ValueError("there is no level in it")
    return Table("own", _levels(said), "the deployment's settings", "own")


def table_of(name: str, own: Mapping[str, Sequence[str]]) -> Table:
    """The table of a name: "2017", "2024", "own". ValueError for another name, or none of one's
    own."""
    if name == "own":
        return own_table(own)
    tables = national()
    if name not in tables:
        raise ValueError(f"there is no table {name} of warning levels: {', '.join(tables)}, own")
    return tables[name]


def _levels(
    said: Mapping[str, Sequence[str]],
) -> tuple[tuple[LevelName, tuple[Conditions, ...]], ...]:
    for name in said:
        if name not in LEVELS:
            raise ValueError(f'there is no level "{name}": {", ".join(LEVELS)}')
    return tuple(
        (name, tuple(_conditions(name, one) for one in said[name]))
        for name in reversed(LEVELS)
        if said.get(name)
    )


def _conditions(level: str, text: str) -> Conditions:
    found = []
    for part in text.split(" and "):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(
                f'{level} = "{text}": expected such as "200 for 72 h and 300 for 24 h"'
            )
        one = Condition(int(match[1]), int(match[2]))
        if one.hours % DAY_H or not one.hours:
            raise ValueError(f'{level} = "{text}": hours are whole days of 24 h')
        if one.above >= 500:
            raise ValueError(f'{level} = "{text}": no AQI is above 500')
        found.append(one)
    return tuple(sorted(found, key=lambda one: -one.hours))
