"""Many rows as a file: CSV, Parquet or Excel, written piece by piece, so that memory stays small.

Times become Beijing time; CSV and Excel have Chinese headers, Parquet the names of the columns.
Tests: tests/admin/test_exports.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

FORMS = ("csv", "parquet", "xlsx")
SHEET_ROWS = 1_048_575  # of Excel, without the head

HEADS = {
    "mn": "站点编码",
    "name": "站点",
    "factor": "因子编码",
    "factor_name": "因子",
    "data_time": "数据时间",
    "received_at": "接收时间",
    "start": "开始",
    "end": "结束",
    "period": "数据类型",
    "stat": "统计量",
    "rtd": "实时值",
    "avg": "平均值",
    "data": "数据",
    "min": "最小值",
    "max": "最大值",
    "cou": "累计值",
    "flag": "标记",
    "value": "数值",
    "n": "有效数",
    "need": "应有数",
    "mark": "无效原因",
    "source": "来源",
    "reported": "仪器上报值",
    "computed": "平台计算值",
    "revision": "数据版本",
    "as_of": "数据截止",
}
_ZONE = "Asia/Shanghai"
_FORMULA = r"^[=+\-@\t\r]"


class Sink(Protocol):
    """An open file that takes rows."""

    def write(self, rows: pa.Table) -> None:
        """Some rows more; always with the same columns."""

    def close(self) -> None:
        """Finish the file."""


@contextmanager
def export_file(path: Path, form: str, *, bom: bool = True) -> Iterator[Sink]:
    """A sink for the rows; the file stands there whole or not at all."""
    half = path.with_name(f".{path.name}.part")
    sink: Sink
    try:
        match form:
            case "csv":
                sink = _Csv(half, bom)
            case "parquet":
                sink = _Parquet(half)
            case _:
                sink = _Excel(half)
        try:
            yield sink
        finally:
            sink.close()
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


class _Csv:
    def __init__(self, path: Path, bom: bool) -> None:
        self._file = path.open("wb")
        self._first = True
        if bom:
            self._file.write(b"\xef\xbb\xbf")

    def write(self, rows: pa.Table) -> None:
        rows = _harmless(_as_text_times(rows))
        if self._first:
            heads = ",".join(HEADS.get(name, name) for name in rows.column_names)
            self._file.write(f"{heads}\r\n".encode())
            self._first = False
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
        pyarrow.csv.write_csv(rows, self._file, options)

    def close(self) -> None:
        self._file.close()


class _Parquet:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def write(self, rows: pa.Table) -> None:
        rows = _with_zone(rows)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, rows.schema, compression="zstd")
        self._writer.write_table(rows)

    def close(self) -> None:
        if self._writer is None:
            self._path.write_bytes(b"")
        else:
            self._writer.close()


class _Excel:
    """Without the whole book in memory; a new sheet where one is full."""

    def __init__(self, path: Path) -> None:
        import openpyxl

        self._path = path
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet: Any = None
        self._left = 0

    def write(self, rows: pa.Table) -> None:
        names = rows.column_names
        for row in rows.to_pylist():
            if self._left == 0:
                self._begin(names)
            self._left -= 1
            self._sheet.append([self._cell(row[name]) for name in names])

    def close(self) -> None:
        if self._sheet is None:
            self._begin([])
        self._book.save(self._path)

    def _begin(self, names: list[str]) -> None:
        from openpyxl.utils import get_column_letter

        self._sheet = self._book.create_sheet(f"数据{len(self._book.worksheets) + 1}")
        self._sheet.freeze_panes = "A2"
        for number in range(1, len(names) + 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = 18
        self._sheet.append([HEADS.get(name, name) for name in names])
        self._left = SHEET_ROWS

    def _cell(self, value: Any) -> Any:
        """Moments in Beijing; a text stays a text, whatever it begins with."""
        from openpyxl.cell import WriteOnlyCell

        if isinstance(value, datetime):
            cell = WriteOnlyCell(self._sheet, value + timedelta(hours=8))
            cell.number_format = "yyyy-mm-dd hh:mm:ss"
            return cell
        if isinstance(value, str) and value.startswith("="):
            cell = WriteOnlyCell(self._sheet, value)
            cell.data_type = "s"
            return cell
        return value


def _times(rows: pa.Table) -> list[int]:
    return [n for n, field in enumerate(rows.schema) if pa.types.is_timestamp(field.type)]


def _with_zone(rows: pa.Table) -> pa.Table:
    for number in _times(rows):
        aware = pc.assume_timezone(rows.column(number), "UTC").cast(pa.timestamp("us", _ZONE))
        rows = rows.set_column(number, rows.column_names[number], aware)
    return rows


def _as_text_times(rows: pa.Table) -> pa.Table:
    """Beijing time as spreadsheets read it."""
    rows = _with_zone(rows)
    for number in _times(rows):
        whole = pc.floor_temporal(pc.local_timestamp(rows.column(number)), unit="second")
        text = pc.strftime(whole.cast(pa.timestamp("s")), "%Y-%m-%d %H:%M:%S")
        rows = rows.set_column(number, rows.column_names[number], text)
    return rows


def _harmless(rows: pa.Table) -> pa.Table:
    """No text that a spreadsheet would take for a formula."""
    for number, field in enumerate(rows.schema):
        if pa.types.is_string(field.type):
            column = rows.column(number)
            odd = pc.fill_null(pc.match_substring_regex(column, _FORMULA), False)
            if pc.any(odd).as_py():
                spelled = pc.binary_join_element_wise("'", column, "")
                rows = rows.set_column(number, field.name, pc.if_else(odd, spelled, column))
    return rows
