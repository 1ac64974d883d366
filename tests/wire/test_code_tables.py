"""The code tables: every row is read, look-ups by version and direction, answers."""

from __future__ import annotations

import pytest

from hj212d.wire import tables

VERSIONS = {"2005", "2017", "2025"}


def test_all_tables_are_read() -> None:
    """Counts of rows, and that rows are sound."""
    assert len(tables.commands()) == 75
    assert len(tables.systems()) == 22
    assert len(tables.marks()) == 14
    assert len(tables.suffixes()) == 47
    assert len(tables.fields()) == 27
    assert len(tables.returns()) == 17
    assert len(tables.factors()) == 409
    for command in tables.commands():
        assert set(command.versions) <= VERSIONS
        assert command.cn.isdigit()
        assert len(command.cn) == 4
        assert command.answer in ("", "9011", "9013", "9014")


@pytest.mark.parametrize(
    ("cn", "version", "answer"),
    [
        ("2011", "2005", "9014"), ("2051", "2017", "9014"), ("2111", "2025", "9014"),
        ("3020", "2017", "9014"), ("2081", "2017", "9014"),
        ("1013", "2017", "9013"), ("1013", "2005", "9013"),
        ("1001", "2025", "9013"), ("1001", "2005", None),
        ("1014", "2025", "9013"), ("9015", "2025", "9013"), ("9015", "2017", "9013"),
        ("2072", "2005", "9013"),
        ("9011", "2017", None), ("9012", "2017", None), ("9013", "2025", None),
        ("9014", "2005", None),
        ("1000", "2017", None), ("2012", "2017", None),
        ("9021", "2017", tables.UNKNOWN), ("7777", "2005", tables.UNKNOWN),
        ("", "", tables.UNKNOWN),
    ],
)  # fmt: skip
def test_answers(cn: str, version: str, answer: str | None) -> None:
    """Uploads get 9014, notices 9013, answers never an answer, unknown ones are told apart."""
    assert tables.answer_of(cn, version) == answer


def test_a_meaning_by_direction_and_version() -> None:
    """CN 1001 is a command in 2005 and a notice in 2025 (docs/quirks.md, D9)."""
    to_field = tables.command("1001", "2005", "host_to_field")
    assert to_field is not None
    assert to_field.fields == ("WarnTime",)
    assert tables.command("1001", "2005", "field_to_host") is None
    notice = tables.command("1001", "2025")
    assert notice is not None
    assert notice.kind == "notice"
    old = tables.command("3014", "2005", "host_to_field")
    new = tables.command("3014", "2017", "host_to_field")
    assert old is not None
    assert new is not None
    assert old.name_en != new.name_en


def test_which_commands_carry_data() -> None:
    """Those whose factors belong to a DataTime; alarms have a time of their own."""
    data = ("2011", "2013", "2021", "2031", "2041", "2051", "2052", "2061", "2062", "2071", "2111")
    assert all(tables.carries_data(cn) for cn in data)
    assert not any(tables.carries_data(cn) for cn in ("2072", "1011", "3019", "3020", "9014", ""))


def test_which_commands_are_encrypted() -> None:
    """HJ 212-2025, 6.4.4: data, 1014 and 3020."""
    assert all(tables.encrypts(cn) for cn in ("2011", "2061", "1014", "3020"))
    assert not any(tables.encrypts(cn) for cn in ("1012", "9015", "9014", "0000"))


@pytest.mark.parametrize(
    ("code", "name"),
    [("w01018", "Chemical oxygen demand (COD)"), ("011", "Chemical oxygen demand (COD)"),
     ("g30102", "Ammonia injection system current")],
)  # fmt: skip
def test_factors(code: str, name: str) -> None:
    """By code, by the code of 2005, by a code with an equipment number."""
    factor = tables.factor(code)
    assert factor is not None
    assert factor.name_en == name


@pytest.mark.parametrize("code", ["", "zzzzzz", "a", "w0101", "w010180"])
def test_unknown_factors(code: str) -> None:
    """A code of no table has no factor."""
    assert tables.factor(code) is None
