"""What is due when: to the second, over a whole year, and on machines with summer time."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from alerts.schedules.due import (
    BEIJING,
    MISSING,
    RANKING,
    Run,
    ranking_due,
    reviews_due,
    summaries_due,
)
from alerts.schedules.settings import SchedulesSettings, problem

SETTINGS = SchedulesSettings()


def beijing(text: str) -> datetime:
    """A Beijing time, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


@pytest.mark.parametrize(
    ("clock", "schedule"),
    [
        ("00:00:00", ""),
        ("08:29:00", ""),
        ("08:29:59.999999", ""),
        ("08:30:00.000000", RANKING),
        ("08:31:00", RANKING),
        ("11:59:59.999999", RANKING),
        ("12:00:00", MISSING),
        ("12:59:59", MISSING),
        ("13:00:00", ""),
        ("23:59:59", ""),
    ],
)
def test_ranking(clock: str, schedule: str) -> None:
    """From 8:30 on until it is late; then only that it is missing, for an hour."""
    found = ranking_due(beijing(f"2026-11-21T{clock}"), SETTINGS)
    assert (found.schedule if found else "") == schedule
    if found is not None:
        assert found.period == "2026-11-20"
        assert (found.start, found.end) == (beijing("2026-11-20"), beijing("2026-11-21"))
        assert found.about == f"{schedule}:2026-11-20"


def names(now: datetime) -> set[str]:
    """Schedules and periods of the summaries that are due; "!" behind those that wait no more."""
    return {
        f"{one.schedule[8:]} {one.period}{'!' if one.late else ''}"
        for one in summaries_due(now, SETTINGS)
    }


def test_summaries() -> None:
    """Hours at each hour's minute 12, six and twelve hours at theirs, days in the morning."""
    assert names(beijing("2026-11-21T08:11:59")) == set()
    assert names(beijing("2026-11-21T08:12")) == {"hour 2026-11-21T07"}
    assert names(beijing("2026-11-21T08:39:59")) == {"hour 2026-11-21T07"}
    assert names(beijing("2026-11-21T08:40")) == {"hour 2026-11-21T07!", "day 2026-11-20"}
    assert names(beijing("2026-11-21T09:20")) == {"hour 2026-11-21T08", "day 2026-11-20!"}
    assert names(beijing("2026-11-21T12:12")) == {
        *("hour 2026-11-21T11", "6h 2026-11-21T06", "12h 2026-11-21T00")
    }
    assert names(beijing("2026-11-21T11:59:59")) == {"hour 2026-11-21T10!", "day 2026-11-20!"}
    assert names(beijing("2026-11-22T00:12")) == {
        *("hour 2026-11-21T23", "6h 2026-11-21T18", "12h 2026-11-21T12")
    }


def test_reviews() -> None:
    """In the morning."""
    assert reviews_due(beijing("2026-11-21T08:59:59"), SETTINGS) is None
    found = reviews_due(beijing("2026-11-21T09:00"), SETTINGS)
    assert found is not None
    assert (found.schedule, found.period) == ("plans", "2026-11-21")
    assert reviews_due(beijing("2026-11-21T12:00"), SETTINGS) is None


def test_each_period_of_a_year() -> None:
    """2028 with its leap day, looked at each minute that matters: every period, none twice."""
    now, end = beijing("2028-01-01"), beijing("2029-01-01")
    seen: dict[str, Run] = {}
    while now < end:
        due = [ranking_due(now, SETTINGS), reviews_due(now, SETTINGS)]
        for run in (*due, *summaries_due(now, SETTINGS)):
            if run is not None and run.schedule != MISSING:
                assert seen.setdefault(run.about, run)._replace(late=False) == run._replace(
                    late=False
                )
        now += timedelta(minutes=10)
    counts = Counter(run.schedule for run in seen.values())
    assert counts == {
        RANKING: 366,
        "plans": 366,
        "summary:hour": 366 * 24,
        "summary:6h": 366 * 4,
        "summary:12h": 366 * 2,
        "summary:day": 366,
    }
    rankings = [run for run in seen.values() if run.schedule == RANKING]
    assert {"2027-12-31", "2028-02-28", "2028-02-29", "2028-12-30"} <= {
        run.period for run in rankings
    }
    assert all(one.end == other.start for one, other in itertools.pairwise(rankings))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Shanghai"])
def test_the_machine_may_be_in_any_zone(zone: str) -> None:
    """Days on which its clock jumps are days like others."""
    script = """
import time
time.tzset()
from datetime import datetime, timedelta, UTC
from alerts.schedules.due import ranking_due, summaries_due
from alerts.schedules.settings import SchedulesSettings
settings = SchedulesSettings()
found = []
for day in ("2026-03-28", "2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01"):
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for minute in range(24 * 60):
        # As the hub has it: from the machine's clock.
        now = datetime.fromtimestamp(start.timestamp() + 60 * minute, UTC)
        run = ranking_due(now, settings)
        if run is not None and not run.late:
            found.append(run.about + now.strftime(" %H:%M"))
        found += [one.about for one in summaries_due(now, settings)]
import hashlib
print(len(found), hashlib.sha256("\\n".join(found).encode()).hexdigest())
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"TZ": name, "PYTHONPATH": ":".join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
        for name in (zone, "UTC")
    }
    assert len(outputs) == 1
    assert int(outputs.pop().split()[0]) > 1000


def test_settings_that_cannot_be() -> None:
    """Named by their key."""
    assert problem(SETTINGS) == ("", "")
    assert problem(SchedulesSettings(late_until="08:30"))[0] == "late_until"
    assert problem(SchedulesSettings(plan_review_at="13:00"))[0] == "late_until"
    late = SchedulesSettings(summary_minute=40, summary_late_minutes=40)
    assert problem(late)[0] == "summary_late_minutes"
    assert problem(SchedulesSettings(warning_levels={"red": ["x"]}))[0] == "warning_levels"
