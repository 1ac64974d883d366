"""Choosing what a page shows: search, filter and one screenful of a long list.

Pure functions over the source's rows. Tests: tests/admin/test_pages.py.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from admin.source import Row

T = TypeVar("T")

PAGE_ROWS = 100
STATES = ("online", "offline", "unregistered")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One screenful: its rows, its number from 1, how many pages and rows there are in all."""

    rows: list[T]
    number: int
    pages: int
    total: int


def chosen(stations: list[Row], text: str, state: str) -> list[Row]:
    """Stations whose MN or name contains ``text`` and that are in ``state``; "" means any."""
    needle = text.casefold()
    return [
        row
        for row in stations
        if (not needle or needle in row["mn"].casefold() or needle in row["name"].casefold())
        and (not state or _is(row, state))
    ]


def page(rows: list[T], number: int, size: int = PAGE_ROWS) -> Page[T]:
    """Page ``number`` of ``rows``; a number outside is brought to the nearest page."""
    pages = max(1, -(-len(rows) // size))
    number = min(max(number, 1), pages)
    return Page(rows[(number - 1) * size : number * size], number, pages, len(rows))


def _is(row: Row, state: str) -> bool:
    if state == "unregistered":
        return not row["registered"]
    return bool(row["state"] == state)
