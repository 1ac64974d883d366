"""Fields of a site, checked, with a sentence that names field and value."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hj212d.hub.decisions.site_changes import FIELDS, OF_SITE, apply, apply_to_device, value
from store.registry.decisions import SiteRecord
from store.registry.records import DeviceRecord

SITE = SiteRecord(mn="A")


def test_texts_become_values() -> None:
    """As a CSV file or a command line has them."""
    made = apply(
        SITE,
        {
            "mn": "A",
            "name": "of the device",
            "medium": "flue",
            "role": "control",
            "air_class": "1",
            "programme": "PM2.5;O3, CO",
            "units": "a34004=μg/m³;a21005=mg/m3",
            "stamp": "end",
            "hour_from": "realtime",
            "reference_o2": "6",
            "stack_area_m2": "12.5",
            "outlet": "table=GB13223-2011/coal/new;fuel=coal",
            "water": {"body": "river"},
            "noise_zone": "4a",
            "since": "2026-01-31",
            "until": "2027-01-01",
        },
    )
    assert made == SiteRecord(
        mn="A",
        medium="flue",
        role="control",
        air_class=1,
        programme=["PM2.5", "O3", "CO"],
        units={"a34004": "ug/m3", "a21005": "mg/m3"},
        stamp="end",
        hour_from=["realtime"],
        reference_o2=6.0,
        stack_area_m2=12.5,
        outlet={"table": "GB13223-2011/coal/new", "fuel": "coal"},
        water={"body": "river"},
        noise_zone="4a",
        since=date(2026, 1, 31),
        until=date(2027, 1, 1),
    )
    assert apply(made, dict.fromkeys(OF_SITE, "")) == SITE


def test_name_region_and_coordinates_are_the_devices() -> None:
    """Checked here, too: a region is a code."""
    said = {
        "mn": "A",
        "name": "西湖",
        "region": "330106",
        "longitude": "120.1",
        "latitude": "30.2",
    }
    made = apply_to_device(DeviceRecord("A"), {**said, "role": "control"})
    assert (made.name, made.region, made.longitude, made.latitude) == (
        "西湖",
        "330106",
        120.1,
        30.2,
    )
    assert made.position_source == "manual"
    with pytest.raises(ValueError, match="longitude and latitude come together"):
        apply_to_device(DeviceRecord("A"), {"longitude": "120"})


@pytest.mark.parametrize(
    ("name", "wanted", "sentence"),
    [
        ("longitude", "181", 'longitude = "181": expected degrees from -180 to 180'),
        ("latitude", "north", 'latitude = "north": expected degrees from -90 to 90'),
        ("region", "杭州", 'region = "杭州": expected a code of 2, 4, 6, 9 or 12 digits'),
        ("region", "33010", 'region = "33010": expected a code of 2, 4, 6, 9 or 12 digits'),
        ("medium", "soil", 'medium = "soil": expected one of air, flue'),
        ("role", "boss", 'role = "boss": expected one of assessed, control, other'),
        ("air_class", "3", 'air_class = "3": expected one of 0, 1, 2'),
        ("programme", "PM2.5 PM1", 'programme = "PM1": expected some of PM2.5, PM10'),
        ("units", "a34004=stone", "units = \"a34004=stone\": unit 'stone' is not known"),
        ("units", "a34004", 'units = "a34004": expected KEY=VALUE'),
        ("hour_from", ["week"], 'hour_from = "week": expected some of hour, minute, realtime'),
        ("reference_o2", "21", 'reference_o2 = "21": expected a number above 0 and below 21'),
        ("stack_area_m2", "-1", 'stack_area_m2 = "-1": expected a number above 0'),
        ("stamp", "middle", 'stamp = "middle": expected one of start, end'),
        ("noise_zone", "7", 'noise_zone = "7": expected one of 0, 1, 2, 3, 4a, 4b'),
        ("since", "31.1.2026", 'since = "31.1.2026": expected a day such as 2026-01-31'),
        ("colour", "red", "a site has no field colour"),
    ],
)
def test_what_cannot_be_is_named(name: str, wanted: Any, sentence: str) -> None:
    """Field, value and what was expected, in one sentence."""
    with pytest.raises(ValueError) as problem:
        value(name, wanted)
    assert str(problem.value).startswith(sentence)


def test_dates_are_in_order() -> None:
    """Also when one of them was there before."""
    begun = apply(SITE, {"since": "2026-01-31"})
    with pytest.raises(ValueError, match="until = 2026-01-31: a site ends after it begins"):
        apply(begun, {"until": "2026-01-31"})


def test_every_field_of_the_record_can_be_said() -> None:
    """None was forgotten when one came."""
    kept = {name for name in SiteRecord.__struct_fields__ if name not in ("mn", "changed_at")}
    assert kept == set(OF_SITE)
    assert len(FIELDS) == len(OF_SITE) + 4
