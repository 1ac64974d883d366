"""The national limits of a site by its medium, as `aqi.judging.Limit`.

Which table, target class or zone applies is said by the site; nothing is guessed. Tests:
tests/aqi/test_media_limits.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from aqi import dust
from aqi.flue import limits as flue
from aqi.judging import Limit
from aqi.noise import limits as noise
from aqi.water import classes, table

PERIODS = ("hour", "day", "month")
PH_DECIMALS = 2  # as it is measured: 9.4 is not 9


class WasteTable(msgspec.Struct, frozen=True):
    """Limits of a discharge standard, daily means in mg/L."""

    table: str
    standard: str
    clause: str
    limits: dict[str, float | list[float]]
    confidence: str
    note: str = ""


class _WasteFile(msgspec.Struct, frozen=True):
    tables: tuple[WasteTable, ...]


def of_flue(name: str) -> tuple[Limit, ...]:
    """Hourly means at the reference oxygen (GB 13271-2014, GB 13223-2011; each
    table says how sure it is); () without a table of
    this name."""
    found = flue.tables().get(name)
    if found is None:
        return ()
    return tuple(
        Limit(
            item=item,
            period="hour",
            stat="zs",
            high=limit,
            unit="mg/m3",
            source=" ".join((found.standard or found.table, found.clause)).strip(),
            confidence=found.confidence,
        )
        for item, limit in found.limits.items()
    )


def of_waste_water(name: str) -> tuple[Limit, ...]:
    """Daily means (GB 18918-2002, table 1; background knowledge); () without a table of this
    name."""
    found = waste_tables().get(name)
    if found is None:
        return ()
    return tuple(
        Limit(
            item=item,
            period="day",
            op="between" if isinstance(limit, list) else "le",
            low=limit[0] if isinstance(limit, list) else None,
            high=limit[1] if isinstance(limit, list) else limit,
            unit="" if item == "pH" else "mg/L",
            decimals=PH_DECIMALS if item == "pH" else None,
            source=f"{found.standard} {found.clause}",
            confidence=found.confidence,
        )
        for item, limit in found.limits.items()
    )


def of_water(target: str, body: table.Body = "river") -> tuple[Limit, ...]:
    """The limits of a target class for means of any period (GB 3838-2002, table 1; each item
    says how sure it is); () when the
    class is none of "I" to "V". Items that are not rated have none."""
    if target not in classes.NAMES[1:6]:
        return ()
    place = classes.NAMES.index(target) - 1
    found = []
    for name, item in table.items().items():
        limits = item.limits(body)
        if not item.rated or (not limits and item.direction != "range"):
            continue
        bounds: dict[str, Any] = {"op": "le", "high": limits[place]} if limits else {}
        if item.direction == "ge":
            bounds = {"op": "ge", "low": limits[place]}
        elif item.direction == "range":
            bounds = {"op": "between", "low": item.low, "high": item.high}
        found += [
            Limit(
                item=name,
                period=period,
                unit=item.unit,
                decimals=item.decimals,
                source=f"GB 3838-2002 {target}",
                confidence=item.confidence,
                **bounds,
            )
            for period in PERIODS
        ]
    return tuple(found)


def of_noise(zone: str, name: str = "GB3096-2008") -> tuple[Limit, ...]:
    """Ld and Ln of a day, and Leq of an hour by day ("leq day") and by night ("leq night"); ()
    without such a zone. An hour is judged by the limit of its part of the day (GB 3096-2008, 5.1;
    GB 12348-2008, 4.1; each table says how sure it is)."""
    found = noise.tables().get(name)
    limits = found and found.zone(zone)
    if not found or not limits:
        return ()
    wanted = (
        ("day", "ld", limits.day),
        ("day", "ln", limits.night),
        ("hour", "leq day", limits.day),
        ("hour", "leq night", limits.night),
    )
    return tuple(
        Limit(
            item="LA",
            period=period,
            stat=stat,
            high=high,
            unit="dB",
            since=found.since,
            until=found.until,
            source=found.standard,
            confidence=found.confidence,
        )
        for period, stat, high in wanted
    )


def of_building_site(day: date) -> tuple[Limit, ...]:
    """Noise at the fence of a building site (GB 12523; background knowledge)."""
    name = noise.construction(day).standard.replace(" ", "")
    return of_noise("", name)


def of_dust(rule: dust.DustRule, kind: str = "") -> tuple[Limit, ...]:
    """The limit of single values; how often a day it may be exceeded is `aqi.dust.counts`'s."""
    period = "hour" if rule.average_minutes == 60 else f"{rule.average_minutes} min"
    return tuple(
        Limit(
            item=rule.item,
            period=period,
            stat="difference" if rule.difference else "mean",
            high=each.limit,
            unit=rule.unit,
            decimals=rule.decimals,
            source=rule.standard,
            confidence=rule.confidence,
        )
        for each in rule.chosen(kind)
    )


def of_site(medium: str, site: Mapping[str, Any], day: date) -> tuple[Limit, ...]:
    """All national limits of a site. ``site``: "table" (flue, waste water, noise), "target" and
    "body" (water), "zone" (noise), "kind" and "region" (dust); what is missing has no limits."""
    name = str(site.get("table", ""))
    if medium == "flue":
        return of_flue(name)
    if medium == "wastewater":
        return of_waste_water(name)
    if medium == "water":
        return of_water(
            str(site.get("target", "")), "lake" if site.get("body") == "lake" else "river"
        )
    if medium == "noise":
        return of_noise(str(site.get("zone", "")), name or "GB3096-2008")
    if medium == "dust":
        rule = dust.rules().get(name) or dust.rule_of(str(site.get("region", "")))
        return of_dust(rule, str(site.get("kind", ""))) + of_building_site(day)
    return ()


@cache
def waste_tables() -> dict[str, WasteTable]:
    """All tables of waste water by name."""
    found = resources.files("aqi").joinpath("data", "waste_water.json")
    decoded = msgspec.json.decode(found.read_bytes(), type=_WasteFile)
    return {each.table: each for each in decoded.tables}
