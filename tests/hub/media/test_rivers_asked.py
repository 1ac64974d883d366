"""Rivers of several sections: the shares of classes, or the means of a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from media_rig import ONE_DAY, hours, media, new_store, put, utc

from hj212d.hub.media.questions import RIVERS, RiverQuestion
from hj212d.hub.site import Site
from store.means import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    made = new_store(tmp_path)
    yield made
    made.close()


def sections(count: int, **more: str) -> list[Site]:
    """Sections S0, S1 ... of 柳河."""
    words: dict[str, Any] = {"river": "柳河", **more}
    return [Site(mn=f"S{n}", medium="water", region="330106", water=words) for n in range(count)]


def ammonia(store: Store, values: Sequence[float | None]) -> None:
    """One hour of each section."""
    for number, value in enumerate(values):
        put(store, hours(f"S{number}", {"w21003": [value]}))


def asked(store: Store, sites: list[Site], **more: Any) -> list[dict[str, Any]]:
    """Rows of an hour of the day."""
    question = RiverQuestion("hour", utc(), utc() + ONE_DAY, **more)
    table = media(store, sites).rivers(question)
    assert table.schema == RIVERS
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def test_five_sections_by_shares(store: Store) -> None:
    """Four of class II and one worse than V: 80 % and 20 %, which is good; a sixth has nothing."""
    ammonia(store, [0.4, 0.4, 0.4, 0.4, 3.0, None])
    (found,) = asked(store, sections(6))
    assert (found["river"], found["method"], found["sections"]) == ("柳河", "shares", 5)
    assert (found["without"], found["shares"]) == (1, [0.0, 80.0, 0.0, 0.0, 0.0, 20.0])
    assert (found["good_share"], found["worse_share"], found["grade"]) == (80.0, 20.0, None)
    assert (found["quality"], found["words"], found["main"]) == ("good", "良好", "氨氮（20 %）")
    assert found["mns"] == "S0;S1;S2;S3;S4;S5"
    assert found["start"] == utc()


def test_four_sections_are_averaged_first(store: Store) -> None:
    """(3 x 0.4 + 3) / 4 = 1.05: class IV, a twentieth above the 1.0 of class III."""
    ammonia(store, [0.4, 0.4, 0.4, 3.0])
    (found,) = asked(store, sections(4))
    assert (found["method"], found["grade"], found["quality"]) == ("means", 4, "lightly polluted")
    assert (found["words"], found["main"]) == ("Ⅳ类 轻度污染", "氨氮（0.1）")
    assert found["good_share"] == 75.0


def test_without_a_class_and_without_a_name(store: Store) -> None:
    """No section with a class: a mark. Lakes and sections of no river make no row."""
    ammonia(store, [None])
    (found,) = asked(store, sections(1))
    assert (found["method"], found["mark"], found["words"]) == ("none", "none", "")
    assert asked(store, sections(1, body="lake")) == []
    assert asked(store, [Site(mn="S0", medium="water")]) == []
    assert asked(store, sections(1), region="3302") == []
