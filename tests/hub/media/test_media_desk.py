"""Other media over the API: from the query to rows, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from media_rig import hours, media, new_store, put

from admin import media_api
from admin.api import api
from hj212d.hub.media.api_window import ApiWindow
from hj212d.hub.media.desk import MediaDesk, of_mns
from hj212d.hub.media.requests import Assess, Emissions, Rivers
from hj212d.hub.requests import reader
from hj212d.hub.site import Site
from hj212d.hub.slow_work import SlowWork
from store.registry.decisions import LimitRecord

STACK = Site(mn="F1", medium="flue", region="330106", outlet={"table": "ultra-low/coal"})
RIVER = Site(mn="R1", medium="water", water={"target": "III", "river": "柳河"})
PERMIT = LimitRecord(mn="R1", factor="w21003", period="hour", high=0.3, unit="mg/L", source="own")
TOKEN = {"Authorization": "Bearer secret"}
DAY = "from=2025-06-02&to=2025-06-03"


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[FlaskClient]:
    """The API over a store with an hour of a stack and of a river."""
    store = new_store(tmp_path)
    flue = {"a00000": [50.0], "a19001": [9.0], "a21026": [30.0]}
    put(store, hours("F1", flue) + hours("R1", {"w21003": [0.4]}))
    slow = SlowWork("queries", threads=1, waiting=1, timeout_s=90.0)
    desk = MediaDesk(None, media(store, [STACK, RIVER]), lambda: [PERMIT], slow)
    app = Flask("test")
    routes = [media_api.routes(ApiWindow(desk))]
    app.register_blueprint(api(_NoCommands(), lambda: ["who:secret"], None, routes))  # type: ignore[arg-type]
    yield app.test_client()
    slow.close()
    store.close()


class _NoCommands:
    """Nothing is asked of it."""


def asked(pages: FlaskClient, path: str, code: int = 200) -> Any:
    """The body of an answer."""
    answer = pages.get(path, headers=TOKEN)
    assert answer.status_code == code, answer.text
    return answer.get_json()


def test_assess(pages: FlaskClient) -> None:
    """Stations, media and flags from the query; own limits from the registry."""
    rows = asked(pages, f"/api/assess?{DAY}&exceeded=yes")["rows"]
    assert [(row["mn"], row["item"], row["judged"]) for row in rows] == [
        ("F1", "SO2", 38.0),
        ("R1", "NH3-N", 0.4),
    ]
    assert rows[0]["start"] == "2025-06-02T00:00:00+08:00"
    assert (rows[1]["limit_own"], rows[1]["limit_source"]) == (True, "own")
    water = asked(pages, f"/api/assess?{DAY}&medium=water,noise")["rows"]
    assert {row["mn"] for row in water} == {"R1"}
    assert asked(pages, f"/api/assess?{DAY}&region=44")["rows"] == []


def test_emissions(pages: FlaskClient) -> None:
    """30 mg/m3 in 180,000 m3 are 5.4 kg; 23 hours of the day are missing, and that is said."""
    (row,) = asked(pages, f"/api/emissions?{DAY}&mn=F1")["rows"]
    assert (row["kg"], row["hours"], row["missing"]) == (pytest.approx(5.4), 1, 23)
    assert row["mark"] == "short;manual"


def test_rivers(pages: FlaskClient) -> None:
    """One section is a river by its means; percent by class in order."""
    (row,) = asked(pages, f"/api/rivers?{DAY}&level=hour")["rows"]
    assert (row["river"], row["method"], row["grade"]) == ("柳河", "means", 2)
    assert row["shares"] == [0.0, 100.0, 0.0, 0.0, 0.0, 0.0]
    assert asked(pages, f"/api/rivers?{DAY}&level=hour&region=44")["rows"] == []


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("assess?from=2025-06-02", "end", "end"),
        ("assess?from=x&to=2025-06-03", "from", "x"),
        (f"assess?{DAY}&level=week", "level", "Invalid enum value 'week'"),
        (f"assess?{DAY}&medium=air", "media", "Invalid enum value 'air'"),
        (f"assess?{DAY}&levle=day", "from", "levle"),
        (f"assess?{DAY}&mn=ZZ", "mn", "ZZ is of medium unknown"),
        ("emissions?from=2025-06-03&to=2025-06-02", "from", "before"),
        (f"emissions?{DAY}&mn=R1", "mn", "R1 is of medium water"),
    ],
)
def test_wrong_questions(pages: FlaskClient, query: str, field: str, sentence: str) -> None:
    """400, with the name of the field."""
    said = asked(pages, f"/api/{query}", 400)
    assert sentence in str(said)
    assert field in str(said)


def test_requests_of_the_control_socket() -> None:
    """The same fields; what is not one is refused."""
    read = reader([Assess, Emissions, Rivers])
    line = {"op": "assess", "start": "2025-06-02", "end": "2025-06-03", "mns": ["F1"]}
    request = read(msgspec.json.encode(line))
    assert isinstance(request, Assess)
    assert request.meaning().mns == ("F1",)
    assert request.meaning().media == ("flue", "wastewater", "water", "noise", "dust")
    river = read(msgspec.json.encode(line | {"op": "rivers"}))
    assert isinstance(river, Rivers)
    assert (river.meaning().level, river.meaning().mns) == ("month", ("F1",))
    with pytest.raises(ValueError, match="exceded"):
        read(msgspec.json.encode({**line, "exceded": True}))


def test_limits_by_station() -> None:
    """Each of its own."""
    assert of_mns([PERMIT, PERMIT]) == {"R1": [PERMIT, PERMIT]}
