"""Spans of whole Beijing days on the command line. Tests: tests/cli/test_quality_commands.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

import click

from hj212d.cli.refusal import Refusal
from hj212d.cli.times import BEIJING, naive_utc, time_option


def span_options(days: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command --span, --days, --months, --from and --to; it gets ``start`` and ``end``,
    naive UTC. Without any of them: the last ``days`` whole days."""

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        @click.option(
            "--span",
            metavar="SPAN",
            help="2026, 2026-Q4, 2026-10, 2026-W41, 2026-10上旬, 2026-10-09, or two joined by ..",
        )
        @click.option("--days", type=click.IntRange(1), help="The last N days, up to yesterday.")
        @click.option("--months", type=click.IntRange(1), help="The last N whole months.")
        @click.option("--from", "start", type=time_option, metavar="TIME", help="Day at or after.")
        @click.option("--to", "end", type=time_option, metavar="TIME", help="Day before.")
        @wraps(function)
        def command(
            *arguments: Any,
            span: str | None,
            days: int | None,
            months: int | None,
            start: datetime | None,
            end: datetime | None,
            **rest: Any,
        ) -> Any:
            said = [span, days, months, start or end]
            if sum(one is not None for one in said) > 1:
                raise Refusal("--span, --days, --months and --from/--to exclude each other")
            bounds = chosen(span, days, months, start, end, usual, datetime.now(UTC))
            return function(*arguments, start=bounds[0], end=bounds[1], **rest)

        return command

    usual = days
    return decorated


def chosen(
    span: str | None,
    days: int | None,
    months: int | None,
    start: datetime | None,
    end: datetime | None,
    usual_days: int,
    now: datetime,
) -> tuple[datetime, datetime]:
    """The bounds, naive UTC; Refusal when they are none. ``now`` is aware."""
    from aqi.means.calendar import span_of
    from hj212d.hub.quality.readings import moment

    midnight = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    if span is not None:
        try:
            begun, over = span_of(span)
        except ValueError as problem:
            raise Refusal(f"--span: {problem}") from problem
        return moment(begun), moment(over)
    if months is not None:
        over_month = midnight.replace(day=1)
        number = over_month.year * 12 + over_month.month - 1 - months
        first = over_month.replace(year=number // 12, month=number % 12 + 1)
        return _utc(first), _utc(over_month)
    if start is None and end is None:
        return _utc(midnight - timedelta(days=days or usual_days)), _utc(midnight)
    if start is None:
        raise Refusal("--to needs --from")
    bounds = _utc(start), _utc(end or now)
    if bounds[0] >= bounds[1]:
        raise Refusal("--from must be before --to")
    return bounds


def _utc(moment: datetime) -> datetime:
    found = naive_utc(moment)
    assert found is not None
    return found
