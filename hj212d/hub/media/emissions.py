"""What outlets emit: hours of concentration times flow, lost hours made up for, sums of periods.

Nothing is kept: an answer is made anew from the hours as they stand. Tests:
tests/hub/media/test_emissions.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aqi.flue.capture import capture
from aqi.flue.emission import hourly
from aqi.flue.makeup import MadeUp, Series, make_up
from aqi.flue.state import dry
from aqi.means.calendar import HOUR_US, periods
from aqi.waste_water.filling import fill, gaps
from hj212d.hub.media import flue, waste_water
from hj212d.hub.media.grid import Floats, Grid, cubic_metres, dry_cubic_metres, moment
from hj212d.hub.media.lines import in_unit, unit_of
from hj212d.hub.media.outlet_words import number, switched
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.site import Site

Bools = npt.NDArray[np.bool_]

FILL_RULE = "HJ/T 356-2007 mean"

# Hours before a quarter in which 2,160 valid ones are looked for.
LOOK_BACK_US = 120 * 24 * HOUR_US


class Outlet(msgspec.Struct):
    """A site with its hours, and in which of them it stood still. ``quarters``: the hours are
    those of whole quarters, so that a capture rate can be told."""

    site: Site
    grid: Grid
    stopped: Bools
    quarters: bool = False

    @property
    def flow(self) -> tuple[Floats, str]:
        """m3 of each hour, and of what."""
        if self.site.medium == "wastewater":
            return cubic_metres(self.site, self.grid), "flow"
        return dry_cubic_metres(self.site, self.grid)

    @property
    def pollutants(self) -> list[str]:
        """Factors that have a mass."""
        rest = {*flue.PARAMETERS, *waste_water.AUXILIARY, "pH", "DO", "fecal_coliform"}
        return [code for code, item in self.grid.factors.items() if item not in rest]


def still(site: Site, grid: Grid, flagged: Bools) -> Bools:
    """Hours in which an outlet stood still: the instrument says so (``flagged``: F), nothing
    flows, or flow or oxygen are beyond what the outlet's words ``stop_flow`` (at most, in the
    unit of the flow) and ``stop_o2`` (at least, percent) say."""
    flow = grid.of_item("flow")
    found = flagged | (flow <= (number(site, "stop_flow") or 0.0))
    oxygen = number(site, "stop_o2")
    if oxygen is not None:
        found |= grid.of_item("O2") >= oxygen
    return found


def has_gaps(outlet: Outlet) -> bool:
    """Whether an hour of a pollutant is lost."""
    return any(
        bool(np.any(np.isnan(_rates(outlet, code)) & ~outlet.stopped))
        for code in outlet.pollutants
    )


def rows(
    outlet: Outlet, first_us: int, behind_us: int, by: str, settings: MediaSettings
) -> Iterator[dict[str, Any]]:
    """Rows of EMISSIONS of each pollutant and period from ``first_us`` to before ``behind_us``."""
    site, grid = outlet.site, outlet.grid
    flow, flow_from = outlet.flow
    spans = [(first_us, behind_us)] if by == "span" else periods(_level(by), first_us, behind_us)
    for code in outlet.pollutants:
        rates = _rates(outlet, code)
        percent = _captures(outlet, rates)
        made = _made_up(outlet, code, rates, percent, settings)
        reported = grid.values(code, "total")
        for begin, end in spans:
            places = grid.between(begin, end)
            yield {
                "start": moment(begin),
                "end": moment(end),
                "mn": site.mn,
                "name": site.name,
                "medium": site.medium,
                "factor": code,
                "item": grid.factors[code],
                "flow_m3": _sum(flow[places]),
                "flow_from": flow_from,
                "reported_kg": _sum(reported[places]),
                "capture": _capture(outlet, percent, places),
                **grid.version(places, flue.PARAMETERS, code),
                **_period(rates, made, outlet.stopped, places),
            }


def _rates(outlet: Outlet, code: str) -> Floats:
    """kg of each hour; nan where it is lost."""
    flow, _ = outlet.flow
    return hourly(_concentrations(outlet, code), flow)


def _concentrations(outlet: Outlet, code: str) -> Floats:
    """mg/m3 of each hour, of flue gas dry; nan where the unit is none."""
    site, grid = outlet.site, outlet.grid
    water = site.medium == "wastewater"
    scale = in_unit(1.0, unit_of(site, code), "mg/L" if water else flue.MG, grid.factors[code])
    if scale is None:
        return np.full(grid.size, np.nan)
    values = grid.values(code) * scale
    if water:
        return values * 1000  # mg/L is g/m3
    if switched(site, "wet"):
        return dry(values, grid.of_item("humidity") / 100)
    return values


def _captures(outlet: Outlet, rates: Floats) -> Floats:
    """Capture rate of the quarter of each hour, percent. It begins with the first hour that was
    ever measured, and ends with the last hour of the grid."""
    grid = outlet.grid
    found = np.full(grid.size, 100.0)
    known = np.flatnonzero(np.isfinite(rates) | outlet.stopped)
    begun = int(known[0]) if known.size else 0
    for first, behind in periods("quarter", grid.first_us, grid.behind_us):
        places = grid.between(first, behind)
        base = slice(max(places.start, min(begun, places.stop)), places.stop)
        stopped = outlet.stopped[base]
        invalid = int(np.sum(np.isnan(rates[base]) & ~stopped))
        one = capture(base.stop - base.start, int(stopped.sum()), invalid)
        found[places] = 100.0 if one.percent is None else one.percent
    return found


def _made_up(
    outlet: Outlet, code: str, rates: Floats, percent: Floats, settings: MediaSettings
) -> Series | None:
    """Lost hours with what stands in for them; None: nothing does here."""
    if outlet.site.medium == "wastewater":
        return _filled(outlet, code, rates) if settings.fill != "none" else None
    if settings.make_up == "none":
        return None
    return make_up(
        rates,
        np.isfinite(rates),
        percent,
        stopped=outlet.stopped,
        short_history=settings.make_up_short_history,
        rule=settings.make_up,
    )


def _filled(outlet: Outlet, code: str, rates: Floats) -> Series:
    """Waste water: concentration and flow filled by HJ/T 356-2007, one by one, over the hours in
    which something flows."""
    flow, _ = outlet.flow
    runs = ~outlet.stopped
    both = [
        fill(values[runs], np.isfinite(values[runs]))[0]
        for values in (_concentrations(outlet, code), flow)
    ]
    lost = np.isnan(rates) & runs
    values = rates.copy()
    values[runs] = np.where(lost[runs], hourly(*both), rates[runs])
    made = lost & np.isfinite(values)
    found = [
        MadeUp(first, end, "invalid", float(values[first]), FILL_RULE, end - first, "")
        if made[first]
        else MadeUp(first, end, "invalid", None, FILL_RULE, 0, "history")
        for first, end in gaps(~lost)
    ]
    return Series(rates, values, made, tuple(found))


def _period(rates: Floats, made: Series | None, stopped: Bools, places: slice) -> dict[str, Any]:
    """Sums and counts of a period."""
    standing = stopped[places]
    known = np.isfinite(rates[places]) & ~standing
    filled = np.zeros(known.shape, bool) if made is None else made.made_up[places]
    lost = ~known & ~standing & ~filled
    kg = float(np.sum(rates[places][known]))
    extra = 0.0 if made is None else float(np.sum(made.values[places][filled]))
    touched = (
        []
        if made is None
        else [gap for gap in made.gaps if gap.first < places.stop and gap.end > places.start]
    )
    there = bool(known.any() or filled.any() or standing.any())
    marks = dict.fromkeys(gap.mark for gap in touched if gap.mark)
    mark = ";".join(["short" if there else "none", *marks]) if lost.any() else ""
    return {
        "kg": kg if there else None,
        "made_up_kg": extra,
        "total_kg": kg + extra if there else None,
        "hours": int(known.sum()),
        "made_up": int(filled.sum()),
        "missing": int(lost.sum()),
        "stopped": int(standing.sum()),
        "rule": "; ".join(dict.fromkeys(gap.rule for gap in touched if gap.value is not None)),
        "mark": mark,
    }


def _level(by: str) -> Any:
    return by


def _sum(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.sum()) if known.size else None


def _capture(outlet: Outlet, percent: Floats, places: slice) -> float | None:
    known = outlet.quarters and outlet.site.medium == "flue" and places.start < outlet.grid.size
    return float(percent[places.start]) if known else None
