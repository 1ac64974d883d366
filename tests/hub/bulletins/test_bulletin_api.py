"""/api/bulletins over a registry in its own thread."""

from __future__ import annotations

from typing import Any

import pytest
from bulletins_rig import Desk
from flask import Blueprint, Flask, g
from twisted.internet.defer import Deferred

from admin.api_answers import Said, problem_answer
from admin.bulletins_api import routes
from admin.commands import Declined
from hj212d.hub.bulletins.api_window import ApiWindow
from hj212d.hub.bulletins.desk import BulletinDesk


class Loop:
    """An event loop that is the test's own thread."""

    def callFromThread(self, call: Any, *args: Any) -> None:
        """At once."""
        call(*args)


@pytest.fixture
def client(desk: Desk) -> Any:
    """The routes, asked by somebody, over a service that has published."""
    desk.turn()
    app = Flask("test")
    pages = Blueprint("api", __name__, url_prefix="/api")

    @pages.before_request
    def who() -> None:
        g.who = "somebody"

    @pages.errorhandler(Said)
    def said(problem: Said) -> Any:
        return problem_answer(problem.code, str(problem), problem.field)

    @pages.errorhandler(Declined)
    def declined(problem: Declined) -> Any:
        return problem_answer(400, str(problem))

    routes(ApiWindow(Loop(), BulletinDesk(desk, desk.service)))(pages)  # type: ignore[arg-type]
    app.register_blueprint(pages)
    return app.test_client()


def test_listed_and_shown(client: Any) -> None:
    """By kind, place and span; one with its versions."""
    found = client.get("/api/bulletins?kind=hour&place=A&from=2026-11-20T11:00").json
    assert [row["content"]["aqi"] for row in found["bulletins"]] == [30]
    one = client.get("/api/bulletin?kind=hour&place=A&start=2026-11-20T11:00")
    assert one.json["bulletin"]["version"] == 1
    assert len(one.json["versions"]) == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("bulletin?kind=hour&place=Z&start=2026-11-20", 404),
        ("bulletin?kind=hour&place=A", 400),
        ("bulletins?kind=week", 400),
        ("bulletins?from=soon", 400),
        ("bulletins?limit=0", 400),
    ],
)
def test_refusals(client: Any, query: str, code: int) -> None:
    """One sentence, nothing else."""
    answer = client.get(f"/api/{query}")
    assert (answer.status_code, next(iter(answer.json))) == (code, "error")


def test_published_by_hand(client: Any, desk: Desk) -> None:
    """Begun, not waited for."""
    said = {"kind": "hour", "from": "2026-11-01T00:00", "to": "2026-11-01T02:00"}
    answer = client.post("/api/bulletins", json=said)
    assert (answer.status_code, answer.json["asked"]) == (202, "hour")
    desk.turn(0)
    assert client.get("/api/bulletins?kind=hour&to=2026-11-02").json["bulletins"]
    assert client.post("/api/bulletins", json={"kind": "hour"}).status_code == 400
    assert client.post("/api/bulletins", json=said | {"from": "soon"}).status_code == 400


def test_deferred_is_waited_for() -> None:
    """The page's thread gets what the loop says."""
    done: Deferred[Any] = Deferred()

    class Slow:
        def bulletins(self, request: Any) -> Deferred[Any]:
            done.callback({"bulletins": [request.limit]})
            return done

    window = ApiWindow(Loop(), Slow())  # type: ignore[arg-type]
    assert window.bulletins({"limit": 3}) == {"bulletins": [3]}
