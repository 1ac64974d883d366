"""Which limit a value of a station is compared with, in the station's own unit."""

from __future__ import annotations

import logging
from datetime import date

import pytest

from hj212d.hub.alerts.ground import HubGround
from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.site_book import SiteBook
from store.registry.decisions import LimitRecord

DAY = date(2026, 6, 1)
PM25, SO2, COD, PH = "a34004", "a21026", "w01018", "w01001"


def ground(*sites: SiteSettings, limits: tuple[LimitRecord, ...] = ()) -> HubGround:
    """Of some sites."""
    made = HubGround(SiteBook(Devices([]), sites), lambda: ["A"], lambda: DAY)
    made.own_limits(limits)
    return made


def bounds(of: HubGround, factor: str, period: str, by: str = "any") -> object:
    """Low and high of station A."""
    found = of.limits("A", factor, period, by)  # type: ignore[arg-type]
    return None if found is None else (found.low, found.high, found.unit)


def test_air_by_the_national_standard() -> None:
    """Hours and days, by the class of the area; nothing for a single value."""
    air = ground(SiteSettings("A", medium="air", units={SO2: "ug/m3"}))
    assert bounds(air, SO2, "hour") == (None, 500.0, "ug/m3")
    assert bounds(air, SO2, "realtime") is None
    assert bounds(air, SO2, "hour", "own") is None
    first = ground(SiteSettings("A", medium="air", air_class=1, units={SO2: "ug/m3"}))
    assert bounds(first, SO2, "hour") == (None, 150.0, "ug/m3")


def test_in_the_unit_of_the_station() -> None:
    """A station that sends mg/m3 is compared with mg/m3."""
    air = ground(SiteSettings("A", medium="air", units={SO2: "mg/m3"}))
    assert bounds(air, SO2, "hour") == (None, 0.5, "mg/m3")


def test_values_are_rounded_as_the_limit_is_written() -> None:
    """Air by the decimals of its hours (CO has more), others by those of the limit or as somebody
    wrote it; in the station's unit."""
    co = "a21005"
    air = ground(SiteSettings("A", medium="air", units={SO2: "mg/m3", co: "mg/m3"}))
    of_so2, of_co = air.limits("A", SO2, "hour"), air.limits("A", co, "hour")
    assert of_so2 is not None
    assert of_co is not None
    assert (of_so2.step, of_co.step) == (pytest.approx(0.0001), pytest.approx(0.01))
    own = LimitRecord(mn="A", factor=COD, period="hour", high=40.0, unit="mg/L", decimals=1)
    water = ground(SiteSettings("A", medium="wastewater"), limits=(own,))
    of_cod = water.limits("A", COD, "hour")
    assert of_cod is not None
    assert of_cod.step == pytest.approx(0.1)


def test_own_limits_come_first() -> None:
    """Of the permit before the national table; from the day on from which they hold."""
    site = SiteSettings("A", medium="wastewater", outlet={"table": "GB18918-2002/1A"})
    own = LimitRecord(mn="A", factor=COD, period="hour", high=40.0, unit="mg/L")
    later = LimitRecord(
        mn="A", factor=COD, period="day", high=1.0, unit="mg/L", since=date(2026, 7, 1)
    )
    water = ground(site, limits=(own, later))
    assert bounds(water, COD, "hour") == (None, 40.0, "mg/L")
    assert bounds(water, COD, "hour", "national") is None
    assert bounds(water, COD, "day") == (None, 50.0, "mg/L")
    assert bounds(water, PH, "day") == (6.0, 9.0, "1")


def test_flue_gas_at_the_reference_oxygen() -> None:
    """National limits hold for converted values, in the unit of the station; a permit's of the
    value as measured says so."""
    outlet = {"table": "GB13271-2014/coal/existing"}
    flue = ground(SiteSettings("A", medium="flue", outlet=outlet, units={SO2: "ug/m3"}))
    found = flue.limits("A", SO2, "hour", "national")
    assert found is not None
    assert (found.high, found.unit, found.stat) == (400_000.0, "ug/m3", "zs")
    assert flue.limits("A", SO2, "day", "national") is None
    own = LimitRecord(mn="A", factor=SO2, period="hour", high=35.0, unit="mg/m3")
    converted = LimitRecord(mn="A", factor=SO2, period="hour", stat="zs", high=30.0, unit="mg/m3")
    site = SiteSettings("A", medium="flue", outlet=outlet)
    measured = ground(site, limits=(own,)).limits("A", SO2, "hour", "own")
    assert measured is not None
    assert (measured.high, measured.stat) == (35.0, "mean")
    both = ground(site, limits=(own, converted)).limits("A", SO2, "hour", "own")
    assert both is not None
    assert (both.high, both.stat) == (30.0, "zs")


@pytest.mark.parametrize("factor", ["LA", "Leq"])
def test_noise_by_day_and_by_night(factor: str) -> None:
    """By the zone of the site; hours, the day's day and its night. A permit's Leq holds always."""
    noise = ground(SiteSettings("A", medium="noise", noise_zone="2"))
    hour = noise.limits("A", factor, "hour", "national")
    assert hour is not None
    assert (hour.high, hour.night, hour.unit) == (60.0, 50.0, "dB")
    assert bounds(noise, factor, "day", "national") == (None, 60.0, "dB")
    assert bounds(noise, factor, "night", "national") == (None, 50.0, "dB")
    assert noise.limits("A", "L10", "hour", "national") is None
    permit = LimitRecord(mn="A", factor="LA", period="hour", stat="leq", high=55.0, unit="dB")
    own = ground(SiteSettings("A", medium="noise"), limits=(permit,))
    found = own.limits("A", factor, "hour", "own")
    assert found is not None
    assert (found.high, found.night) == (55.0, None)
    assert ground(SiteSettings("A", medium="noise")).limits("A", factor, "hour") is None


def test_dust_by_the_rule_of_its_province() -> None:
    """Hours against single values' limit, in the unit of the station; noise at its fence, too."""
    site = SiteSettings("A", medium="dust", region="610100", outlet={"kind": "earthwork"})
    dust = ground(site)
    assert bounds(dust, "a34001", "hour", "national") == (None, 800.0, "ug/m3")
    night = dust.limits("A", "LA", "hour", "national")
    assert night is not None
    assert night.high is not None
    assert night.night is not None
    assert night.night < night.high


def test_a_unit_that_nobody_knows(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is judged, and it is said once."""
    own = LimitRecord(mn="A", factor="x99999", period="realtime", high=40.0, unit="mg/L")
    nobody = ground(SiteSettings("A"), limits=(own,))
    with caplog.at_level(logging.WARNING):
        assert bounds(nobody, "x99999", "realtime") is None
        assert bounds(nobody, "x99999", "realtime") is None
    assert len(caplog.records) == 1


def test_changed_limits_are_told() -> None:
    """Only the stations of which something is different."""
    one = LimitRecord(mn="A", factor=COD, period="hour", high=40.0, unit="mg/L")
    two = LimitRecord(mn="B", factor=COD, period="hour", high=40.0, unit="mg/L")
    of = ground(SiteSettings("A"))
    assert of.own_limits([one, two]) == {"A", "B"}
    assert of.own_limits([one]) == {"B"}
    assert of.own_limits([one]) == set()
