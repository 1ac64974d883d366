"""One monitoring site as its readings are judged: what is said of it, with defaults filled in.

Values only. Who says what, and who wins, is site_book.py's. Tests: tests/hub/test_site_book.py.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec

from aqi.factors import POLLUTANTS, default_unit
from store.registry.decisions import Medium

AIR_CLASS = 2  # GB 3095: where people live


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force for an MN.

    ``region``: its code, digits ("" : none). ``longitude``, ``latitude``: degrees, WGS 84, both
    or none. ``medium`` "": nobody says and the ST does not tell; nothing is judged there. ``role``
    is "assessed" for a site of the air of which nobody says otherwise, "other" for other media.
    ``programme``: the pollutants that are to be measured. ``stamp``: which end of a period its
    instrument writes into DataTime. ``hour_from``: of what hours are made, () as the settings
    say. ``since``, ``until``: Beijing days, the last not included. ``origin``: who says anything
    of it as a site: "registry", "configuration", "registry, configuration" or "".
    """

    mn: str
    name: str = ""
    region: str = ""
    longitude: float | None = None
    latitude: float | None = None
    st: str = ""
    medium: Medium = ""
    role: Literal["assessed", "control", "other"] = "other"
    air_class: int = AIR_CLASS
    programme: tuple[str, ...] = ()
    units: dict[str, str] = {}
    stamp: Literal["start", "end"] = "start"
    hour_from: tuple[str, ...] = ()
    reference_o2: float | None = None
    stack_area_m2: float | None = None
    outlet: dict[str, Any] = {}
    water: dict[str, Any] = {}
    noise_zone: str = ""
    since: date | None = None
    until: date | None = None
    origin: str = ""

    @property
    def position(self) -> tuple[float, float] | None:
        """Longitude and latitude in degrees; None where it is not known."""
        if self.longitude is None or self.latitude is None:
            return None
        return self.longitude, self.latitude

    def unit(self, factor: str) -> str | None:
        """The unit in which a factor is sent here: by hand, else the medium's; None: unknown."""
        return self.units.get(factor) or default_unit(factor, self.medium)

    def runs_on(self, day: date) -> bool:
        """Whether the site is one on a Beijing day."""
        if self.since is not None and day < self.since:
            return False
        return self.until is None or day < self.until


def medium_of(st: str) -> Medium:
    """The medium that an ST stands for, "" for none that is judged (HJ 212-2017, table 5)."""
    return _media().get(st, "")


def default_programme(medium: Medium) -> tuple[str, ...]:
    """The pollutants of a site of which nobody says: all six of the AQI in the air."""
    return POLLUTANTS if medium == "air" else ()


def default_role(medium: Medium) -> Literal["assessed", "other"]:
    """A site of the air counts unless somebody says otherwise."""
    return "assessed" if medium == "air" else "other"


@cache
def _media() -> dict[str, Medium]:
    text = resources.files("hj212d.hub").joinpath("data/site_media.json").read_text("utf-8")
    media: dict[str, Medium] = json.loads(text)["media"]
    return media
