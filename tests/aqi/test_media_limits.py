"""The national limits of a site by its medium."""

from __future__ import annotations

from datetime import date

from aqi.judging import chosen
from aqi.media_limits import of_site, waste_tables

DAY = date(2026, 6, 1)


def high(medium: str, site: dict[str, str], item: str, period: str, stat: str) -> float | None:
    """What the limit of an item is."""
    found = chosen(of_site(medium, site, DAY), [item], period, stat, DAY)
    return None if found is None else (found.low if found.op == "ge" else found.high)


def test_each_medium_finds_its_table() -> None:
    """Flue by table, water by target, noise by zone, dust by region."""
    assert high("flue", {"table": "GB13223-2011/coal/new"}, "NOx", "hour", "zs") == 100
    assert high("wastewater", {"table": "GB18918-2002/1A"}, "COD", "day", "mean") == 50
    assert high("water", {"target": "III"}, "NH3-N", "day", "mean") == 1.0
    assert high("water", {"target": "III"}, "DO", "month", "mean") == 5
    assert high("water", {"target": "III", "body": "lake"}, "TP", "hour", "mean") == 0.05
    assert high("noise", {"zone": "2"}, "LA", "day", "ln") == 50
    assert high("noise", {"zone": "2", "table": "GB12348-2008"}, "LA", "hour", "leq day") == 60
    assert high("dust", {"region": "130100"}, "PM10", "hour", "difference") == 80
    assert high("dust", {"region": "210100"}, "TSP", "5 min", "mean") == 0.8
    assert high("dust", {"region": "130100"}, "LA", "day", "ln") == 55


def test_what_is_not_said_has_no_limits() -> None:
    """Nothing is guessed."""
    for medium in ("flue", "wastewater", "water", "noise", "air", ""):
        assert of_site(medium, {}, DAY) == ()
    assert of_site("water", {"target": "VI"}, DAY) == ()
    assert high("water", {"target": "III"}, "TN", "day", "mean") is None


def test_every_limit_names_its_source() -> None:
    """And how sure it is."""
    for limit in of_site("water", {"target": "I"}, DAY) + of_site("dust", {}, DAY):
        assert limit.source
        assert limit.confidence
    assert set(waste_tables()) == {"GB18918-2002/1A", "GB18918-2002/1B"}
