"""Air quality over the API: from the query to rows, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from quality_rig import air_site, put, quality

from admin import quality_api
from admin.api import api
from hj212d.hub.quality.api_window import ApiWindow
from hj212d.hub.quality.desk import QualityDesk
from hj212d.hub.quality.requests import Aqi, Evaluate, Rank
from hj212d.hub.requests import Request, reader
from hj212d.hub.slow_work import SlowWork
from store.means import Store

LEVELS = {"PM2.5": 40.0, "PM10": 70.0, "SO2": 8.0, "NO2": 30.0, "CO": 0.8, "O3": 110.0}
SITES = [air_site("A", "330106"), air_site("B", "330200")]
TOKEN = {"Authorization": "Bearer secret"}


@pytest.fixture
def pages(store: Store) -> Iterator[FlaskClient]:
    """The API over a store with a week of two stations."""
    week = {name: np.full(7, level) for name, level in LEVELS.items()}
    put(store, "day", date(2026, 10, 12), {"A": week, "B": {**week, "PM10": np.full(7, 50.0)}})
    slow = SlowWork("queries", threads=1, waiting=1, timeout_s=90.0)
    window = ApiWindow(QualityDesk(None, quality(store, SITES), slow))
    app = Flask("test")
    routes = [quality_api.routes(window)]
    app.register_blueprint(api(_NoCommands(), lambda: ["who:secret"], None, routes))  # type: ignore[arg-type]
    yield app.test_client()
    slow.close()


class _NoCommands:
    """Nothing is asked of it."""


def asked(pages: FlaskClient, path: str, code: int = 200) -> Any:
    """The body of an answer."""
    answer = pages.get(path, headers=TOKEN)
    assert answer.status_code == code, answer.text
    return answer.get_json()


def test_ranking(pages: FlaskClient) -> None:
    """Places and standards as lists, a span as people write it."""
    rows = asked(
        pages, "/api/rank?places=A,B&span=2026-10-12..18&standard=old&standard=new&compare=no"
    )["rows"]
    assert [(row["standard"], row["place"], row["rank"]) for row in rows] == [
        ("GB3095-2012", "B", 1),
        ("GB3095-2012", "A", 2),
        ("GB3095-2026-transition", "B", 1),
        ("GB3095-2026-transition", "A", 2),
    ]
    assert rows[0]["start"] == "2026-10-12T00:00:00+08:00"
    assert rows[0]["last_year"] is None


def test_index_and_evaluation(pages: FlaskClient) -> None:
    """Bounds as times, Beijing time where no zone is given."""
    span = "from=2026-10-12&to=2026-10-19"
    rows = asked(pages, f"/api/aqi?places=region:*&{span}&level=day")["rows"]
    assert [(row["place"], row["aqi"]) for row in rows[::7]] == [
        ("region:330100", 65),
        ("region:330200", 60),
    ]
    rows = asked(pages, f"/api/evaluate?places=A&{span}&standard=old&air_class=1")["rows"]
    assert (rows[0]["standard"], rows[0]["limit"]) == ("GB3095-2012", 15.0)


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("rank?span=2026-10", "places", "places"),
        ("rank?places=A", "from", "a start and an end are needed, or a span"),
        ("rank?places=A&span=2026-10&from=2026-10-01", "from", "or a span"),
        ("rank?places=region:x&span=2026-10", "places", "digits"),
        ("aqi?places=A&span=2026-10&level=week", "level", "Invalid enum value 'week'"),
        ("aqi?places=A&span=2026-10&levle=day", "places", "levle"),
        ("evaluate?places=A&from=soon&to=now", "from", "soon"),
    ],
)
def test_wrong_queries(pages: FlaskClient, query: str, field: str, sentence: str) -> None:
    """400, with the field and one sentence."""
    body = asked(pages, f"/api/{query}", 400)
    assert body["field"] == field
    assert sentence in body["error"]


def test_requests_of_the_socket() -> None:
    """One line a request; an unknown field is refused; the answer's name is the operation's."""
    decode = reader((Aqi, Evaluate, Rank))
    line = b'{"op":"rank","places":["region:*"],"span":"2026-Q3","basis":"month","scope":"time"}'
    request = decode(line)
    assert isinstance(request, Rank)
    question = request.meaning()
    assert (question.start, question.end) == (datetime(2026, 6, 30, 16), datetime(2026, 9, 30, 16))
    assert (question.basis, question.scope, question.compare) == ("month", "time", True)
    with pytest.raises(ValueError, match="levle"):
        decode(b'{"op":"aqi","places":["A"],"span":"2026","levle":"day"}')
    with pytest.raises(ValueError, match="places"):
        decode(b'{"op":"aqi","places":[],"span":"2026"}')
    names: dict[str, type[Request]] = {"aqi": Aqi, "evaluate": Evaluate, "rank": Rank}
    for name, kind in names.items():
        assert kind.__struct_config__.tag == name
    assert msgspec.convert({"op": "evaluate", "places": ("A",), "span": "2026"}, Evaluate)
