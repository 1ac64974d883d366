"""Sites, reviews, events and limits over the API, done on a real registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pages_source import FakeSource
from test_api import HEADERS, TOKENS, FakeCommands
from twisted.internet.defer import Deferred, maybeDeferred

from admin import decisions_api
from admin.app import create_app
from hj212d.hub.decisions.api_window import ApiWindow
from hj212d.hub.decisions.assembly import DEEDS
from hj212d.hub.decisions.deeds import Deed, Terms
from hj212d.hub.decisions.settings import ReviewSettings
from hj212d.hub.devices import Devices
from hj212d.hub.registered import registered
from hj212d.hub.site_book import SiteBook
from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry, open_registry

MARK = {"mn": "A", "start": "2026-03-01T08:00", "end": "2026-03-01T10:00", "reason": "fault"}

Ask = Callable[..., tuple[int, Any]]


class AtOnce:
    """An event loop that does what it is asked in the asking thread."""

    def callFromThread(self, work: Callable[[], object]) -> None:
        """Now."""
        work()


class Hub:
    """Does deeds on a registry, unless that is ``away``."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.away = False

    def done(self, deed: Deed) -> Deferred[dict[str, Any]]:
        """As the hub does it."""
        return maybeDeferred(self._do, deed)

    def _do(self, deed: Deed) -> dict[str, Any]:
        if self.away:
            raise RegistryUnavailable("the disk is full")
        devices = Devices([])
        sites = SiteBook(devices)
        devices.load(registered(self.registry))
        sites.load(self.registry.sites.all())
        return deed.do(self.registry, Terms(sites, ReviewSettings(), datetime.now(UTC)))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub with an empty registry."""
    made = open_registry(f"sqlite:///{tmp_path}/registry.db", tmp_path / "registry.key")
    with closing(made) as registry:
        yield Hub(registry)


@pytest.fixture
def ask(hub: Hub) -> Ask:
    """Ask the API; status and body."""
    window = ApiWindow(AtOnce(), DEEDS, hub.done)
    app = create_app(
        FakeSource(), FakeCommands(), lambda: TOKENS, None, [decisions_api.routes(window)]
    )
    client: FlaskClient = app.test_client()

    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = client.open(path, method=method, json=body, headers=HEADERS)
        return answer.status_code, json.loads(answer.data)

    return call


def test_a_token_is_needed(hub: Hub) -> None:
    """As for everything under /api."""
    window = ApiWindow(AtOnce(), DEEDS, hub.done)
    app = create_app(
        FakeSource(), FakeCommands(), lambda: TOKENS, None, [decisions_api.routes(window)]
    )
    for path in ("sites", "reviews", "events", "limits"):
        assert app.test_client().get(f"/api/{path}").status_code == 401


def test_sites(ask: Ask) -> None:
    """Put, listed, shown with who changed them, removed."""
    assert ask("PUT", "/api/sites/A", {"name": "西湖", "medium": "air", "region": "330106"}) == (
        200,
        {"changed": 1},
    )
    assert [site["name"] for site in ask("GET", "/api/sites?region=33")[1]["sites"]] == ["西湖"]
    assert ask("GET", "/api/sites?medium=flue&limit=5")[1] == {"sites": []}
    shown = ask("GET", "/api/sites/A")[1]
    assert (shown["site"]["role"], shown["changes"][0]["who"]) == ("assessed", "scada")
    assert ask("DELETE", "/api/sites/A") == (200, {"removed": 1})
    assert ask("DELETE", "/api/sites/A") == (404, {"error": "the registry has no site A"})
    assert ask("GET", "/api/sites/Z") == (404, {"error": "nobody knows a site Z"})
    wrong = ask("PUT", "/api/sites/A", {"longitude": 200, "latitude": 30})
    assert wrong == (
        400,
        {"error": "longitude = 200: expected degrees from -180 to 180", "field": "longitude"},
    )
    assert ask("GET", "/api/sites?limit=x")[1]["field"] == "limit"
    assert ask("GET", "/api/sites?colour=red")[0] == 400


def test_reviews(ask: Ask) -> None:
    """One or many; who asks is the name of the token, whatever the body says."""
    code, answer = ask("POST", "/api/reviews", MARK)
    assert (code, answer["added"], answer["reviews"][0]["who"]) == (201, 1, "scada")
    several = {"reviews": [MARK, {**MARK, "mn": "B"}]}
    assert ask("POST", "/api/reviews", several)[1]["added"] == 1
    assert ask("POST", "/api/reviews/1/revoke")[1]["reviews"][0]["revoked_by"] == "scada"
    assert ask("POST", "/api/reviews/9/revoke") == (404, {"error": "there is no review 9"})
    assert [one["mn"] for one in ask("GET", "/api/reviews")[1]["reviews"]] == ["B"]
    assert (
        len(ask("GET", "/api/reviews?state=all&from=2026-03-01&to=2026-03-02")[1]["reviews"]) == 2
    )
    assert ask("GET", "/api/reviews?change=2")[1]["change"] == 3
    code, wrong = ask("POST", "/api/reviews", {"reviews": [MARK, {**MARK, "reason": "x"}]})
    assert (code, wrong["field"]) == (400, "reason")
    assert wrong["error"].startswith('number 2: reason = "x": expected one of')
    assert ask("POST", "/api/reviews", {**MARK, "who": "me"})[1]["field"] == "who"
    assert ask("GET", "/api/reviews?state=some")[1]["field"] == "state"


def test_events(ask: Ask) -> None:
    """Proposed, approved, rejected."""
    event = {"kind": "dust", "area": ["330100"], "start": "2026-03-01", "end": "2026-03-02"}
    code, answer = ask("POST", "/api/events", event)
    assert (code, answer["event"]["state"]) == (201, "proposed")
    assert ask("POST", "/api/events/1/approve")[1]["event"]["decided_by"] == "scada"
    assert ask("POST", "/api/events/1/reject")[1]["event"]["state"] == "rejected"
    assert len(ask("GET", "/api/events?state=rejected")[1]["events"]) == 1
    assert ask("POST", "/api/events/2/approve")[0] == 404
    assert ask("POST", "/api/events", {**event, "kind": "rain"})[1]["field"] == "kind"


def test_limits(ask: Ask) -> None:
    """Added, listed, removed."""
    limit = {"mn": "A", "factor": "SO2", "high": 35, "unit": "mg/m3"}
    assert ask("POST", "/api/limits", limit)[0] == 201
    assert ask("GET", "/api/limits?mn=A")[1]["limits"][0]["factor"] == "a21026"
    assert ask("DELETE", "/api/limits/1") == (200, {"removed": 1})
    assert ask("DELETE", "/api/limits/1") == (404, {"error": "there is no limit 1"})
    assert ask("POST", "/api/limits", {**limit, "unit": "stone"})[1]["field"] == "unit"


def test_a_registry_that_is_away(hub: Hub, ask: Ask) -> None:
    """The page is told to come back."""
    hub.away = True
    code, answer = ask("GET", "/api/sites")
    assert code == 503
    assert "the registry is unavailable" in answer["error"]
