"""The status for people, from the least that the contract promises to the worst that can be."""

from __future__ import annotations

from typing import Any

import pytest

from hj212d.cli.status_text import print_status

LEAST: dict[str, Any] = {
    "links": 0,
    "links_identified": 0,
    "accepted_total": 0,
    "frames_total": 0,
    "acked_total": 0,
    "rejected": {},
    "journal": {},
    "store": {"url": "duckdb:///x", "rows_total": None, "lag_seconds": None},
    "forward": [],
    "workers": [],
    "codec": "python",
}


def test_the_least(capsys: pytest.CaptureFixture[str]) -> None:
    """Contract keys alone are enough."""
    print_status(LEAST)
    out = capsys.readouterr().out
    assert "links" in out
    assert "duckdb:///x" in out


def test_the_worst(capsys: pytest.CaptureFixture[str]) -> None:
    """What an operator must not miss is there in words."""
    print_status(
        {
            **LEAST,
            "links": 1234567,
            "rejected": {"crc_wrong": 5, "junk": 0},
            "conflicts": {"MN1": 2},
            "journal": {"state": "full", "sync": "none", "bytes": 2048, "disk_free_bytes": 0},
            "store": {
                "url": "u", "state": "unavailable", "error": "locked",
                "rows_total": 7, "lag_seconds": 3600.0,
            },
            "workers": [
                {"slot": 0, "connected": True, "journal_state": "full", "links": 1},
                {"slot": 1, "connected": False, "rss_bytes": 1048576, "cpu_s": 1.25},
            ],
        }
    )  # fmt: skip
    out = capsys.readouterr().out
    for text in (
        "1,234,567", "crc_wrong 5", "MN1 2", "acknowledged frames may be lost in a power cut",
        "2.0 KiB", "unavailable", "locked", "7 rows", "3600.0 s behind", "journal full", "gone",
        "1.0 MiB",
    ):  # fmt: skip
        assert text in out, text
    assert "junk" not in out
