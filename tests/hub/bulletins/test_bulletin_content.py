"""What a bulletin says."""

from __future__ import annotations

import msgspec
from bulletins_rig import CLEAN, aqi_row, beijing

from hj212d.hub.bulletins.content import of_place

START = beijing("2026-11-20T11:00")


def said(kind: str, values: dict[str, float], programme: tuple[str, ...] = ()) -> dict:
    """The content of a place's bulletin."""
    row = aqi_row("A", kind, START if kind == "hour" else beijing("2026-11-20T00:00"), values)
    text = of_place(kind, row, programme) if programme else of_place(kind, row)
    return msgspec.json.decode(text)


def test_a_clean_hour() -> None:
    """Period, place, level with colour and words; no primary pollutant."""
    found = said("hour", CLEAN)
    assert found["period"] == "2026-11-20 12:00"
    assert (found["start"], found["end"]) == (
        "2026-11-20T11:00:00+08:00",
        "2026-11-20T12:00:00+08:00",
    )
    assert (found["aqi"], found["level"], found["category"], found["primary"]) == (30, 1, "优", [])
    assert (found["colour"], found["colour_hex"]) == ("绿色", "#00E400")
    assert found["advice"]
    assert found["missing"] == []


def test_a_dirty_day_names_who_is_sensitive() -> None:
    """Per pollutant above 100, by the version of 2026."""
    found = said("day", CLEAN | {"PM2.5": 75.4, "CO": 2.25})
    assert (found["period"], found["aqi"], found["primary"]) == ("2026-11-20", 114, ["PM2.5"])
    assert [one["pollutant"] for one in found["sensitive"]] == ["PM2.5"]
    values = {one["pollutant"]: one["value"] for one in found["pollutants"]}
    assert (values["PM2.5"], values["CO"]) == (75, 2.2)


def test_incomplete_is_not_published() -> None:
    """NA in place of AQI, level and primary; concentrations and sub-indices stay (5.3.1)."""
    found = said("hour", {"PM2.5": 60.0})
    assert [found[name] for name in ("aqi", "level", "category", "colour")] == ["NA"] * 4
    assert found["primary"] == ["NA"]
    assert found["pollutants"][0] == {
        "pollutant": "PM2.5",
        "value": 60,
        "unit": "ug/m3",
        "iaqi": 100,
    }
    assert found["pollutants"][1]["value"] == "NA"
    assert found["measured"] == ["PM2.5"]
    assert len(found["missing"]) == 5


def test_outside_the_programme() -> None:
    """A slash, not NA."""
    found = said("hour", {"PM2.5": 160.0}, ("PM2.5",))
    assert {one["value"] for one in found["pollutants"][1:]} == {"/"}
    assert found["aqi"] == 210
