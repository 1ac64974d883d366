"""One line an event."""

from __future__ import annotations

from typing import Any

import click

from hj212d.cli.tail_text import event_line

GOOD: dict[str, Any] = {
    "time": "2026-05-01T00:00:01.250Z",
    "mn": "AIR_1",
    "cn": "2011",
    "version": "2017",
    "reason": "ok",
    "repairs": ["crc_lower_case"],
    "factors": {
        "a34004": {"Rtd": "35", "Flag": "N"},
        "a21026": {"Min": "1", "Avg": "2", "Flag": "D"},
    },
    "raw": "##0000",
}


def line(**changes: Any) -> str:
    """The line without its colours."""
    return click.unstyle(event_line({**GOOD, **changes}))


def test_a_good_frame() -> None:
    """Time in Beijing, MN, command, the value of each factor with its mark, repairs."""
    assert line() == (
        "2026-05-01 08:00:01.250  AIR_1  2011 Upload real-time data 上传污染物实时数据  "
        "a34004=35  a21026=2[D]  crc_lower_case"
    )


def test_an_unknown_command_without_factors() -> None:
    """What is not known is left out."""
    assert line(cn="9021", factors={}, repairs=[]) == "2026-05-01 08:00:01.250  AIR_1  9021"


def test_a_bad_frame() -> None:
    """The reason, its help, the bytes cut short, nothing that a terminal would obey."""
    shown = line(reason="crc_wrong", mn="", raw="\x1b[2J" + "x" * 500)
    assert "  -  crc_wrong (the CRC does not fit the data segment)  \\x1b[2Jxxx" in shown
    assert shown.endswith("…")
    assert len(shown) < 300


def test_what_was_missed() -> None:
    """A slow terminal is told."""
    missed = click.unstyle(event_line({"dropped": 5, "skipped_bytes": 0}))
    assert missed == "not shown, too many at once: dropped 5"
