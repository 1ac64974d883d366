"""Jobs through the window of the API: what is wrong is said by field, the rest is begun."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from reactor_thread import RunningReactor
from waiting import wait_until

from admin.commands import Declined
from admin.jobs import TooMany
from hj212d.hub.jobs.api_window import WISHES, ApiWindow
from hj212d.hub.jobs.room import JobRoom
from hj212d.hub.jobs.settings import ReportsSettings

# Writes its arguments to the file that it is told.
CHILD = "import sys; open(next(a[9:] for a in sys.argv if a[:9] == '--output='), 'w').write('x')"


@pytest.fixture
def window(reactor: RunningReactor, tmp_path: Path) -> Iterator[ApiWindow]:
    """The window of a room whose command writes a file and ends."""
    settings = ReportsSettings(waiting=1, templates=str(tmp_path))
    room = JobRoom(
        reactor.reactor,
        tmp_path / "reports",
        [],
        settings,
        lambda: 0,
        (sys.executable, "-c", CHILD),
    )
    reactor.do(room.startService)
    yield ApiWindow(reactor.reactor, room, WISHES)
    reactor.do(room.stopService)


def test_from_wish_to_file(window: ApiWindow) -> None:
    """Submitted, seen, fetched, removed; another kind knows nothing of it."""
    row = window.submit("report", {"kind": "month", "period": "2026-10", "format": "csv"}, "me")
    assert (row["state"], row["who"], row["asked"]["kind"]) == ("running", "me", "month")

    def now() -> dict[str, Any]:
        return window.get("report", row["id"]) or {}

    wait_until(lambda: now()["state"] == "done")
    found = window.file("report", row["id"])
    assert found is not None
    assert found[1].read_text() == "x"
    assert [one["id"] for one in window.find("report")] == [row["id"]]
    assert window.find("export") == []
    assert window.get("export", row["id"]) is None
    assert window.remove("report", row["id"]) is not None
    assert window.get("report", row["id"]) is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "body"),
        ({"kind": "decade"}, "kind"),
        ({"kind": "day", "places": ["a b"]}, "places"),
        ({"kind": "day", "template": "air-dya"}, "template"),
        ({"kind": "day", "template": "air-period"}, "template"),
        ({"kind": "day", "template": "mine"}, "template"),
    ],
)
def test_what_is_wrong(
    window: ApiWindow, tmp_path: Path, said: dict[str, Any], field: str
) -> None:
    """Told at once, by field; nothing is begun."""
    (tmp_path / "mine.toml").write_text("title = 5", encoding="utf-8")
    with pytest.raises(Declined) as problem:
        window.submit("report", said, "me")
    assert problem.value.field == field
    assert window.find("report") == []


def test_no_such_kind(window: ApiWindow) -> None:
    """A kind that nobody makes here."""
    with pytest.raises(Declined, match="no painting can be made"):
        window.submit("painting", {}, "me")


def test_a_full_room(window: ApiWindow) -> None:
    """More than may wait are refused."""

    def submit_many() -> None:
        for _ in range(50):
            window.submit("report", {"kind": "month"}, "me")

    with pytest.raises(TooMany):
        submit_many()
    assert len(window.find("report")) < 50


def test_templates(window: ApiWindow, tmp_path: Path) -> None:
    """All that there are; one that is broken says so."""
    (tmp_path / "mine.toml").write_text("title = 5", encoding="utf-8")
    rows = {row["name"]: row for row in window.templates()}
    assert "title: Expected `str`" in rows["mine"]["error"]
    assert rows["air-day"]["kinds"] == ["day", "span"]
    assert msgspec.json.encode(list(rows.values()))
