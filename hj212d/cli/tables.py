"""Tables that read well: framed and coloured on a terminal, plain aligned text elsewhere.

Whatever comes from the field is made harmless first: a terminal obeys control characters.
Tests: tests/cli/test_tables.py.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Iterator, Sequence

STYLES = {
    "ok": "green",
    "online": "green",
    "warn": "yellow",
    "fail": "bold red",
    "offline": "red",
}


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Iterable[str] = (),
    short: Iterable[str] = (),
) -> None:
    """Print rows under their columns.

    ``right``: columns of numbers, aligned right; ``short``: columns that are cut rather than
    folded where the terminal is narrow.
    """
    texts = [[harmless(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _print_framed(columns, texts, set(right), set(short))
    else:
        numbers = {n for n, column in enumerate(columns) if column in set(right)}
        for line in aligned([columns, *texts], numbers):
            print(line)


def harmless(cell: object) -> str:
    """The cell as text without control characters; "" for None."""
    if cell is None:
        return ""
    text = str(cell)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _spelled(c) for c in text)


def _spelled(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def raw_text(raw: bytes) -> str:
    """Bytes of a frame on one line: UTF-8 where it is, ``\\x..`` for all that is not text."""
    return harmless(raw.decode("utf-8", "backslashreplace"))


def _print_framed(
    columns: Sequence[str], rows: list[list[str]], right: set[str], short: set[str]
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in right else "left",
            overflow="ellipsis" if column in short else "fold",
            # What is folded in the middle of a name or a time is hard to read.
            no_wrap=column in short or column != columns[-1],
        )
    for row in rows:
        table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    Console().print(table)


def aligned(rows: Iterable[Sequence[str]], right: Container[int] = ()) -> Iterator[str]:
    """Rows as lines with aligned columns; ``right``: numbers of those aligned right."""
    from rich.cells import cell_len

    lines = list(rows)
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = []
        for number, (cell, width) in enumerate(zip(line, widths, strict=True)):
            blanks = " " * (width - cell_len(cell))
            padded.append(blanks + cell if number in right else cell + blanks)
        yield "  ".join(padded).rstrip()
