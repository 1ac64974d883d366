"""Fields of alerts as people write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from desk_rig import Desk

from hj212d.hub.alert_desk import fields
from hj212d.hub.alert_desk.contact_deeds import ContactPut
from hj212d.hub.decisions.deeds import Unknown


def test_spans_and_hours() -> None:
    """What people write for a time that lasts, and for one of the day."""
    assert fields.span("for", " 30m ") == timedelta(minutes=30)
    assert fields.span("for", "7d") == timedelta(days=7)
    assert fields.clock("quiet_from", "22:00") == "22:00"
    assert fields.clock("quiet_from", "") == ""


@pytest.mark.parametrize(
    ("read", "wanted", "sentence"),
    [
        (fields.span, "0m", 'x = "0m": expected a time such as 30m, 2h or 7d'),
        (fields.span, "soon", 'x = "soon": expected a time'),
        (fields.span, 7, "x = 7: expected a time"),
        (fields.clock, "24:00", 'x = "24:00": expected a time of day'),
        (fields.severity, "bad", 'x = "bad": expected one of notice, warning, severe, critical'),
        (fields.kinds, ["flood"], 'x = "flood": expected one of over_limit,'),
        (fields.mns, ["A B"], 'x = "A B": mn = "A B"'),
        (fields.regions, ["33010"], 'x = "33010": expected the code of a region'),
        (fields.regions, "３３", 'x = "３３": expected the code of a region'),
        (fields.yes, "on", 'x = "on": expected true or false'),
        (fields.place, "region:x", 'x = "x": expected the code of a region'),
        (fields.place, 7, "x = 7: expected a text"),
    ],
)
def test_what_is_wrong_names_field_and_value(
    read: Callable[[str, Any], Any], wanted: Any, sentence: str
) -> None:
    """One sentence each."""
    with pytest.raises(ValueError) as problem:
        read("x", wanted)
    assert str(problem.value).startswith(sentence)


def test_places() -> None:
    """A station by its MN, a region with its word."""
    assert fields.place("place", "A1") == "mn:A1"
    assert fields.place("place", "mn:A1") == "mn:A1"
    assert fields.place("place", "region:330100") == "region:330100"


def test_what_nobody_knows_is_taken_with_a_warning(desk: Desk) -> None:
    """Instruments come later than the names of their owners."""
    assert fields.warnings(desk.sites, ["A"], ["3301"]) == []
    assert fields.warnings(desk.sites, ["A", "Z"], ["330106", "44"]) == [
        "nobody knows Z yet",
        "no station is in region 44 yet",
    ]
    assert fields.warnings(desk.sites, ["330106"], []) == [
        "nobody knows 330106 yet",
        "330106 looks like a region: write region:330106",
    ]
    many = fields.warnings(desk.sites, [f"Z{n}" for n in range(7)], [])
    assert many == ["nobody knows Z0, Z1, Z2, Z3, Z4 and 2 more yet"]


def test_contacts_by_number_and_name(desk: Desk) -> None:
    """A name that two have says nothing."""
    for name, login in (("王工", "wang"), ("李工", ""), ("李工", "")):
        desk(ContactPut, fields={"name": name, "login": login})
    assert [fields.contact(desk.registry, one).id for one in (1, "1", "王工", "wang")] == [1] * 4
    with pytest.raises(Unknown, match="there is no contact 9"):
        fields.contact(desk.registry, 9)
    with pytest.raises(Unknown, match="there is no contact nobody"):
        fields.contact(desk.registry, "nobody")
    with pytest.raises(ValueError, match="is the name of 2, 3, say which"):
        fields.contact(desk.registry, "李工")
