"""Rows in pieces to a file: the same rows come back, moments in Beijing time."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from admin import exports
from admin.exports import export_file

START = datetime(2026, 9, 30, 16, 0, 0, 123000)


def piece(first: int) -> pa.Table:
    """Three rows."""
    return pa.table(
        {
            "mn": ["A", "=B", None],
            "data_time": pa.array([START] * 3, pa.timestamp("us")),
            "rtd": [first + 0.5, None, -2.0],
        }
    )


def made(tmp_path: Path, form: str, **options: bool) -> Path:
    """A file of two pieces."""
    path = tmp_path / f"x.{form}"
    with export_file(path, form, **options) as sink:
        sink.write(piece(1))
        sink.write(piece(2))
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    return path


def test_csv(tmp_path: Path) -> None:
    """Chinese heads, one time, negative numbers as they are, no formulas."""
    path = made(tmp_path, "csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    assert rows[0] == ["站点编码", "数据时间", "实时值"]
    assert rows[1] == ["A", "2026-10-01 00:00:00", "1.5"]
    assert rows[2] == ["'=B", "2026-10-01 00:00:00", ""]
    assert rows[3][2] == "-2"
    assert len(rows) == 7
    assert made(tmp_path, "csv", bom=False).read_bytes().startswith("站".encode())


def test_parquet(tmp_path: Path) -> None:
    """The very numbers, with the zone."""
    found = pq.read_table(made(tmp_path, "parquet"))
    assert found["rtd"].to_pylist() == [1.5, None, -2.0, 2.5, None, -2.0]
    assert found["data_time"][0].as_py().isoformat() == "2026-10-01T00:00:00.123000+08:00"


def test_excel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers, moments, texts; a further sheet where one is full."""
    monkeypatch.setattr(exports, "SHEET_ROWS", 4)
    book = openpyxl.load_workbook(made(tmp_path, "xlsx"))
    assert book.sheetnames == ["数据1", "数据2"]
    first, second = book.worksheets
    assert (first.max_row, second.max_row) == (5, 3)
    assert first["B2"].value == datetime(2026, 10, 1, 0, 0, 0, 123000)
    assert (first["C2"].value, first["A3"].value, first["A3"].data_type) == (1.5, "=B", "s")
    assert second["A1"].value == "站点编码"


@pytest.mark.parametrize("form", exports.FORMS)
def test_no_rows(tmp_path: Path, form: str) -> None:
    """A file all the same."""
    path = tmp_path / "x"
    with export_file(path, form):
        pass
    assert path.exists()


def test_a_fault_leaves_nothing(tmp_path: Path) -> None:
    """Half a file is none."""

    def fail() -> None:
        with export_file(tmp_path / "x.csv", "csv") as sink:
            sink.write(piece(1))
            raise ValueError("the store is away")

    with pytest.raises(ValueError, match="store is away"):
        fail()
    assert list(tmp_path.iterdir()) == []
