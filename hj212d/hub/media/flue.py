"""Flue gas as lines: what was measured, and the same at the reference oxygen, which is judged.

Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aqi.flue.gases import nox
from aqi.flue.limits import tables
from aqi.flue.oxygen import AIR, convert
from aqi.flue.state import dry
from hj212d.hub.media.lines import Items, Line, Mean, by_period, in_unit, line, newest, unit_of
from hj212d.hub.media.outlet_words import switched
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.site import Site

PARAMETERS = ("flow", "velocity", "temperature", "pressure", "humidity", "O2")
MG = "mg/m3"
_NOT_COMPUTABLE = 9999.0
_DIFFERS = 0.1  # of the value: then the instrument's own conversion is worth a word


def reference_oxygen(site: Site) -> float | None:
    """By hand, else of the outlet's table; None: not known."""
    if site.reference_o2 is not None:
        return site.reference_o2
    table = tables().get(str(site.outlet.get("table", "")))
    return None if table is None else table.reference_o2


def lines(site: Site, means: Iterable[Mean], settings: MediaSettings) -> Iterator[Line]:
    """Lines of all periods. A concentration has two: "mean" as measured, "zs" converted."""
    reference = reference_oxygen(site)
    for items in by_period(means).values():
        _add_nox(site, items)
        oxygen = _oxygen(site, items)
        for item, stats in items.items():
            for stat, mean in stats.items():
                if stat != "zs":
                    yield line(mean, _unit(site, mean))
            if item not in PARAMETERS and "mean" in stats:
                yield _converted(site, stats, oxygen, reference, items, settings)


def concentration(site: Site, mean: Mean, items: Items) -> tuple[float | None, str]:
    """A measured mean in mg/m3, dry, and its mark."""
    if not mean.valid or mean.value is None:
        return None, mean.mark or "none"
    found = in_unit(mean.value, unit_of(site, mean.factor), MG, mean.item)
    if found is None:
        return None, "unit"
    if found < 0:
        return None, "negative"
    if switched(site, "wet"):
        share = _valid(items, "humidity")
        found = float(dry(found, share / 100)) if share is not None else float("nan")
        return (found, "") if found == found else (None, "none")
    return found, ""


def _told(site: Site, own: Mean | None, items: Items, settings: MediaSettings) -> float | None:
    """The instrument's own value in mg/m3. None where it sends none, says that there is none
    (9999.99, HJ 212-2025; one source), or where the flue was full of air at a moment: a mean of
    converted values is worth nothing then."""
    if own is None or own.value is None or not own.valid or own.value >= _NOT_COMPUTABLE:
        return None
    oxygen = items.get("O2", {}).get("mean")
    if oxygen is not None and oxygen.valid:
        most = max(each for each in (oxygen.value, oxygen.max) if each is not None)
        if most >= AIR - settings.oxygen_error:
            return None
    return in_unit(own.value, unit_of(site, own.factor), MG, own.item)


def _unit(site: Site, mean: Mean) -> str:
    if mean.stat == "total":
        return "m3" if mean.item == "flow" else "kg"
    return unit_of(site, mean.factor)


def _oxygen(site: Site, items: Items) -> float | None:
    found = _valid(items, "O2")
    if found is not None and switched(site, "wet_oxygen"):
        share = _valid(items, "humidity")
        return float(dry(found, share / 100)) if share is not None else None
    return found


def _converted(
    site: Site,
    stats: dict[str, Mean],
    oxygen: float | None,
    reference: float | None,
    items: Items,
    settings: MediaSettings,
) -> Line:
    """The instrument's own value at the reference oxygen, else ours; none where oxygen is so near
    to that of air that it has no meaning, whatever the instrument says."""
    mean, own = stats["mean"], stats.get("zs")
    value, mark = concentration(site, mean, items)
    ours = None
    if not mark:
        found = convert(value, oxygen, reference, settings.oxygen_error)
        missing = found.mark == "none"
        ours, mark = found.value, "no oxygen" if missing else found.mark
    words = f"O2 {oxygen:.1f} %" if oxygen is not None and mark == "oxygen" else ""
    told = _told(site, own, items, settings)
    # What it is made of may change without the concentration.
    beside = (items.get(item, {}).get("mean") for item in ("O2", "humidity"))
    version = newest((mean, own, *beside))
    if own is not None and told is not None:
        if ours is not None and abs(told - ours) > _DIFFERS * max(ours, 1.0):
            words = f"converted here: {ours:.3g}"
        return line(own, MG, value=told, words=words, **version)
    if ours is not None:
        words = "converted here"
    return line(
        mean, MG, stat="zs", value=ours, min=None, max=None, mark=mark, words=words, **version
    )


def _add_nox(site: Site, items: Items) -> None:
    """NOx of NO and NO2, where it is not measured itself."""
    if "NOx" in items or "NO" not in items or "mean" not in items["NO"]:
        return
    no = items["NO"]["mean"]
    value, mark = concentration(site, no, {})
    second = items.get("NO2", {}).get("mean")
    other, other_mark = (0.0, "") if second is None else concentration(site, second, {})
    total = None if mark or other_mark else float(nox(value, other))
    made = Mean(
        *(no.start, no.end, "a21002", "NOx", "mean", total, None, None),
        *(no.n, no.need, mark or other_mark),
        **newest((no, second)),
    )
    items["NOx"] = {"mean": made}


def _valid(items: Items, item: str) -> float | None:
    mean = items.get(item, {}).get("mean")
    return mean.value if mean is not None and mean.valid else None
