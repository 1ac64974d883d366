"""Emergency plans over the API, done on a real registry."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from pages_source import FakeSource
from test_alerts_api import WHO, Hub, hub
from test_api import HEADERS, TOKENS, FakeCommands
from test_decisions_api import AtOnce

from admin import plans_api
from admin.app import create_app
from hj212d.hub.alert_desk.assembly import DEEDS
from hj212d.hub.decisions.api_window import ApiWindow

__all__ = ["hub"]


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    """Of the API of that hub."""
    routes = [plans_api.routes(ApiWindow(AtOnce(), DEEDS, hub.done))]
    return create_app(FakeSource(), FakeCommands(), lambda: TOKENS, None, routes).test_client()


def answer(reply: Any, status: int = 200) -> Any:
    """Its JSON; the status must be that one."""
    assert reply.status_code == status, reply.text
    return reply.get_json()


def test_a_plan_over_the_api(client: FlaskClient) -> None:
    """Put down, found, changed, reviewed and withdrawn, by whose token it was."""
    said = {"title": "重污染", "region": "330100", "level": "II", "text": "第一条", "kinds": []}
    reply = client.post("/api/plans", json=said, headers=HEADERS)
    plan = answer(reply, 201)["plan"]
    code = plan["code"]
    assert (code, plan["who"]) == ("YA-330100-2026-0001", WHO)
    found = answer(client.get("/api/plans?text=第一条&level=II&limit=5", headers=HEADERS))
    assert [one["code"] for one in found["plans"]] == [code]
    whole = answer(client.get(f"/api/plans/{code}", headers=HEADERS))["plan"]
    assert whole["text"] == "第一条"
    changed = client.put(f"/api/plans/{code}", json={"review_days": 9}, headers=HEADERS)
    assert answer(changed)["plan"]["review_days"] == 9
    assert answer(client.post(f"/api/plans/{code}/review", headers=HEADERS))["plan"]["review_by"]
    gone = answer(client.post(f"/api/plans/{code}/withdraw", headers=HEADERS))
    assert gone["plan"]["state"] == "withdrawn"


def test_what_is_refused(client: FlaskClient) -> None:
    """No such plan, a field that is wrong, nobody's token."""
    assert "there is no plan" in client.get("/api/plans/YA-1", headers=HEADERS).text
    assert client.get("/api/plans/YA-1", headers=HEADERS).status_code == 404
    wrong = client.post("/api/plans", json={"title": "x", "level": "V"}, headers=HEADERS)
    assert wrong.status_code in (400, 422)
    assert "level" in wrong.text
    assert client.get("/api/plans?limit=0", headers=HEADERS).status_code in (400, 422)
    assert client.get("/api/plans").status_code == 401
