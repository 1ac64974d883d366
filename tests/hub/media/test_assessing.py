"""Readings of other media against limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from media_rig import (
    DAY,
    HOUR,
    ONE_DAY,
    assessed,
    hours,
    media,
    new_store,
    only,
    put,
    row,
    utc,
)

from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.site import Site
from store.means import Store
from store.registry.decisions import LimitRecord

STACK = Site(mn="F1", medium="flue", outlet={"table": "GB13223-2011/coal/new"})
PLANT = Site(mn="W1", medium="wastewater", outlet={"table": "GB18918-2002/1A"})
RIVER = Site(mn="R1", medium="water", water={"target": "III"})
STREET = Site(mn="N1", medium="noise", noise_zone="2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    made = new_store(tmp_path)
    yield made
    made.close()


def stack(oxygen: float | None, so2: float | None, zs: float | None = None) -> list[dict]:
    """One hour of a stack."""
    rows = hours("F1", {"a19001": [oxygen], "a21026": [so2]})
    return rows + ([row("F1", "a21026", utc(), zs, stat="zs")] if zs is not None else [])


def test_flue_gas_is_judged_at_the_reference_oxygen(store: Store) -> None:
    """90 mg/m3 at 9 % oxygen are 112.5 at 6 %: above 100, though measured below."""
    put(store, stack(9.0, 90.0))
    rows = assessed(media(store, [STACK]))
    zs = only(rows, factor="a21026", stat="zs")
    assert zs["value"] == 112.5
    assert zs["judged"] == 112  # half to even
    assert (zs["exceeded"], zs["multiple"]) == (True, pytest.approx(0.12))
    assert (zs["limit"], zs["limit_source"]) == ("<= 100", "GB 13223-2011 table 1")
    assert zs["limit_own"] is False
    assert zs["words"] == "converted here"
    measured = only(rows, factor="a21026", stat="mean")
    assert (measured["value"], measured["limit"], measured["exceeded"]) == (90.0, None, None)


def test_the_instruments_own_conversion_goes_first(store: Store) -> None:
    """Ours is told when it says something else."""
    put(store, stack(9.0, 60.0, 99.0))
    zs = only(assessed(media(store, [STACK])), factor="a21026", stat="zs")
    assert (zs["value"], zs["exceeded"]) == (99.0, False)
    assert zs["words"] == "converted here: 75"


@pytest.mark.parametrize(
    ("oxygen", "so2", "mark"),
    [
        (21.0, 90.0, "oxygen"),
        (20.95, 90.0, "oxygen"),
        (None, 90.0, "no oxygen"),
        (9.0, None, "none"),
        (26.0, 90.0, "absurd"),
        (9.0, -5.0, "negative"),
    ],
)
def test_no_verdict_without_a_meaning(
    store: Store, oxygen: float | None, so2: float | None, mark: str
) -> None:
    """A mark each, whatever the instrument says of it."""
    put(store, stack(oxygen, so2))
    zs = only(assessed(media(store, [STACK])), factor="a21026", stat="zs")
    assert (zs["value"], zs["exceeded"], zs["mark"]) == (None, None, mark)


def test_oxygen_of_air_beats_the_instruments_own_value(store: Store) -> None:
    """Whatever a logger converts at 21 %."""
    put(store, stack(21.0, 5.0, 750.0))
    zs = only(assessed(media(store, [STACK])), factor="a21026", stat="zs")
    assert (zs["value"], zs["mark"], zs["words"]) == (None, "oxygen", "O2 21.0 %")


def test_an_instrument_that_says_that_it_cannot_convert(store: Store) -> None:
    """9999.99 of 2025 is no concentration; ours stands instead."""
    put(store, stack(9.0, 60.0, 9999.99))
    zs = only(assessed(media(store, [STACK])), factor="a21026", stat="zs")
    assert (zs["value"], zs["exceeded"], zs["words"]) == (75.0, False, "converted here")


def test_an_hour_with_a_moment_of_air(store: Store) -> None:
    """Its mean of converted values is worth nothing; that of its means is."""
    rows = stack(9.0, 60.0, 900.0)
    rows[0]["max"] = 20.95
    put(store, rows)
    zs = only(assessed(media(store, [STACK])), factor="a21026", stat="zs")
    assert (zs["value"], zs["exceeded"], zs["words"]) == (75.0, False, "converted here")


def test_unknown_reference_and_wrong_unit(store: Store) -> None:
    """Nothing is guessed."""
    put(store, stack(9.0, 90.0))
    bare = only(assessed(media(store, [Site(mn="F1", medium="flue")])), factor="a21026", stat="zs")
    assert (bare["value"], bare["mark"]) == (None, "reference")
    odd = Site(mn="F1", medium="flue", outlet=STACK.outlet, units={"a21026": "mg/L"})
    wrong = only(assessed(media(store, [odd])), factor="a21026", stat="zs")
    assert (wrong["value"], wrong["mark"]) == (None, "unit")
    ppm = Site(mn="F1", medium="flue", outlet=STACK.outlet, units={"a21026": "ppm"})
    found = only(assessed(media(store, [ppm])), factor="a21026", stat="zs")
    assert found["value"] == pytest.approx(90 * 64 / 22.4 * 15 / 12)


def test_own_limits_come_before_national_ones(store: Store) -> None:
    """A permit of 35, by date, on the factor code."""
    put(store, stack(6.0, 40.0))
    permit = LimitRecord(
        id=7,
        mn="F1",
        factor="a21026",
        period="hour",
        stat="zs",
        high=35.0,
        unit="mg/m3",
        since=date(2025, 1, 1),
        source="permit 4711",
    )
    asked = media(store, [STACK])
    zs = only(assessed(asked, own={"F1": [permit]}), factor="a21026", stat="zs")
    assert (zs["exceeded"], zs["limit_source"], zs["limit_own"]) == (True, "permit 4711", True)
    assert not only(assessed(asked), factor="a21026", stat="zs")["exceeded"]
    assert [
        each["stat"] for each in assessed(asked, own={"F1": [permit]}, exceeded_only=True)
    ] == ["zs"]


def test_hours_above_the_limit_of_a_day_and_a_month(store: Store) -> None:
    """Three hours of 24 are above, one has no oxygen; the day says so, and so does the month."""
    so2 = [120.0] * 3 + [50.0] * 21
    put(store, hours("F1", {"a19001": [6.0] * 23 + [21.0], "a21026": so2}))
    asked = media(store, [STACK])
    day = only(assessed(asked, "day"), stat="exceedances")
    assert (day["value"], day["exceeded"], day["n"], day["need"]) == (3.0, True, 23, 24)
    assert day["words"] == "hours not <= 100 mg/m3 (GB 13223-2011 table 1)"
    month = only(assessed(asked, "month"), stat="exceedances")
    assert (month["value"], month["need"]) == (3.0, 720)


def test_nox_of_its_parts(store: Store) -> None:
    """30 mg of NO and 4 of NO2 are 50 as NO2."""
    put(store, hours("F1", {"a19001": [6.0], "a21003": [30.0], "a21004": [4.0]}))
    zs = only(assessed(media(store, [STACK])), item="NOx", stat="zs")
    assert (zs["factor"], zs["value"], zs["exceeded"]) == ("a21002", 50.0, False)


def test_classes_of_a_river(store: Store) -> None:
    """Each item has a grade, the section the worst; the target is missed."""
    values = {"w01009": [6.5], "w21003": [1.5], "w21011": [0.1], "w21001": [9.0], "w01001": [7.5]}
    put(store, hours("R1", values))
    rows = assessed(media(store, [RIVER]))
    section = only(rows, item="class")
    assert (section["value"], section["grade"], section["exceeded"]) == (4.0, 4, True)
    assert section["words"] == "Ⅳ类 轻度污染：氨氮（0.5）"
    ammonia = only(rows, item="NH3-N")
    assert (ammonia["grade"], ammonia["exceeded"], ammonia["multiple"]) == (4, True, 0.5)
    assert only(rows, item="DO")["grade"] == 2
    assert only(rows, item="TN")["grade"] is None
    assert only(rows, item="TN")["limit"] is None
    assert only(rows, item="pH")["limit"] == "6 - 9"


def test_water_with_bad_values(store: Store) -> None:
    """pH 20 is absurd and makes no class; a section without anything has none."""
    put(store, hours("R1", {"w01001": [20.0], "w21003": [None]}))
    rows = assessed(media(store, [RIVER]))
    assert only(rows, item="pH")["mark"] == "absurd"
    section = only(rows, item="class")
    assert (section["value"], section["exceeded"], section["mark"]) == (None, None, "none")


def test_waste_water_of_a_day_by_flow(store: Store) -> None:
    """12 hours of 40 mg/L at 10 L/s, 12 of 80 at 30: 70 mg/L, above 50."""
    put(
        store,
        hours(
            "W1",
            {
                "w00000": [10.0] * 12 + [30.0] * 12,
                "w01018": [40.0] * 12 + [80.0] * 12,
                "w01001": [6.9] * 23 + [20.0],
                "w21003": [2.0] * 17 + [None] * 7,
            },
        ),
    )
    rows = assessed(media(store, [PLANT]), "day")
    cod = only(rows, item="COD")
    assert (cod["value"], cod["n"], cod["need"]) == (70.0, 24, 18)
    assert (cod["exceeded"], cod["multiple"]) == (True, 0.4)
    ph = only(rows, item="pH")
    assert (ph["stat"], ph["min"], ph["max"], ph["n"]) == ("range", 6.9, 6.9, 23)
    assert ph["exceeded"] is False
    ammonia = only(rows, item="NH3-N")
    assert (ammonia["mark"], ammonia["exceeded"], ammonia["n"]) == ("short", None, 17)
    total = only(rows, item="flow")
    assert (total["value"], total["unit"]) == (12 * 36 + 12 * 108, "m3")


def test_ph_is_judged_at_both_ends(store: Store) -> None:
    """One hour of 9.6 among good ones."""
    put(store, hours("W1", {"w00000": [10.0] * 24, "w01001": [7.0] * 23 + [9.6]}))
    ph = only(assessed(media(store, [PLANT]), "day"), item="pH")
    assert (ph["exceeded"], ph["judged"]) == (True, 9.6)


def test_hours_without_discharge_do_not_count(store: Store) -> None:
    """What stands in the pipe is not discharged."""
    put(
        store,
        hours("W1", {"w00000": [0.0] * 18 + [10.0] * 6, "w01018": [500.0] * 18 + [20.0] * 6}),
    )
    asked = media(store, [PLANT])
    marks = [each["mark"] for each in assessed(asked) if each["item"] == "COD"]
    assert marks == ["no flow"] * 18 + [""] * 6
    cod = only(assessed(asked, "day"), item="COD")
    assert (cod["value"], cod["n"], cod["need"], cod["mark"]) == (20.0, 6, 5, "")


def test_months_of_waste_water(store: Store) -> None:
    """Valid days by their flows; too few are short."""
    rows = []
    for day in range(23):
        values = {"w00000": [10.0] * 24, "w01018": [30.0 if day else 60.0] * 24}
        rows += hours("W1", values, first=utc(date(2025, 6, 1)) + day * ONE_DAY)
    put(store, rows)
    asked = media(store, [PLANT])
    begin = utc(date(2025, 6, 1))
    cod = only(assessed(asked, "month", start=begin, end=begin + 30 * ONE_DAY), item="COD")
    assert cod["value"] == pytest.approx((60 + 22 * 30) / 23)
    assert (cod["n"], cod["need"], cod["mark"]) == (23, 23, "")


def test_noise_by_day_and_by_night(store: Store) -> None:
    """55 dB are fine at noon and too loud at night in a zone 2."""
    levels = [55.0] * 24
    rows = [
        row("N1", "LA", utc(hour=hour), level, stat="leq", max=level + (12 if hour == 3 else 5))
        for hour, level in enumerate(levels)
    ]
    days = [
        row("N1", "LA", utc(), 55.0, level="day", stat=stat, max=99.0)
        for stat in ("ld", "ln", "ldn")
    ]
    put(store, rows + days)
    asked = media(store, [STREET])
    hourly = [each["exceeded"] for each in assessed(asked)]
    assert hourly == [True] * 6 + [False] * 16 + [True] * 2
    daily = assessed(asked, "day")
    assert only(daily, stat="ld")["exceeded"] is False
    assert only(daily, stat="ln")["exceeded"] is True
    assert only(daily, stat="ldn")["limit"] is None
    loudest = only(daily, stat="lmax night")
    assert (loudest["value"], loudest["limit"], loudest["exceeded"]) == (67.0, "<= 65", True)


def test_dust_of_hebei_less_its_county(store: Store) -> None:
    """Three hours 90 above the county: one more than is allowed."""
    site = Site(mn="D1", medium="dust", region="130102")
    air = Site(mn="A1", medium="air", role="assessed", region="130102")
    here = [190.0, 190.0, 190.0, 150.0] + [120.0] * 19 + [None]
    put(store, hours("D1", {"a34002": here}) + hours("A1", {"a34002": [100.0] * 22}))
    asked = media(store, [site, air])
    hourly = [each for each in assessed(asked) if each["stat"] == "difference"]
    assert [each["value"] for each in hourly[:4]] == [90.0, 90.0, 90.0, 50.0]
    assert [each["exceeded"] for each in hourly[:4]] == [True, True, True, False]
    assert hourly[-1]["mark"] == "none"
    assert hourly[-2]["mark"] == "no county"
    day = only(assessed(asked, "day"), stat="exceedances")
    assert (day["value"], day["exceeded"], day["n"], day["need"]) == (3.0, True, 22, 24)
    assert "2 a day allowed" in day["words"]


def test_regions_media_and_stations(store: Store) -> None:
    """A region is chosen by the beginning of its code; a station of no such medium refused."""
    stack_there = Site(mn="F1", medium="flue", region="330106", outlet=STACK.outlet)
    put(store, stack(6.0, 40.0) + hours("R1", {"w21003": [0.4]}))
    asked = media(store, [stack_there, RIVER])
    assert {each["mn"] for each in assessed(asked)} == {"F1", "R1"}
    assert {each["mn"] for each in assessed(asked, region="330100")} == {"F1"}
    assert {each["mn"] for each in assessed(asked, media=("water",))} == {"R1"}
    with pytest.raises(ValueError, match="medium"):
        assessed(asked, mns=("A9",))
    with pytest.raises(ValueError, match="before"):
        assessed(asked, start=utc(), end=utc())


def test_several_media_of_a_month(store: Store) -> None:
    """Months of other media are made of days, and are judged where a limit is for them."""
    days = [
        row("R1", "w21003", utc() + number * ONE_DAY, 1.2, level="day") for number in range(27)
    ]
    put(store, days)
    begin = utc(DAY.replace(day=1))
    rows = assessed(media(store, [RIVER, STREET]), "month", start=begin, end=begin + HOUR)
    assert only(rows, item="NH3-N")["exceeded"] is True
    assert only(rows, item="class")["end"] - begin == timedelta(days=30)


def test_settings_say_when_night_begins(store: Store) -> None:
    """A government may shift it."""
    put(store, [row("N1", "LA", utc(hour=22), 55.0, stat="leq")])
    asked = media(store, [STREET], MediaSettings(day_to=23))
    assert assessed(asked)[0]["exceeded"] is False
