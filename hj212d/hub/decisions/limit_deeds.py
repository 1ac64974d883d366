"""Limits of single outlets and sites: added, removed, listed.

Tests: tests/hub/decisions/test_deeds.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, get_args

from msgspec import Meta

from aqi.units import UnitRefused, unit_named
from hj212d.hub.decisions.deeds import (
    Answer,
    Deed,
    Fields,
    Terms,
    Unknown,
    one_of,
    only,
    row,
    shown,
    text,
)
from hj212d.hub.decisions.review_deeds import factor_of
from hj212d.hub.decisions.site_changes import day
from hj212d.hub.device_changes import mn_of
from store.registry.decisions import LimitOp, LimitRecord
from store.registry.open import Registry

PERIODS = ("realtime", "minute", "hour", "day", "month", "quarter", "year")
FIELDS = (
    "mn",
    "factor",
    "period",
    "stat",
    "op",
    "low",
    "high",
    "unit",
    "since",
    "until",
    "source",
    "decimals",
)
MOST_DECIMALS = 9


class LimitAdd(Deed, tag="limit_add", kw_only=True):
    """Add limits, all or none; one that stands already is not kept twice."""

    limits: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=100_000)]

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "limits": as they are kept; "added": how many are new."""
        wanted = limits_of(self.limits)
        before = {limit.id for limit in registry.limits.list()}
        kept = registry.limits.add_all(wanted, self.who)
        added = len({limit.id for limit in kept} - before)
        return {"limits": [row(limit) for limit in kept], "added": added}


class LimitRemove(Deed, tag="limit_remove", kw_only=True):
    """Forget limits, all or none."""

    ids: Annotated[list[int], Meta(min_length=1)]

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "removed": how many."""
        with registry.together():
            try:
                for number in self.ids:
                    registry.limits.remove(number, self.who)
            except KeyError as missing:
                raise Unknown(str(missing.args[0])) from None
        return {"removed": len(self.ids)}


class Limits(Deed, tag="limits", kw_only=True):
    """Limits of an MN, of a factor or all."""

    mn: str | None = None
    factor: str | None = None

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "limits" in order of MN and factor."""
        factor = None if self.factor is None else factor_of(self.factor)
        return {"limits": [row(limit) for limit in registry.limits.list(self.mn, factor)]}


DEEDS: tuple[type[Deed], ...] = (LimitAdd, LimitRemove, Limits)


def limits_of(wanted: Sequence[Fields]) -> list[LimitRecord]:
    """Limits of fields as people write them; ValueError names the first that is wrong."""
    limits = []
    for number, fields in enumerate(wanted, 1):
        try:
            limits.append(limit_of(fields))
        except ValueError as problem:
            where = f"number {number}: " if len(wanted) > 1 else ""
            raise ValueError(f"{where}{problem}") from problem
    return limits


def limit_of(fields: Fields) -> LimitRecord:
    """One limit; ValueError, one sentence that names field and value."""
    only(fields, FIELDS, "a limit")
    op = one_of("op", fields.get("op") or "le", get_args(LimitOp))
    low, high = _number("low", fields.get("low")), _number("high", fields.get("high"))
    if op in ("ge", "between") and low is None:
        raise ValueError(f"low is missing: {op} needs it")
    if op in ("le", "between") and high is None:
        raise ValueError(f"high is missing: {op} needs it")
    if op == "between" and low is not None and high is not None and low > high:
        raise ValueError(f"low = {low:g}: is more than high, {high:g}")
    since, until = day("since", fields.get("since")), day("until", fields.get("until"))
    if since and until and since >= until:
        raise ValueError(f"until = {until}: a limit ends after it begins, on {since}")
    factor = factor_of(fields.get("factor") or "")
    if not factor:
        raise ValueError("factor is missing")
    return LimitRecord(
        mn=mn_of(fields.get("mn")),
        factor=factor,
        period=one_of("period", fields.get("period") or "hour", PERIODS),
        stat=text("stat", fields.get("stat") or "mean", 40),
        op=op,  # type: ignore[arg-type]
        low=low,
        high=high,
        unit=_unit(fields.get("unit")),
        since=since,
        until=until,
        source=text("source", fields.get("source") or ""),
        decimals=_decimals(fields),
    )


def _decimals(fields: Fields) -> int | None:
    """Decimals that are said, or that the numbers are written with beyond their own (1.0); None:
    their own. A number of JSON does not tell 1.0 from 1, so there they are to be said."""
    own = written = 0
    for name in ("low", "high"):
        number = fields.get(name)
        if number is None or number == "":
            continue
        exact = Decimal(str(number).strip())
        own = max(own, _places(exact.normalize()))
        written = max(written, _places(exact) if isinstance(number, str) else 0)
    said = _number("decimals", fields.get("decimals"))
    most = written if said is None else said
    if most not in range(own, MOST_DECIMALS + 1):
        raise ValueError(f"decimals = {most:g}: expected {own} to {MOST_DECIMALS}")
    return int(most) if most > own else None


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _number(name: str, wanted: Any) -> float | None:
    if wanted is None or wanted == "":
        return None
    try:
        number = float(wanted)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name} = {shown(wanted)}: expected a number")
    return number


def _unit(wanted: Any) -> str:
    if not wanted:
        raise ValueError("unit is missing: a limit without one limits nothing")
    try:
        return unit_named(str(wanted))
    except UnitRefused as problem:
        raise ValueError(f"unit = {shown(wanted)}: {problem}") from None
