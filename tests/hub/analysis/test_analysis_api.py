"""Analysis over the API: from the query to an answer, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fixed_answers import FixedAnswers
from flask import Flask
from flask.testing import FlaskClient

from admin import analysis_api
from admin.api import api
from hj212d.hub.analysis.api_window import ApiWindow
from hj212d.hub.slow_work import SlowWork

TOKEN = {"Authorization": "Bearer secret"}
WEEK = "place=A&from=2026-03-02&to=2026-03-09"


class _NoCommands:
    """Nothing is asked of it."""


@pytest.fixture
def pages() -> Iterator[FlaskClient]:
    """The API over a week of one station."""
    slow = SlowWork("queries", threads=1, waiting=1, timeout_s=90.0)
    routes = [analysis_api.routes(ApiWindow(FixedAnswers(), slow))]
    app = Flask("test")
    app.register_blueprint(api(_NoCommands(), lambda: ["who:secret"], None, routes))  # type: ignore[arg-type]
    yield app.test_client()
    slow.close()


def asked(pages: FlaskClient, path: str, code: int = 200) -> Any:
    """The body of an answer."""
    answer = pages.get(f"/api/analysis/{path}", headers=TOKEN)
    assert answer.status_code == code, answer.text
    return answer.get_json()


def test_answers_of_all_kinds(pages: FlaskClient) -> None:
    """Numbers and lists come as text and mean what they say."""
    rose = asked(pages, f"rose?{WEEK}&calm_ms=0.2&sectors=8&edges=1,2.5")
    assert (len(rose["rows"]), rose["classes"]) == (8, ["<= 1", "1-2.5", "> 2.5"])
    assert asked(pages, f"rose?{WEEK}&factor=PM2.5")["what"] == "PM2.5"
    assert len(asked(pages, f"polar?{WEEK}&factor=PM2.5")["rows"]) == 16 * 9
    patterns = asked(pages, f"patterns?{WEEK}&factor=PM2.5,a01007&cycle=weekday")
    assert list(patterns["units"]) == ["PM2.5", "a01007"]
    assert asked(pages, f"share?{WEEK}&ties=shared&above=100")["polluted"] == 1
    assert asked(pages, f"calendar?{WEEK}")["unpublished"] == 1
    trend = asked(pages, f"trend?{WEEK}&factor=O3&by=quarter&critical=1%25")
    assert [row["period"] for row in trend["rows"]] == ["2026-Q1"]


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("roses?place=A", "what", "there is rose, polar"),
        ("rose?place=A", "from", "from: "),
        ("rose?place=A&from=2026-03-02&to=soon", "to", "soon"),
        ("rose?from=2026-03-02&to=2026-03-09", "place", "place"),
        (f"rose?{WEEK}&sectors=7", "sectors", "7"),
        (f"rose?{WEEK}&edges=2,1", "place", "must rise"),
        (f"share?{WEEK}&above=70", "above", "70"),
        (f"rose?{WEEK}&colour=red", "place", "colour"),
    ],
)
def test_wrong_queries(pages: FlaskClient, query: str, field: str, sentence: str) -> None:
    """400, with the field and one sentence."""
    body = asked(pages, query, 400)
    assert body["field"] == field
    assert sentence in body["error"]
