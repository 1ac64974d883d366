"""Rows of a CSV file with a header: UTF-8 or what Chinese spreadsheets write, with , ; or tab.

What the cells mean is for who asks. Tests: tests/cli/test_csv_rows.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from hj212d.cli.refusal import NO, Refusal
from hj212d.config.nearest import did_you_mean

MOST_SHOWN = 20

Row = dict[str, str]


def read_rows(
    path: Path,
    columns: Sequence[str],
    needed: Sequence[str],
    what: str,
    problem: Callable[[Row], str] = lambda _: "",
) -> list[Row]:
    """The cells that are not empty, by column, of each line that has any.

    ``what``: "a site"; ``problem``: what is wrong with a row, "" for nothing. Refusal names all
    that is wrong, with its line.
    """
    text = text_of(path)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter(text))
    header = [name.strip().lower() for name in next(rows, [])]
    for name in header:
        if name not in columns:
            raise Refusal(
                f"{path} line 1: {what} has no field {name}{did_you_mean(name, columns)}", NO
            )
    if not set(needed) <= set(header) or len(set(header)) < len(header):
        raise Refusal(
            f"{path} line 1: the header needs {', '.join(needed)}, and each field once", NO
        )
    found: list[Row] = []
    faults: list[str] = []
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            faults.append(f"line {rows.line_num}: {len(cells) - len(header)} cells too many")
        row = {
            name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()
        }
        fault = problem(row)
        if fault:
            faults.append(f"line {rows.line_num}: {fault}")
        found.append(row)
    refuse(path, faults)
    return found


def refuse(path: Path, faults: Sequence[str]) -> None:
    """Refusal when there are any, the first of them in its sentence."""
    if faults:
        more = len(faults) - MOST_SHOWN
        shown = "; ".join(faults[:MOST_SHOWN]) + (f"; and {more} more" if more > 0 else "")
        raise Refusal(f"{path}: nothing is imported: {shown}", NO)


def text_of(path: Path) -> str:
    """The file's text: UTF-8, or what Chinese spreadsheets write."""
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise Refusal(f"{path}: {problem.strerror}") from problem
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal(f"{path} is neither UTF-8 nor GB 18030", NO)


def delimiter(text: str) -> str:
    """What parts the cells of its header."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)
