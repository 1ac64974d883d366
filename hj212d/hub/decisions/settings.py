"""Keys of the sections [[site]] and [review].

What types cannot say of a site is told by :func:`problem`. Tests: tests/hub/test_site_book.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from store.registry.decisions import Medium, Role, Stamp


class SiteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A monitoring site, as judging its readings needs it; the registry's word wins."""

    mn: Annotated[str, Meta(min_length=1, description="MN of its instrument.")]
    region: Annotated[
        str, Meta(description="Code of the region it lies in: 2, 4, 6, 9 or 12 digits.")
    ] = ""
    longitude: Annotated[
        float, Meta(ge=-180, le=180, description="Degrees, WGS 84; 0 with latitude 0: not known.")
    ] = 0.0
    latitude: Annotated[float, Meta(ge=-90, le=90, description="Degrees, WGS 84.")] = 0.0
    medium: Annotated[Medium, Meta(description="What is measured; empty: as its ST tells.")] = ""
    role: Annotated[
        Role,
        Meta(
            description="assessed counts in the values of its region, control (clean background) "
            "and other do not; empty: assessed in the air."
        ),
    ] = ""
    air_class: Annotated[
        int, Meta(ge=0, le=2, description="Class of the area, GB 3095; 0: class 2.")
    ] = 0
    programme: Annotated[
        list[str],
        Meta(description="Pollutants measured here: PM2.5, PM10, SO2, NO2, CO, O3; empty: all."),
    ] = []
    units: Annotated[
        dict[str, str],
        Meta(description="Unit in which a factor is sent, where it is not the medium's."),
    ] = {}
    stamp: Annotated[
        Stamp,
        Meta(
            description="Which end of a period its DataTime is, for minute, hour and day data; "
            "empty: the start."
        ),
    ] = ""
    hour_from: Annotated[
        list[Literal["hour", "minute", "realtime"]],
        Meta(description="Of what hours are made, in this order; empty: as [means] says."),
    ] = []
    reference_o2: Annotated[
        float,
        Meta(ge=0, lt=21, description="Reference oxygen of flue gas, percent; 0: not said."),
    ] = 0.0
    stack_area_m2: Annotated[
        float, Meta(ge=0, description="Cross-section of the duct, square metres; 0: not said.")
    ] = 0.0
    outlet: Annotated[
        dict[str, str], Meta(description="Words of an outlet: table of limits, fuel.")
    ] = {}
    water: Annotated[
        dict[str, str],
        Meta(description="Of a section of water: body (river, lake), target class, river."),
    ] = {}
    noise_zone: Annotated[str, Meta(description="Zone of noise, GB 3096: 0, 1, 2, 3, 4a, 4b.")] = (
        ""
    )
    since: Annotated[str, Meta(description="First day as a site: 2026-01-31.")] = ""
    until: Annotated[str, Meta(description="The day on which it is one no more.")] = ""


class ReviewSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Marks of people on readings, and when readings are proposed for a mark."""

    reasons: Annotated[
        list[str],
        Meta(min_length=1, description="Words that a mark may give as its reason."),
    ] = msgspec.field(
        default_factory=lambda: [
            "calibration",
            "maintenance",
            "fault",
            "power",
            "interference",
            "construction",
            "drift",
            "constant",
            "jump",
            "inversion",
            "negative",
            "range",
            "other",
        ]
    )
    future_h: Annotated[
        float,
        Meta(
            ge=0,
            le=24 * 366,
            description="How far ahead a mark may end, for planned maintenance; 0: not at all.",
        ),
    ] = 0.0
    constant_h: Annotated[
        int,
        Meta(ge=0, le=240, description="The same hour value so many times in a row; 0: never."),
    ] = 6
    jump_times: Annotated[
        float,
        Meta(
            ge=0,
            description="An hour that lies so many usual steps from both its neighbours, on the "
            "same side; 0: never.",
        ),
    ] = 8.0
    jump_least: Annotated[
        dict[str, float],
        Meta(description="The least jump of a pollutant that is one, in its judged unit."),
    ] = msgspec.field(
        default_factory=lambda: {
            "PM2.5": 50.0,
            "PM10": 80.0,
            "SO2": 50.0,
            "NO2": 50.0,
            "CO": 1.5,
            "O3": 60.0,
        }
    )
    inversion_margin: Annotated[
        float,
        Meta(
            ge=0,
            description="PM2.5 above PM10 by more than this, in ug/m3, in the same hour.",
        ),
    ] = 5.0
    range_most: Annotated[
        dict[str, float],
        Meta(description="More than this is beyond what an analyser measures."),
    ] = msgspec.field(
        default_factory=lambda: {
            "PM2.5": 1000.0,
            "PM10": 2000.0,
            "SO2": 1430.0,
            "NO2": 1030.0,
            "CO": 62.0,
            "O3": 1070.0,
        }
    )


def problem(site: SiteSettings) -> tuple[str, str]:
    """The key of a [[site]] that cannot be as it is and why, ``("", "")`` when all is well."""
    from hj212d.hub.decisions import site_changes  # not for those who have no site

    for name in ("region", *site_changes.OF_SITE):
        try:
            site_changes.value(name, getattr(site, name))
        except ValueError as fault:
            return name, str(fault)
    if site.since and site.until and site.since >= site.until:
        return "until", "a site ends after it begins"
    return "", ""
