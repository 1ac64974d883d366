"""Deeds on a real registry: what they do, and the sentence when they cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hj212d.hub.decisions.deeds import Deed, Terms, Unknown
from hj212d.hub.decisions.event_deeds import EventAdd, EventDecide, Events
from hj212d.hub.decisions.limit_deeds import LimitAdd, LimitRemove, Limits
from hj212d.hub.decisions.review_deeds import ReviewAdd, ReviewRevoke, Reviews
from hj212d.hub.decisions.settings import ReviewSettings
from hj212d.hub.decisions.site_deeds import SiteGet, SitePut, SiteRemove, Sites, as_fields
from hj212d.hub.devices import Devices
from hj212d.hub.registered import registered
from hj212d.hub.site_book import SiteBook
from store.registry.open import Registry, open_registry

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MARK = {
    "mn": "A",
    "factor": "PM2.5",
    "start": "2026-03-01T08:00",
    "end": "2026-03-01T10:00",
    "reason": "fault",
}


class Desk:
    """Does deeds as the hub does; ``review`` may be exchanged."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.review = ReviewSettings()

    def __call__(self, kind: type[Deed], **said: Any) -> dict[str, Any]:
        """What comes of it, as it goes over the socket."""
        devices = Devices([])
        sites = SiteBook(devices)
        devices.load(registered(self.registry))
        sites.load(self.registry.sites.all())
        answer = kind(who="anna", **said).do(self.registry, Terms(sites, self.review, NOW))
        decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer))
        return decoded

    def refusal(self, kind: type[Deed], **said: Any) -> str:
        """The sentence with which it is refused."""
        with pytest.raises(ValueError) as problem:
            self(kind, **said)
        return str(problem.value)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with an empty registry."""
    made = open_registry(f"sqlite:///{tmp_path}/registry.db", tmp_path / "registry.key")
    with closing(made) as registry:
        yield Desk(registry)


def test_sites_are_put_listed_and_removed(desk: Desk) -> None:
    """Name, region and coordinates go to the device; a page ends where the next begins."""
    wanted = [
        {"mn": "A", "name": "甲", "region": "330106", "longitude": 120.1, "latitude": 30.2},
        {"mn": "B", "region": "330102", "medium": "flue"},
        {"mn": "C", "medium": "air", "role": "control"},
    ]
    assert desk(SitePut, sites=wanted) == {"changed": 3}
    assert desk(SitePut, sites=wanted) == {"changed": 0}
    first = desk(Sites, limit=2)
    assert ([site["mn"] for site in first["sites"]], first["next"]) == (["A", "B"], "B")
    assert [site["mn"] for site in desk(Sites, after="B")["sites"]] == ["C"]
    assert [site["mn"] for site in desk(Sites, region="3301")["sites"]] == ["A", "B"]
    assert [site["mn"] for site in desk(Sites, region="330100")["sites"]] == ["A", "B"]
    assert [site["mn"] for site in desk(Sites, medium="air")["sites"]] == ["C"]
    found = desk(SiteGet, mn="A")
    assert (found["site"]["name"], found["site"]["longitude"]) == ("甲", 120.1)
    assert {note["what"] for note in found["changes"]} == {"site put", "device put"}
    assert desk(SiteRemove, mns=["A"]) == {"removed": 1}
    assert desk(SiteGet, mn="A")["site"]["name"] == "甲"
    with pytest.raises(Unknown, match="the registry has no site A"):
        desk(SiteRemove, mns=["C", "A"])
    assert desk(SiteGet, mn="C")["site"]["role"] == "control"
    with pytest.raises(Unknown, match="nobody knows a site Z"):
        desk(SiteGet, mn="Z")


def test_a_site_as_fields(desk: Desk) -> None:
    """What goes without saying is left out, so that importing it again changes nothing."""
    said = {"mn": "A", "medium": "air", "role": "control", "units": {"a34004": "mg/m3"}}
    desk(SitePut, sites=[said])
    assert as_fields(desk(SiteGet, mn="A")["site"]) == said
    assert desk(SitePut, sites=[as_fields(desk(SiteGet, mn="A")["site"])]) == {"changed": 0}


def test_none_of_the_sites_is_kept_when_one_is_wrong(desk: Desk) -> None:
    """The sentence says which."""
    wanted = [{"mn": "A", "role": "other"}, {"mn": "B", "region": "x"}]
    sentence = desk.refusal(SitePut, sites=wanted)
    assert sentence == 'number 2, B: region = "x": expected a code of 2, 4, 6, 9 or 12 digits'
    assert desk(Sites)["sites"] == []


def test_a_mark_is_added_once_and_revoked(desk: Desk) -> None:
    """Beijing time where no zone is given; who did it is the one who asks."""
    answer = desk(ReviewAdd, reviews=[MARK])
    (mark,) = answer["reviews"]
    assert (answer["added"], mark["factor"], mark["start"], mark["who"]) == (
        1,
        "a34004",
        "2026-03-01T00:00:00Z",
        "anna",
    )
    again = desk(ReviewAdd, reviews=[{**MARK, "note": "again"}, MARK])
    assert (again["added"], [one["id"] for one in again["reviews"]]) == (0, [1, 1])
    assert desk(ReviewRevoke, ids=[1])["reviews"][0]["revoked_by"] == "anna"
    assert desk(Reviews)["reviews"] == []
    assert desk(ReviewAdd, reviews=[MARK])["added"] == 1
    with pytest.raises(Unknown, match="there is no review 9"):
        desk(ReviewRevoke, ids=[2, 9])
    assert [one["id"] for one in desk(Reviews)["reviews"]] == [2]
    assert [one["id"] for one in desk(Reviews, state="all")["reviews"]] == [1, 2]


def test_changes_of_marks_are_followed(desk: Desk) -> None:
    """By the number of the last change that is known."""
    desk(ReviewAdd, reviews=[MARK, {**MARK, "mn": "B"}])
    last = desk(Reviews)["change"]
    assert desk(Reviews, change=last)["reviews"] == []
    desk(ReviewRevoke, ids=[1])
    assert [one["mn"] for one in desk(Reviews, change=last)["reviews"]] == ["A"]


def test_marks_of_a_time(desk: Desk) -> None:
    """Without an end a mark is on one reading."""
    one = {name: value for name, value in MARK.items() if name != "end"}
    assert desk(ReviewAdd, reviews=[one])["reviews"][0]["end"] == "2026-03-01T00:00:01Z"
    assert len(desk(Reviews, start="2026-03-01T08:00", end="2026-03-01T09:00")["reviews"]) == 1
    assert desk(Reviews, start="2026-03-01T08:00:01")["reviews"] == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"mn": ""}, "mn is missing"),
        ({"factor": "PM 2.5"}, 'factor = "PM 2.5": expected a code such as a34004'),
        ({"period": "week"}, 'period = "week": expected one of realtime, minute, hour, day'),
        ({"start": "yesterday"}, 'start = "yesterday": expected a time such as 2026'),
        ({"end": "2026-03-01T08:00"}, 'end = "2026-03-01T08:00": a mark ends after it begins'),
        ({"end": "2026-03-03"}, 'end = "2026-03-02T16:00:00Z": lies ahead, and [review] future_h'),
        ({"verdict": "maybe"}, 'verdict = "maybe": expected one of invalid, valid'),
        ({"reason": "dunno"}, 'reason = "dunno": expected one of calibration, maintenance'),
        ({"reason": ""}, 'reason = "": expected one of calibration, maintenance'),
        ({"note": "x" * 1001}, 'note = "xxx'),
        ({"why": "x"}, "why: a mark has no such field; there are mn, factor, period, start"),
    ],
)
def test_a_mark_that_cannot_be(desk: Desk, said: dict[str, str], sentence: str) -> None:
    """One sentence with field and value; nothing is kept of the others."""
    assert desk.refusal(ReviewAdd, reviews=[{**MARK, **said}]).startswith(sentence)
    several = desk.refusal(ReviewAdd, reviews=[MARK, {**MARK, **said}])
    assert several.startswith(f"number 2: {sentence}")
    assert desk(Reviews)["reviews"] == []


def test_planned_work_may_be_marked_ahead(desk: Desk) -> None:
    """As far as the settings allow."""
    desk.review = ReviewSettings(future_h=48.0)
    ahead = (NOW + timedelta(hours=47)).isoformat()
    assert desk(ReviewAdd, reviews=[{**MARK, "end": ahead}])["added"] == 1
    beyond = (NOW + timedelta(hours=49)).isoformat()
    assert "allows 48 hours" in desk.refusal(ReviewAdd, reviews=[{**MARK, "end": beyond}])


EVENT = {
    "kind": "dust",
    "area": "330100, 330200",
    "start": "2026-03-01",
    "end": "2026-03-02",
    "pollutants": ["PM10"],
    "evidence": "卫星图",
}


def test_an_event_is_proposed_and_approved(desk: Desk) -> None:
    """By anybody, by somebody."""
    event = desk(EventAdd, event=EVENT)["event"]
    assert (event["area"], event["state"], event["who"]) == (
        ["330100", "330200"],
        "proposed",
        "anna",
    )
    assert desk(EventDecide, id=1, state="approved")["event"]["decided_by"] == "anna"
    assert [one["id"] for one in desk(Events, state="approved")["events"]] == [1]
    assert desk(Events, start="2026-03-02")["events"] == []
    with pytest.raises(Unknown, match="there is no event 2"):
        desk(EventDecide, id=2, state="approved")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"kind": "rain"}, 'kind = "rain": expected one of dust, exceptional'),
        ({"area": ""}, "area = []: expected codes of regions or MNs"),
        ({"area": ["a b"]}, 'mn = "a b": an MN has at most 64 letters and digits'),
        ({"end": "2026-02-01"}, 'end = "2026-02-01": an event ends after it begins'),
        ({"pollutants": "PM1"}, 'pollutants = "PM1": expected one of PM2.5, PM10'),
        ({"colour": "x"}, "colour: an event has no such field"),
    ],
)
def test_an_event_that_cannot_be(desk: Desk, said: dict[str, Any], sentence: str) -> None:
    """One sentence with field and value."""
    assert desk.refusal(EventAdd, event={**EVENT, **said}).startswith(sentence)


LIMIT = {"mn": "A", "factor": "a21026", "high": "35", "unit": "mg/m³", "since": "2026-01-01"}


@pytest.mark.parametrize(
    ("said", "decimals"),
    [
        ({"high": "35"}, None),
        ({"high": "0.05"}, None),
        ({"high": " 1.0 "}, 1),
        ({"high": "0.50"}, 2),
        ({"high": "1e1"}, None),
        ({"op": "between", "low": "6.0", "high": "9"}, 1),
        ({"high": 1.0}, None),
        ({"high": 1.0, "decimals": 1}, 1),
        ({"high": "1.0", "decimals": "0"}, None),
    ],
)
def test_a_limit_keeps_the_decimals_it_is_written_with(
    desk: Desk, said: dict[str, Any], decimals: int | None
) -> None:
    """Only where they are more than its number has; a number of JSON tells none."""
    (kept,) = desk(LimitAdd, limits=[{**LIMIT, **said}])["limits"]
    assert kept["decimals"] == decimals
    assert desk(LimitAdd, limits=[{**LIMIT, **said}])["added"] == 0


def test_limits_come_and_go(desk: Desk) -> None:
    """The same one is not kept twice."""
    kept = desk(LimitAdd, limits=[LIMIT, {**LIMIT, "op": "between", "low": 1}])
    assert (kept["added"], kept["limits"][0]["unit"], kept["limits"][1]["low"]) == (
        2,
        "mg/m3",
        1.0,
    )
    assert desk(LimitAdd, limits=[LIMIT])["added"] == 0
    assert len(desk(Limits, mn="A", factor="SO2")["limits"]) == 2
    with pytest.raises(Unknown, match="there is no limit 9"):
        desk(LimitRemove, ids=[1, 9])
    assert desk(LimitRemove, ids=[1]) == {"removed": 1}
    assert [one["id"] for one in desk(Limits)["limits"]] == [2]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"factor": ""}, "factor is missing"),
        ({"high": ""}, "high is missing: le needs it"),
        ({"op": "ge"}, "low is missing: ge needs it"),
        ({"op": "between", "low": 40}, "low = 40: is more than high, 35"),
        ({"high": "much"}, 'high = "much": expected a number'),
        ({"high": "1.05", "decimals": 1}, "decimals = 1: expected 2 to 9"),
        ({"high": "1.05", "decimals": 2.5}, "decimals = 2.5: expected 2 to 9"),
        ({"high": "1.0000000001"}, "decimals = 10: expected 10 to 9"),
        ({"unit": ""}, "unit is missing: a limit without one limits nothing"),
        ({"unit": "stone"}, "unit = \"stone\": unit 'stone' is not known"),
        ({"period": "week"}, 'period = "week": expected one of realtime, minute, hour'),
        ({"until": "2025-01-01"}, "until = 2025-01-01: a limit ends after it begins"),
    ],
)
def test_a_limit_that_cannot_be(desk: Desk, said: dict[str, Any], sentence: str) -> None:
    """One sentence with field and value."""
    assert desk.refusal(LimitAdd, limits=[{**LIMIT, **said}]).startswith(sentence)
