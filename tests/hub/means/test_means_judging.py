"""Sites and settings as rolling up needs them."""

from __future__ import annotations

from datetime import datetime

import pytest

from hj212d.hub.means.judging import judging, station_of, sums_query, valid_flags
from hj212d.hub.means.settings import MeansSettings, problem
from hj212d.hub.site import Site


class Book:
    """One site for all."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def site(self, mn: str) -> Site:  # noqa: ARG002 - the same for each
        """It."""
        return self._site


def test_a_site_says_of_what_its_hours_are_made() -> None:
    """Else the settings do; a site of which nobody knows the medium is one of the air."""
    settings = MeansSettings(hour_from=["minute"])
    assert station_of(Site(mn="A"), settings).hour_from == ("minute",)
    assert station_of(Site(mn="A"), settings).medium == "air"
    said = Site(mn="A", medium="flue", hour_from=("realtime",))
    assert station_of(said, settings, 10).hour_from == ("realtime",)
    assert station_of(said, settings, 10).minute_length == 10


@pytest.mark.parametrize(
    ("unit", "factor"), [("ug/m3", 1.0), ("mg/m3", 1000.0), ("dB", 1.0), ("ppb", 1.962)]
)
def test_ozone_is_held_against_its_limit_in_one_unit(unit: str, factor: float) -> None:
    """A unit that is none of a concentration changes nothing here; judging it marks that."""
    site = Site(mn="A", medium="air", units={"a05024": unit})
    assert station_of(site, MeansSettings()).to_ug == pytest.approx(factor, rel=1e-3)


def test_settings_reach_the_rules() -> None:
    """Figures by medium, what is below zero, which day counts."""
    settings = MeansSettings(
        validity={"air": {"day_hours": 18}}, negative="kept", day_from=["day", "hour"]
    )
    rules = judging(Book(Site(mn="A", medium="air")), settings)
    assert rules.rule(rules.station("A")).day_hours == 18
    assert (rules.keep_negative, rules.day_from) == (True, ("day", "hour"))


def test_figures_that_cannot_be_are_told_with_their_key() -> None:
    """Before anything is made by them."""
    assert problem(MeansSettings()) == ("", "")
    key, why = problem(MeansSettings(validity={"soil": {"day_hours": 18}}))
    assert key == "validity"
    assert "soil" in why


def test_the_question_names_what_is_averaged_in_other_ways() -> None:
    """Sound by energy, wind as vectors; flags by medium."""
    settings = MeansSettings(future_s=60, valid_flags={"flue": ["S", "M"]})
    flags = valid_flags(Site(mn="A", medium="flue"), settings)
    query = sums_query(datetime(2026, 1, 1), datetime(2026, 1, 2), settings, flags=flags)
    assert ("Leq" in query.energy, query.vector) == (True, ("a01008",))
    assert (query.valid_flags, query.future_s) == (("M", "S"), 60)
