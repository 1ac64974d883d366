"""Questions about bulletins, and publishing by hand."""

from __future__ import annotations

from typing import Any

import pytest
from bulletins_rig import CLEAN, HOUR, Desk, beijing

from hj212d.hub.bulletins.desk import BulletinDesk, found, one
from hj212d.hub.bulletins.requests import Bulletin, BulletinPublish, Bulletins

START = beijing("2026-11-20T11:00")


@pytest.fixture
def published(desk: Desk) -> Desk:
    """Three places; A was corrected."""
    desk.turn()
    desk.air.changed["A", START] = CLEAN | {"PM2.5": 80.0}, beijing("2026-11-20T12:20")
    desk.service.look_at_all()
    desk.turn(0)
    return desk


def test_list(published: Desk) -> None:
    """By kind, place and span; the version that counts, or all."""

    def rows(**asked: Any) -> list[dict[str, Any]]:
        return found(published.registry, Bulletins(**asked))["bulletins"]

    (newest,) = rows(kind="hour", place="A", start="2026-11-20T11:00", end="2026-11-20T12:00")
    assert (newest["version"], newest["correction"], newest["content"]["aqi"]) == (2, True, 119)
    assert newest["start"] == "2026-11-20T03:00:00Z"
    assert len(rows(kind="hour", place="A", versions=True)) == 7
    assert len(rows(kind="day")) == 9
    assert len(rows(limit=5)) == 5


def test_one_with_its_versions(published: Desk) -> None:
    """The newest, an old one, none."""

    def show(**asked: Any) -> dict[str, Any]:
        return one(
            published.registry,
            Bulletin(kind="hour", place="A", **{"start": "2026-11-20T11:00"} | asked),
        )

    assert show()["bulletin"]["version"] == 2
    assert show(version=1)["bulletin"]["content"]["aqi"] == 30
    assert [row["version"] for row in show()["versions"]] == [2, 1]
    assert show(start="2026-11-21T11:00") == {"bulletin": None, "versions": []}


def test_publish_by_hand(published: Desk) -> None:
    """Old periods, by the service; a wrong time is a refusal."""
    told: list[Any] = []
    desk = BulletinDesk(published, published.service)  # type: ignore[arg-type]
    request = BulletinPublish(
        kind="hour", start="2026-11-01T00:00", end="2026-11-01T02:00", who="a"
    )
    desk.publish(request).addBoth(told.append)
    published.turn(0)
    assert told == [{"published": 6, "corrections": 0}]
    assert beijing("2026-11-01T00:00") + HOUR in {row[1] for row in published.book("hour")}
    with pytest.raises(ValueError, match="Invalid isoformat"):
        desk.publish(BulletinPublish(kind="hour", start="soon", end="now"))
