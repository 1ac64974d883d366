"""The book of sites, on both engines."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from turned_clock import START, TurnedClock

from store.registry.decisions import SiteRecord
from store.registry.open import Registry

SITE = SiteRecord(
    mn="A",
    medium="air",
    role="assessed",
    air_class=2,
    programme=["PM2.5", "O3"],
    units={"a34004": "mg/m3"},
    stamp="end",
    hour_from=["reported", "realtime"],
    reference_o2=6.0,
    stack_area_m2=12.5,
    outlet={"table": "GB13223-2011/coal/new", "fuel": "coal"},
    water={"body": "river", "target": "III"},
    noise_zone="2",
    since=date(2024, 1, 1),
    until=date(2027, 1, 1),
)


def test_every_field_comes_back(registry: Registry) -> None:
    """As it was put, with the moment of the change."""
    kept = registry.sites.put(SITE, "anna")
    assert kept == msgspec.structs.replace(SITE, changed_at=START)
    assert registry.sites.get("A") == kept
    assert registry.sites.get("B") is None


def test_many_are_kept_in_order_of_mn(registry: Registry) -> None:
    """All or none; more than fit into one question."""
    wanted = [SiteRecord(mn=f"{number:04}") for number in range(1200, 0, -1)]
    registry.sites.put_all(wanted, "anna")
    assert [one.mn for one in registry.sites.all()] == sorted(one.mn for one in wanted)
    assert len(registry.sites.some([one.mn for one in wanted])) == 1200


def test_only_changes_are_noted(registry: Registry, clock: TurnedClock) -> None:
    """What is the same already is not touched, and the note holds the fields that differ."""
    registry.sites.put(SITE, "anna")
    clock.turn(60)
    assert registry.sites.put(SITE, "bert").changed_at == START
    changed = msgspec.structs.replace(SITE, role="control", units={})
    assert registry.sites.put(changed, "carl").changed_at == clock.now
    newest, first = registry.audit.find("A")
    assert (first.who, first.what, first.before) == ("anna", "site put", {})
    assert (newest.who, newest.before, newest.after) == (
        "carl",
        {"role": "assessed", "units": {"a34004": "mg/m3"}},
        {"role": "control", "units": {}},
    )


def test_a_change_is_heard(registry: Registry) -> None:
    """The MN is among the touched, so that the hub reads it anew."""
    registry.sites.put(SITE, "anna")
    assert registry.take_touched() == {"A"}


def test_one_is_removed(registry: Registry) -> None:
    """Noted with what it was; a second time it is not there."""
    registry.sites.put(SITE, "anna")
    registry.sites.remove("A", "bert")
    assert registry.sites.all() == []
    note = registry.audit.find("A")[0]
    assert (note.what, note.after, note.before["role"]) == ("site removed", {}, "assessed")
    with pytest.raises(KeyError, match="A"):
        registry.sites.remove("A", "bert")
