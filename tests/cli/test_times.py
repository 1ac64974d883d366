"""Times as people write and read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
import pytest

from hj212d.cli.times import (
    BEIJING,
    iso_beijing,
    naive_utc,
    parse_time,
    show_iso,
    show_time,
    show_us,
    time_option,
)

# Already the next day in Beijing.
NOW = datetime(2026, 3, 9, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-31", datetime(2026, 1, 30, 16)),
        ("2026-01-31T08:30", datetime(2026, 1, 31, 0, 30)),
        ("2026-01-31 08:30:15", datetime(2026, 1, 31, 0, 30, 15)),
        ("2026-01-31T08:30Z", datetime(2026, 1, 31, 8, 30)),
        ("2026-01-31t08:30z", datetime(2026, 1, 31, 8, 30)),
        ("2026-01-31T08:30+01:00", datetime(2026, 1, 31, 7, 30)),
        ("20260131083000", datetime(2026, 1, 31, 0, 30)),
        ("20260131T0830", datetime(2026, 1, 31, 0, 30)),
        ("now", datetime(2026, 3, 9, 20, 30)),
        ("today", datetime(2026, 3, 9, 16)),
        ("Yesterday ", datetime(2026, 3, 8, 16)),
        ("-2h", datetime(2026, 3, 9, 18, 30)),
        ("-90s", datetime(2026, 3, 9, 20, 28, 30)),
        ("-15m", datetime(2026, 3, 9, 20, 15)),
        ("-1d", datetime(2026, 3, 8, 20, 30)),
        ("-1w", datetime(2026, 3, 2, 20, 30)),
    ],
)
def test_a_time_is_understood(text: str, utc: datetime) -> None:
    """ISO 8601 with or without zone, the digits of the wire, and words."""
    assert parse_time(text, NOW) == utc.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-13-01",
        "20261301000000",
        "-2",
        "-2x",
        "2h",
        "12:00",
        "0001-01-01",
        "-999999d",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """The sentence shows what may be written."""
    with pytest.raises(ValueError, match="is no time: write 2026-01-31"):
        parse_time(text, NOW)


def test_a_bad_time_on_the_command_line_is_a_usage_error() -> None:
    """The option's type refuses it in words, and takes the machine's clock for -1h."""
    with pytest.raises(click.BadParameter, match="is no time"):
        time_option("never")
    assert abs(time_option("now") - datetime.now(UTC)) < timedelta(minutes=1)
    assert click.types.convert_type(time_option).name == "time"


def test_times_are_shown_in_beijing() -> None:
    """A fraction is shown when there is one; nothing for nothing."""
    assert show_time(datetime(2026, 1, 31, 0, 30)) == "2026-01-31 08:30:00"
    assert show_time(datetime(2026, 1, 31, 8, 30, tzinfo=BEIJING)) == "2026-01-31 08:30:00"
    assert show_time(datetime(2026, 1, 31, 0, 30, 0, 1500)) == "2026-01-31 08:30:00.001"
    assert show_time(None) == show_us(None) == show_iso(None) == ""
    assert show_us(0) == "1970-01-01 08:00:00"
    assert show_iso("2026-01-31T00:30:00Z") == "2026-01-31 08:30:00"
    assert iso_beijing(0) == "1970-01-01T08:00:00+08:00"
    assert iso_beijing(None) is None


def test_the_store_gets_utc_without_a_zone() -> None:
    """And None stays None."""
    assert naive_utc(datetime(2026, 1, 31, 8, tzinfo=BEIJING)) == datetime(2026, 1, 31)
    assert naive_utc(None) is None
