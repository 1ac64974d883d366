"""A source for the pages that holds plain lists."""

from __future__ import annotations

from typing import Any

from admin.source import Listing, NotAvailable, Page, Row

STATUS: Row = {
    "version": "0.1.0",
    "codec": "python",
    "started_at": "2026-01-01T00:00:00Z",
    "links": 2,
    "frames_total": 1234567,
    "acked_total": 1234000,
    "rejected": {"crc_wrong": 3},
    "repairs": {"crc_short": 2},
    "stations": {"known": 2, "online": 1, "offline": 1, "unregistered": 1},
    "journal": {"state": "ok", "bytes": 5_000_000},
    "store": {"state": "ok", "error": "", "rows_total": 99, "lag_seconds": 0.5},
    "workers": [{"slot": 0, "pid": 7, "connected": True, "links": 2}],
}
STATION: Row = {
    "mn": "A",
    "name": "东门",
    "registered": True,
    "state": "online",
    "last_seen": "2026-01-01T00:00:00Z",
    "last_data_time": "2026-01-01T00:00:00Z",
    "version": "2017",
    "st": "32",
    "links": 1,
    "peer": "10.0.0.1:5",
    "frames": 10,
    "bad": 1,
    "duplicates": 0,
    "reasons": {"crc_wrong": 1},
    "repairs": {},
}
READING: Row = {
    "factor": "w01018",
    "name_zh": "化学需氧量",
    "name_en": "COD",
    "unit": "mg/L",
    "value": 12.5,
    "column": "rtd",
    "flag": "N",
    "extra": "",
    "period": "realtime",
    "data_time": "2026-01-01T00:00:00Z",
    "received_at": "2026-01-01T00:00:01Z",
}
BAD_FRAME: Row = {
    "received_at": "2026-01-01T00:00:00Z",
    "mn": "A",
    "cn": "2011",
    "reason": "crc_wrong",
    "link": 1,
    "raw": b"##0010PW=123456;\xff",
}


class FakeSource:
    """What it shows can be changed by the test."""

    def __init__(self) -> None:
        self.found: Row = dict(STATUS)
        self.rows: list[Row] = [dict(STATION)]
        self.readings: list[Row] = [dict(READING)]
        self.bad_frames: list[Row] = [dict(BAD_FRAME)]
        self.problem = ""
        self.asked: Listing | None = None

    def status(self) -> Row:
        """The status object."""
        return self.found

    def stations(self, listing: Listing) -> Page:
        """All rows on one of three pages; what was asked is kept."""
        self.asked = listing
        return Page(self.rows, listing.number, 3, len(self.rows))

    def station(self, mn: str) -> Row | None:
        """The row with this MN."""
        return next((row for row in self.rows if row["mn"] == mn), None)

    def latest(self, mn: str) -> list[Row]:
        """The same readings for every station that is there."""
        return self.readings if any(row["mn"] == mn for row in self.rows) else []

    def quarantine(self, mn: str | None, limit: int) -> list[Row]:
        """Bad frames, or the problem."""
        if self.problem:
            raise NotAvailable(self.problem)
        return [row for row in self.bad_frames if mn in (None, row["mn"])][:limit]

    def help_lines(self) -> dict[str, dict[str, str]]:
        """One of each."""
        return {"reason": {"crc_wrong": "the CRC does not fit"}, "repair": {"crc_short": "zeros"}}


def with_mn(mn: str, **more: Any) -> Row:
    """A station like the usual one."""
    return {**STATION, "mn": mn, **more}
