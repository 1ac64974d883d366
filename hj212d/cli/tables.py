"""Tables that read well: framed and coloured on a terminal, plain aligned text elsewhere.

Whatever comes from the field is made harmless first: a terminal obeys control characters.
Tests: tests/cli/test_tables.py.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Iterator, Sequence

_GAP = 2
_LEAST_LAST = 16

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
    short: str = "",
) -> None:
    """Print rows under their columns.

    ``right``: columns of numbers, aligned right; ``short``: the last column, when it is to be cut
    rather than folded where the terminal is narrow.
    """
    texts = [[harmless(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _print_framed(columns, texts, set(right), short)
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
    columns: Sequence[str], rows: list[list[str]], right: set[str], short: str
) -> None:
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    widths = [max(map(cell_len, column)) for column in zip(columns, *rows, strict=True)]
    # Only the last column gives way, and never below its least: half a time is no time.
    fixed = sum(widths[:-1]) + _GAP * len(columns)
    least = min(widths[-1], _LEAST_LAST)
    console = Console()
    console.width = max(console.width, fixed + least)
    room = console.width - fixed
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for column, width in zip(columns, [*widths[:-1], min(widths[-1], room)], strict=True):
        table.add_column(
            column,
            width=width,
            justify="right" if column in right else "left",
            overflow="ellipsis" if column == short else "fold",
            no_wrap=column == short,
        )
    for row in rows:
        table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    console.print(table)


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
