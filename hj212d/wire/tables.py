"""The code tables of the three versions: commands, systems, marks, suffixes, factors.

Facts from the standards' tables, kept in data/ as files of ours; each says how sure it is. Loaded
at the first look-up, once. Tests: tests/wire/test_code_tables.py.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Literal, TypeVar

import msgspec

Direction = Literal["host_to_field", "field_to_host", "both"]
UNKNOWN = "unknown"

_REPLIES = frozenset(("9011", "9012", "9013", "9014"))

_DATA_FIELD = "DataTime"  # 2072 has an AlarmTime instead


class Command(msgspec.Struct, frozen=True):
    """One meaning of a CN. ``answer``: the CN that answers it first, "" for none."""

    cn: str
    direction: Direction
    versions: tuple[str, ...]
    kind: Literal["request", "upload", "notice", "reply"]
    answer: str
    name_zh: str
    name_en: str
    fields: tuple[str, ...]
    encrypted: bool  # HJ 212-2025, 6.4.4
    confidence: str
    note: str


class System(msgspec.Struct, frozen=True):
    """A value of ST."""

    st: str
    versions: tuple[str, ...]
    category: str
    name_zh: str
    name_en: str
    confidence: str
    note: str


class Mark(msgspec.Struct, frozen=True):
    """A value of ``-Flag``; devices send others too, so marks stay open texts."""

    mark: str
    versions: tuple[str, ...]
    name_zh: str
    name_en: str
    confidence: str


class Suffix(msgspec.Struct, frozen=True):
    """What may stand behind a factor's code; vendors have their own."""

    suffix: str
    versions: tuple[str, ...]
    type: str
    meaning: str
    confidence: str


class Field(msgspec.Struct, frozen=True):
    """A plain field of CP."""

    name: str
    versions: tuple[str, ...]
    type: str
    meaning: str
    confidence: str


class Return(msgspec.Struct, frozen=True):
    """A value of QnRtn or ExeRtn."""

    field: Literal["QnRtn", "ExeRtn"]
    code: str
    versions: tuple[str, ...]
    name_zh: str
    name_en: str


class Factor(msgspec.Struct, frozen=True):
    """A factor: what a code measures. ``unit`` is the standard's; devices differ."""

    code: str
    legacy_code: str
    name_zh: str
    name_en: str
    medium: str
    kind: str
    unit: str
    unit_zh: str
    unit_emission: str
    data_type: str
    data_type_2025: str
    source: str
    confidence: str
    note: str


_Row = TypeVar("_Row", Command, System, Mark, Suffix, Field, Return)


def _load(name: str, row: type[_Row]) -> tuple[_Row, ...]:
    data = resources.files("hj212d.wire").joinpath("data", name).read_bytes()
    return msgspec.json.decode(data, type=tuple[row, ...])  # type: ignore[valid-type]


@cache
def commands() -> tuple[Command, ...]:
    """All meanings of all CN."""
    return _load("commands.json", Command)


@cache
def systems() -> tuple[System, ...]:
    """All values of ST."""
    return _load("systems.json", System)


@cache
def marks() -> tuple[Mark, ...]:
    """All known data marks."""
    return _load("marks.json", Mark)


@cache
def suffixes() -> tuple[Suffix, ...]:
    """All known suffixes."""
    return _load("suffixes.json", Suffix)


@cache
def fields() -> tuple[Field, ...]:
    """All known plain fields of CP."""
    return _load("fields.json", Field)


@cache
def returns() -> tuple[Return, ...]:
    """All values of QnRtn and ExeRtn."""
    return _load("returns.json", Return)


@cache
def factors() -> tuple[Factor, ...]:
    """All factors; a few codes stand twice, as in the standard (e701xx, g119xx)."""
    text = resources.files("hj212d.wire").joinpath("data", "factors.csv").read_text("utf-8")
    return tuple(Factor(**row) for row in csv.DictReader(text.splitlines()))


@cache
def _commands_by_cn() -> dict[str, tuple[Command, ...]]:
    found: dict[str, tuple[Command, ...]] = {}
    for command in commands():
        found[command.cn] = (*found.get(command.cn, ()), command)
    return found


@cache
def _factors_by_code() -> dict[str, Factor]:
    return {factor.code: factor for factor in reversed(factors())}


@cache
def _factors_by_legacy_code() -> dict[str, Factor]:
    return {factor.legacy_code: factor for factor in reversed(factors()) if factor.legacy_code}


@cache
def _data_cns() -> frozenset[str]:
    return frozenset(
        command.cn
        for command in commands()
        if command.kind == "upload" and command.cn[0] == "2" and _DATA_FIELD in command.fields
    )


def command(cn: str, version: str, direction: Direction = "field_to_host") -> Command | None:
    """What a CN means in a version and direction, or the next best meaning in that direction.

    A version is a hint, so a CN that the version lacks has the meaning that another gives it;
    unless the version uses the CN in the other direction only (1001: 2005 to the field, 2025 to
    the host). None when there is none.
    """
    known = _commands_by_cn().get(cn, ())
    fitting = [one for one in known if one.direction in (direction, "both")]
    for one in fitting:
        if version in one.versions:
            return one
    if any(version in one.versions for one in known):
        return None
    return fitting[-1] if fitting else None


@cache
def answer_of(cn: str, version: str) -> str | None:
    """The CN that answers a frame from the field: ``"9013"`` (notices), ``"9014"`` (uploads).

    None: it wants none (901x, which are answers themselves, and commands of the host).
    ``UNKNOWN``: no table knows this CN.
    """
    if cn in _REPLIES:
        return None
    one = command(cn, version)
    if one is not None:
        return one.answer or None
    return None if cn in _commands_by_cn() else UNKNOWN


def carries_data(cn: str) -> bool:
    """Whether uploads of this CN are values of factors at a DataTime."""
    return cn in _data_cns()


@cache
def encrypts(cn: str) -> bool:
    """Whether frames of this CN are to be encrypted on public networks (HJ 212-2025, 6.4.4)."""
    return any(one.encrypted for one in _commands_by_cn().get(cn, ()))


def factor(code: str) -> Factor | None:
    """The factor behind a code, a numbered one (e70102: e701xx) or one of 2005 (011); or None."""
    by_code = _factors_by_code()
    for name in (code, code[:4] + "xx", code[:5] + "x"):
        if name in by_code and len(name) == len(code):
            return by_code[name]
    return _factors_by_legacy_code().get(code)
