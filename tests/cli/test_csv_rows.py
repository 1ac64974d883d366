"""Rows of CSV files as people make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hj212d.cli.csv_rows import read_rows
from hj212d.cli.refusal import Refusal

COLUMNS = ("mn", "name", "note")


def read(path: Path, raw: bytes) -> list[dict[str, str]]:
    """The rows of a file with these bytes."""
    path.write_bytes(raw)
    return read_rows(path, COLUMNS, ("mn",), "a thing")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_as_spreadsheets_write_them(tmp_path: Path, mark: str, encoding: str) -> None:
    """Empty cells and lines say nothing; a header may be in capitals."""
    text = f"MN{mark} name{mark}note\r\nA{mark}甲{mark}\r\n{mark}{mark}\r\nB\r\n"
    assert read(tmp_path / "x.csv", text.encode(encoding)) == [
        {"mn": "A", "name": "甲"},
        {"mn": "B"},
    ]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "line 1: the header needs mn"),
        (b"name\nx\n", "line 1: the header needs mn"),
        (b"mn,mn\n", "line 1: the header needs mn, and each field once"),
        (b"mn,nmae\n", "line 1: a thing has no field nmae; did you mean name?"),
        (b"mn\nA,B\n", "line 2: 1 cells too many"),
        (b"\xff\xff", "is neither UTF-8 nor GB 18030"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, raw: bytes, sentence: str) -> None:
    """Said with its line."""
    with pytest.raises(Refusal) as refusal:
        read(tmp_path / "x.csv", raw)
    assert sentence in str(refusal.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Said, too."""
    with pytest.raises(Refusal, match="No such file"):
        read_rows(tmp_path / "x.csv", COLUMNS, ("mn",), "a thing")


def test_only_the_first_faults_are_named(tmp_path: Path) -> None:
    """A file of another kind has thousands."""
    file = tmp_path / "x.csv"
    file.write_text("mn\n" + "A\n" * 50)
    with pytest.raises(Refusal, match="and 30 more"):
        read_rows(file, COLUMNS, ("mn",), "a thing", lambda row: f"{row['mn']} is wrong")
