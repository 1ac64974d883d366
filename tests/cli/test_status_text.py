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


def test_alerts(capsys: pytest.CaptureFixture[str]) -> None:
    """What goes on, what waits to be told, and what keeps alerts from working."""
    found: dict[str, Any] = {
        "on": True,
        "error": "",
        "incidents": {"open": 3, "acknowledged": 1},
        "outbox": {"waiting": 2, "handed": 40},
        "lag_seconds": 0.2,
        "unusable_rules": {},
        "faults_total": 0,
        "dropped_signals_total": 0,
    }
    print_status({**LEAST, "alerts": found})
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "alerts" in line]
    assert "open 3" in line
    assert "waiting 2" in line
    assert "handed" not in line
    worse = {
        "error": "the registry is away",
        "lag_seconds": 75.0,
        "unusable_rules": {"odd": "params of offline: ..."},
        "faults_total": 1,
    }
    print_status({**LEAST, "alerts": {**found, **worse}})
    out = capsys.readouterr().out
    for words in ("75 s behind", "odd", "1 faults of our own", "the registry is away"):
        assert words in out
    print_status({**LEAST, "alerts": {"on": False}})
    assert "off" in capsys.readouterr().out
