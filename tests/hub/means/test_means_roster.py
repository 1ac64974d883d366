"""Which stations there are, and who of them has changed."""

from __future__ import annotations

from datetime import UTC, timedelta

from field import HOUR, MIDNIGHT, PM25, Field

from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.site_book import SiteBook
from store.means import Store
from store.registry.decisions import SiteRecord


def heard(store: Store) -> None:
    """Three stations spoke."""
    field = Field(store)
    for mn in "ABC":
        field.send(mn, MIDNIGHT, {PM25: 1.0})
    field.arrive()


def test_facts_are_those_of_site_settings_and_st(store: Store) -> None:
    """The configuration's word, else the ST that was heard, else ambient air."""
    heard(store)
    sites = SiteBook(Devices([]), [SiteSettings("B", medium="flue", stamp="end")])
    roster = Roster(store, sites, MeansSettings(), lambda mn: 5 if mn == "C" else None)
    roster.refresh()
    assert roster.mns() == ["A", "B", "C"]
    assert (roster.facts("A").station.medium, roster.facts("B").station.medium) == ("air", "flue")
    assert roster.facts("C").station.minute_length == 5
    assert roster.end_stamped() == ("B",)
    assert roster.facts("new").station.medium == "air"


def test_a_site_that_changes_is_told_once(store: Store) -> None:
    """What does not decide over means is no change; other settings are none either."""
    heard(store)
    sites = SiteBook(Devices([]))
    roster = Roster(store, sites, MeansSettings())
    roster.refresh()
    assert roster.changed(MIDNIGHT) == ()
    sites.upsert(["A", "B"], [SiteRecord(mn="A", noise_zone="2"), SiteRecord(mn="B", stamp="end")])
    roster.refresh()
    assert (roster.changed(MIDNIGHT), roster.changed(MIDNIGHT)) == (("B",), ())
    roster.set(MeansSettings(hour_from=["minute"]))
    roster.refresh()
    assert roster.changed(MIDNIGHT) == ()
    assert roster.facts("A").station.hour_from == ("minute",)


def test_a_site_that_changed_while_no_hub_ran(store: Store) -> None:
    """By when its record was changed."""
    heard(store)
    sites = SiteBook(Devices([]))
    now = MIDNIGHT.replace(tzinfo=UTC)
    sites.load(
        [
            SiteRecord(mn="A", stamp="end", changed_at=now - timedelta(days=9)),
            SiteRecord(mn="B", stamp="end", changed_at=now + HOUR),
        ]
    )
    roster = Roster(store, sites, MeansSettings())
    roster.refresh()
    assert roster.changed(MIDNIGHT) == ("B",)
