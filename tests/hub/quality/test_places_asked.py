"""Places as questions name them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
import pytest
from quality_rig import Book, air_site

from hj212d.hub.quality.places_asked import Place, Places
from hj212d.hub.quality.questions import RankQuestion
from hj212d.hub.quality.region_codes import above, below, common, stem, written

SITES = [
    air_site("A1", "330106"),
    air_site("A2", "330108", programme=("PM2.5", "CO")),
    air_site("A3", "330108002", role="control"),
    air_site("B1", "330200"),
    air_site("B2", "330212", air_class=1),
    air_site("W1", "330106", medium="water", role="other", programme=()),
    air_site("X1", ""),
    air_site("X2", "西湖区"),
]


def asked(*places: str, sites: Iterable = SITES) -> list[Place]:
    """As a question's places are understood."""
    return Places(Book(sites), {"330100": "杭州市"}, 2).asked(places)


def test_stations() -> None:
    """One by its MN, those of a region, all of the air; each once."""
    assert [one.code for one in asked("A2", "A1", "A2")] == ["A2", "A1"]
    assert [one.code for one in asked("stations:330100")] == ["A1", "A2", "A3"]
    assert [one.code for one in asked("stations:*")] == ["A1", "A2", "A3", "B1", "B2", "X1", "X2"]
    (b2,) = asked("B2")
    assert (b2.name, b2.air_class, b2.within, b2.is_region) == ("nB2", 1, "330212", False)
    assert asked("unknown")[0].sites[0].medium == ""


def test_a_region_is_its_assessed_sites() -> None:
    """Not the control site, not those of other media; the programme is what any of them has."""
    (city,) = asked("region:330100")
    assert [site.mn for site in city.sites] == ["A1", "A2"]
    assert (city.code, city.name, city.within) == ("region:330100", "杭州市", "330000")
    assert asked("region:3301")[0].code == "region:330100"
    assert asked("region:330108")[0].programme == ("PM2.5", "CO")
    assert asked("region:99")[0].sites == ()


def test_one_level_below() -> None:
    """Below the smallest region that holds all stations, or below one that is named."""
    assert [one.code for one in asked("region:*")] == ["region:330100", "region:330200"]
    assert [one.code for one in asked("region:330100*")] == ["region:330106", "region:330108"]
    assert [one.code for one in asked("region:330200*")] == ["region:330212"]
    counties = [site for site in SITES if site.region.startswith("3301")]
    assert [one.code for one in asked("region:*", sites=counties)] == [
        "region:330106",
        "region:330108",
    ]
    provinces = [*SITES, air_site("C1", "110101")]
    assert [one.code for one in asked("region:*", sites=provinces)] == [
        "region:110000",
        "region:330000",
    ]


@pytest.mark.parametrize("wrong", ["region:33010", "region:", "stations:x", " ", "stations:77"])
def test_what_means_nothing(wrong: str) -> None:
    """It is refused, not taken for all."""
    with pytest.raises(ValueError, match=r"digits|no place|without a name"):
        asked(wrong)


def test_codes_as_a_tree() -> None:
    """Zeros at the end stand for all below."""
    assert [stem(one) for one in ("330000", "330100", "330106", "330106000", "330106002000")] == [
        "33",
        "3301",
        "330106",
        "330106",
        "330106002",
    ]
    assert [written(one) for one in ("33", "3301", "330106", "330106002")] == [
        "330000",
        "330100",
        "330106",
        "330106002",
    ]
    assert [above(one) for one in ("33", "3301", "330106", "330106002")] == [
        "",
        "33",
        "3301",
        "330106",
    ]
    assert below("330106002000", ["330106002001"]) == []
    assert common([]) == common(["330106", "110101"]) == ""
    assert common(["330106"]) == "330106"


def test_unknown_fields_are_refused() -> None:
    """A misspelt filter must not quietly mean everything."""
    span = {"places": ["region:*"], "start": datetime(2026, 3, 1), "end": datetime(2026, 4, 1)}
    assert msgspec.convert(span, RankQuestion).key == "index"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**span, "stations": []}, RankQuestion)
