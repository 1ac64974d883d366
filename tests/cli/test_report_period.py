"""Which time a report is about: as written, or the last period that is over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aqi.means.calendar import Level
from hj212d.cli.refusal import Refusal
from hj212d.cli.report_period import asked_period, file_label
from hj212d.cli.times import parse_time

NOW = datetime(2026, 11, 10, 1, 30, tzinfo=UTC)  # 9:30 in Beijing, a Tuesday


def asked(
    kind: Level, period: str | None = None, begun: str | None = None, over: str | None = None
) -> tuple[str, str]:
    """Start and end as written in UTC."""
    times = [None if text is None else parse_time(text, NOW) for text in (begun, over)]
    found = asked_period(kind, period, times[0], times[1], NOW)
    return f"{found[0]:%m-%d %H}", f"{found[1]:%m-%d %H}"


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("hour", ("11-10 00", "11-10 01")),
        ("day", ("11-08 16", "11-09 16")),
        ("tenday", ("10-20 16", "10-31 16")),
        ("week", ("11-01 16", "11-08 16")),
        ("month", ("09-30 16", "10-31 16")),
        ("quarter", ("06-30 16", "09-30 16")),
        ("year", ("12-31 16", "12-31 16")),
    ],
)
def test_the_last_one_that_is_over(kind: Level, found: tuple[str, str]) -> None:
    """Without a time: by Beijing's calendar."""
    assert asked(kind) == found


def test_as_written() -> None:
    """A period by name, or from and to."""
    assert asked("month", "2026-10") == ("09-30 16", "10-31 16")
    assert asked("span", "2026-10-10..22") == ("10-09 16", "10-22 16")
    assert asked("day", None, "2026-10-01", "2026-10-02") == ("09-30 16", "10-01 16")
    assert asked("hour", None, "2026-10-01T05:00", "2026-10-01T07:00") == ("09-30 21", "09-30 23")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("month", "2026-09..2026-10"), "is not one month"),
        (("day", "2026-10"), "is not one day"),
        (("month", "2026-13"), "--period: "),
        (("month", "2026-10", "today", "now"), "leave --from and --to out"),
        (("span",), "a span needs --period"),
        (("span", None, "2026-10-01"), "belong together"),
        (("span", None, "2026-10-02", "2026-10-01"), "must be before"),
        (("span", None, "2026-10-01T05:00", "2026-10-03"), "whole Beijing days"),
        (("hour", None, "2026-10-01T05:30", "2026-10-01T07:00"), "whole hours"),
    ],
)
def test_what_is_no_period(given: tuple[Level, ...], said: str) -> None:
    """One sentence says what is wrong."""
    with pytest.raises(Refusal, match=said):
        asked(*given)


@pytest.mark.parametrize(
    ("kind", "over", "named"),
    [
        ("hour", datetime(2026, 9, 30, 17), "2026-10-01_01"),
        ("day", datetime(2026, 10, 1, 16), "2026-10-01"),
        ("month", datetime(2026, 10, 31, 16), "2026-10"),
        ("span", datetime(2026, 10, 22, 16), "2026-10-01_2026-10-22"),
    ],
)
def test_names_of_files(kind: Level, over: datetime, named: str) -> None:
    """By Beijing's calendar, without characters that a file system minds."""
    assert file_label(kind, datetime(2026, 9, 30, 16), over) == named
