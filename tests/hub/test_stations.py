"""The list of stations: joined, searched, filtered, sorted and cut into pages on columns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_live import START_US, batch, frame, live

from admin.source import Listing, Row
from hj212d.hub.directory import Directory
from hj212d.hub.live import Live
from hj212d.hub.routes import Routes
from hj212d.hub.stations import Stations
from hj212d.wire.settings import DeviceSettings

NOW_US = START_US + 1000 * 1_000_000


def picture() -> Live:
    """Three stations: B and C online, D silent for long; C has sent most, D the worst."""
    found = live()
    found.observe(
        batch(
            frames=[frame(0, "D"), frame(500, "B"), frame(900, "C")],
            counts=[("C", "frames", "", 9), ("B", "frames", "", 5),
                    ("D", "reason", "crc_wrong", 2)],
        )
    )  # fmt: skip
    return found


@pytest.fixture
def routes() -> Routes:
    """A link of B."""
    found = Routes()
    found.identified(2, "B", 7, "10.0.0.1:5")
    return found


@pytest.fixture
def stations(routes: Routes) -> Stations:
    """Those of the picture, and A that is registered and was never heard of."""
    devices = [DeviceSettings(mn="A", name="东门"), DeviceSettings(mn="C", name="Gate")]
    return Stations(picture(), routes, devices, lambda: NOW_US)


def mns(stations: Stations, **listing: Any) -> list[str]:
    """MNs of a page."""
    return [row["mn"] for row in stations.page(Listing(**listing)).rows]


def test_rows_are_joined(stations: Stations) -> None:
    """Name and registration from the settings, links from the routes, the rest from live."""
    rows = {row["mn"]: row for row in stations.page(Listing()).rows}
    assert list(rows) == ["A", "B", "C", "D"]
    shown = ("name", "registered", "state", "links", "peer", "frames")
    assert [rows["A"][key] for key in shown] == ["东门", True, "offline", 0, "", 0]
    assert [rows["B"][key] for key in shown] == ["", False, "online", 1, "10.0.0.1:5", 5]
    assert stations.row("B") == rows["B"]
    assert stations.row("A") == rows["A"]
    assert stations.row("X") is None


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        ({"find": "b"}, ["B"]),
        ({"find": "东"}, ["A"]),
        ({"find": "gAT"}, ["C"]),
        ({"find": "("}, []),
        ({"state": "online"}, ["B", "C"]),
        ({"state": "offline"}, ["A", "D"]),
        ({"state": "unregistered"}, ["B", "D"]),
        ({"state": "offline", "find": "d"}, ["D"]),
        ({"sort": "last_seen"}, ["C", "B", "D", "A"]),
        ({"sort": "frames"}, ["C", "B", "A", "D"]),
        ({"sort": "bad"}, ["D", "A", "B", "C"]),
        ({"size": 3, "number": 2}, ["D"]),
        ({"size": 3, "number": 99}, ["D"]),
        ({"size": 3, "number": -5}, ["A", "B", "C"]),
    ],
)
def test_search_filter_order_pages(
    stations: Stations, listing: dict[str, Any], expected: list[str]
) -> None:
    """Each way of choosing, alone and together; pages outside are brought to the nearest."""
    assert mns(stations, **listing) == expected


def test_page_says_how_many_there_are(stations: Stations) -> None:
    """Rows and pages of the choice; an empty choice is one empty page."""
    page = stations.page(Listing(size=3))
    assert (page.number, page.pages, page.total) == (1, 2, 4)
    empty = stations.page(Listing(find="nothing"))
    assert (empty.rows, empty.number, empty.pages, empty.total) == ([], 1, 1, 0)


def test_new_stations_and_new_registrations_appear() -> None:
    """The order of MNs that is kept follows what comes."""
    heard = picture()
    stations = Stations(heard, Routes(), [], lambda: NOW_US)
    assert mns(stations) == ["B", "C", "D"]
    heard.observe(batch(frames=[frame(900, "AA")]))
    assert mns(stations) == ["AA", "B", "C", "D"]
    stations.register([DeviceSettings(mn="E")])
    assert mns(stations) == ["AA", "B", "C", "D", "E"]
    assert stations.summary() == {"known": 5, "online": 3, "offline": 2, "unregistered": 4}
    stations.register([DeviceSettings(mn="B")])
    assert stations.summary() == {"known": 4, "online": 3, "offline": 1, "unregistered": 3}


@given(st.lists(st.text("AB一😀", max_size=3), unique=True), st.text("AB一😀", max_size=3))
def test_pieces_of_the_list_make_the_list(heard: list[str], after: str) -> None:
    """From any MN on, in order, nothing left out and nothing twice."""
    directory = Directory(heard, len(heard), {})
    expected = sorted(heard)
    assert directory.mns(directory.after("", 100))[: len(expected)] == expected
    behind = [mn for mn in expected if mn > after or not after]
    assert directory.mns(directory.after(after, 2)) == behind[:2]


def test_rows_in_pieces() -> None:
    """A long list comes in pieces of bounded size."""
    heard = live(max_mns=10_000)
    at = datetime(2026, 1, 1) + timedelta(seconds=1)
    heard.observe(
        batch(frames=[frame(0, f"MN{n:04d}") | {"received_at": at} for n in range(1200)])
    )
    stations = Stations(heard, Routes(), [], lambda: NOW_US)
    pieces: list[list[Row]] = list(stations.pieces(stations.mns_after("MN0099", 5000)))
    assert [len(piece) for piece in pieces] == [500, 500, 100]
    assert pieces[0][0]["mn"] == "MN0100"
