"""Routes of the API about means."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin import means_api
from admin.app import create_app
from admin.commands import Declined


class Window:
    """Notes what is asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def means(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """One row."""
        self.asked.append(asked)
        if asked["start"] == "soon":
            raise Declined("soon is no time", "from")
        return [{"mn": "A", "value": 20.0}]

    def recompute(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A day."""
        self.asked.append(asked)
        return {"hours": 24}


@pytest.fixture
def window() -> Window:
    """A window that notes."""
    return Window()


@pytest.fixture
def client(window: Window) -> FlaskClient:
    """The pages over it."""
    app: Flask = create_app(
        None, object(), lambda: ["test:abcdefghijkl"], None, [means_api.routes(window)]
    )
    return app.test_client()


HEADERS = {"Authorization": "Bearer abcdefghijkl"}


def test_lists_come_with_commas_or_one_by_one(client: FlaskClient, window: Window) -> None:
    """Stations, factors, statistics; one side on request."""
    answer = client.get(
        "/api/means?level=day&from=2026-10-09&to=2026-10-10&mn=A,B&mn=C&factor=a34004&side=computed",
        headers=HEADERS,
    )
    assert answer.json == {"means": [{"mn": "A", "value": 20.0}]}
    assert window.asked == [
        {
            "level": "day",
            "start": "2026-10-09",
            "end": "2026-10-10",
            "mns": ["A", "B", "C"],
            "region": "",
            "factors": ["a34004"],
            "stats": None,
            "computed_only": True,
            "reported_only": False,
        }
    ]


def test_what_is_wrong_is_said_with_its_field(client: FlaskClient) -> None:
    """400 and a sentence; 401 without a token."""
    answer = client.get("/api/means?level=decade&from=a&to=b", headers=HEADERS)
    assert (answer.status_code, answer.json["field"]) == (400, "level")
    answer = client.get("/api/means?level=day&from=soon&to=now", headers=HEADERS)
    assert (answer.status_code, answer.json["field"]) == (400, "from")
    assert client.get("/api/means?level=day").status_code == 401


def test_hours_are_wanted_anew(client: FlaskClient, window: Window) -> None:
    """202: it is done later."""
    answer = client.post(
        "/api/means/recompute",
        json={"from": "2026-10-09", "to": "2026-10-10", "mns": ["A"]},
        headers=HEADERS,
    )
    assert (answer.status_code, answer.json) == (202, {"hours": 24})
    assert window.asked == [{"start": "2026-10-09", "end": "2026-10-10", "mns": ["A"]}]
