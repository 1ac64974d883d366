"""Which time a report is about, from what was written on the command line or in a request.

The clock is an argument. Tests: tests/cli/test_report_period.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aqi.means.calendar import Level, end, label, span_of, start
from hj212d.cli.refusal import Refusal
from hj212d.cli.times import BEIJING

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = {
    "tenday": "ten days (旬)",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "day": "day",
}


def asked_period(
    kind: Level,
    period: str | None,
    begun: datetime | None,
    over: datetime | None,
    now: datetime,
) -> tuple[datetime, datetime]:
    """Start and end as naive UTC, the end not included.

    ``period``: as `span_of` reads it; else ``begun`` and ``over``; without either the last period
    of that kind that is over. Refusal with one sentence when that is no such period.
    """
    if period is not None:
        if begun or over:
            raise Refusal("--period says the time already: leave --from and --to out")
        try:
            found = span_of(period)
        except ValueError as problem:
            raise Refusal(f"--period: {problem}") from problem
    elif begun or over:
        if not (begun and over):
            raise Refusal("--from and --to belong together")
        found = _us(begun), _us(over)
    else:
        found = _last(kind, now)
    _check(kind, found)
    return _naive(found[0]), _naive(found[1])


def file_label(kind: Level, begun: datetime, over: datetime) -> str:
    """A period of naive UTC moments as a part of a file's name: 2026-10, 2026-10-01_24."""
    moments = [_us(one.replace(tzinfo=UTC)) for one in (begun, over)]
    return label(kind, *moments).replace(" ", "_").removesuffix(":00").replace("..", "_")


def _last(kind: Level, now: datetime) -> tuple[int, int]:
    if kind == "span":
        raise Refusal("a span needs --period, or --from and --to")
    current = start(kind, _us(now))
    return start(kind, current - 1), current


def _check(kind: Level, found: tuple[int, int]) -> None:
    begun, over = found
    if begun >= over:
        raise Refusal("--from must be before --to")
    grid: Level = "hour" if kind == "hour" else "day"
    if start(grid, begun) != begun or start(grid, over) != over:
        whole = "hours" if kind == "hour" else "Beijing days"
        raise Refusal(f"a report of this kind covers whole {whole}: begin and end at one")
    if kind in _NAMES and (start(kind, begun) != begun or end(kind, begun) != over):
        raise Refusal(
            f"{_shown(begun)} to {_shown(over)} is not one {_NAMES[kind]}: "
            "ask for it, or for a span"
        )


def _shown(moment: int) -> str:
    local = (_EPOCH + timedelta(microseconds=moment)).astimezone(BEIJING)
    return f"{local:%Y-%m-%d %H:%M}"


def _us(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def _naive(moment: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=moment)).replace(tzinfo=None)
