"""Rules, incidents, contacts, messages and cases over the API, done on a real registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pages_source import FakeSource
from test_api import HEADERS, TOKENS, FakeCommands
from test_decisions_api import AtOnce
from twisted.internet.defer import Deferred, maybeDeferred

from admin import alerts_api, cases_api
from admin.app import create_app
from alerts.incidents import deeds
from alerts.notify.wording import Wording
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from hj212d.hub.alert_desk.assembly import DEEDS
from hj212d.hub.alert_desk.deeds import AlertDeed, carried_out
from hj212d.hub.alert_desk.terms import desk_terms, incident_terms
from hj212d.hub.alerts.places import SitePlaces
from hj212d.hub.decisions.api_window import ApiWindow
from hj212d.hub.devices import Devices
from hj212d.hub.site_book import SiteBook
from store.registry.open import Registry, open_registry

Ask = Callable[..., tuple[int, Any]]
NOW = datetime(2026, 3, 2, tzinfo=UTC)
WHO = "scada"  # whose token HEADERS has


class Hub:
    """Does deeds on a registry, at a moment that tests set."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.sites = SiteBook(Devices([]))
        self.places = SitePlaces(self.sites, dict)

    def done(self, deed: AlertDeed) -> Deferred[dict[str, Any]]:
        """As the hub does it."""
        now, render = NOW + timedelta(minutes=5), Wording().render
        terms = desk_terms(now, self.sites, self.places, AlertsSettings(), render)
        return maybeDeferred(carried_out, deed, self.registry, terms)

    def incident(self) -> str:
        """A station is silent; the number of its incident."""
        signal = Signal(
            rule="offline",
            kind="offline",
            subject="mn:A",
            what="raised",
            began=NOW,
            at=NOW,
            seen_at=NOW,
        )
        for now, work in ((NOW, "take"), (NOW + timedelta(minutes=4), "tick")):
            make = incident_terms(now, self.sites, self.places, AlertsSettings(), Wording().render)
            terms = make(self.registry)
            if work == "take":
                deeds.take(self.registry, [signal], terms)
            else:
                deeds.tick(self.registry, terms)
        no: str = self.registry.incidents.list()[0].no
        return no


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub with an empty registry."""
    made = open_registry(f"sqlite:///{tmp_path}/registry.db", tmp_path / "registry.key")
    with closing(made) as registry:
        yield Hub(registry)


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    """Of the API of that hub."""
    window = ApiWindow(AtOnce(), DEEDS, hub.done)
    routes = [alerts_api.routes(window), cases_api.routes(window)]
    return create_app(FakeSource(), FakeCommands(), lambda: TOKENS, None, routes).test_client()


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """Ask the API; status and body."""

    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = client.open(f"/api/{path}", method=method, json=body, headers=HEADERS)
        return answer.status_code, json.loads(answer.data)

    return call


@pytest.mark.parametrize("path", ["rules", "incidents", "contacts", "outbox", "messages", "cases"])
def test_a_token_is_needed(client: FlaskClient, path: str) -> None:
    """As for everything under /api."""
    assert client.get(f"/api/{path}").status_code == 401


def test_rules(ask: Ask) -> None:
    """Listed, changed, switched, taken back; who did it is the token's name."""
    assert "offline" in {rule["key"] for rule in ask("GET", "rules")[1]["rules"]}
    code, answer = ask("PUT", "rules/offline", {"params": {"after_s": 600}})
    assert (code, answer["rule"]["who"]) == (200, WHO)
    assert ask("POST", "rules/offline/off")[1]["rules"][0]["on"] is False
    assert ask("POST", "rules/offline/on")[1]["rules"][0]["on"] is True
    assert ask("GET", "rules/offline")[1]["rule"]["origin"] == "changed"
    assert ask("DELETE", "rules/offline")[0] == 200
    assert ask("GET", "rules/none")[0] == 404
    code, answer = ask("PUT", "rules/offline", {"params": {"after_s": "x"}})
    assert (code, answer["field"]) == (400, "after_s")
    assert ask("PUT", "rules/offline", {"colour": 1})[1]["field"] == "colour"
    assert ask("GET", "rules?kind=flood")[1]["field"] == "kind"


def test_incidents(ask: Ask, hub: Hub) -> None:
    """What people do to them, and what of it is refused."""
    no = hub.incident()
    (row,) = ask("GET", "incidents?state=open,silenced&kind=offline&limit=1")[1]["incidents"]
    assert row["no"] == no
    assert ask("GET", f"incidents?before={row['id']}")[1]["incidents"] == []
    assert (
        ask("POST", f"incidents/{no}/ack", {"text": "在路上"})[1]["incident"]["acknowledged_by"]
        == WHO
    )
    assert ask("POST", f"incidents/{no}/silence", {"for": "2h"})[0] == 200
    assert ask("POST", f"incidents/{no}/unsilence")[0] == 200
    assert ask("POST", f"incidents/{no}/note", {"text": "<script>"})[0] == 200
    shown = ask("GET", f"incidents/{no}")[1]
    assert shown["log"][-1]["text"] == "<script>"
    past = {"until": "2026-03-01T00:00"}
    code, answer = ask("POST", f"incidents/{no}/silence", past)
    assert (code, answer["field"]) == (400, "until")
    assert ask("POST", f"incidents/{no}/note", {})[0] == 400
    assert ask("POST", f"incidents/{no}/close")[0] == 400
    assert ask("POST", "incidents/A1/ack")[0] == 404
    assert ask("POST", f"incidents/{no}/ack", {"no": "A1", "who": "root", "deed": "x"})[0] == 400
    assert ask("GET", "incidents?state=lost")[0] == 400
    assert ask("GET", "incidents?limit=0")[0] == 400


def test_contacts_owners_and_subscriptions(ask: Ask) -> None:
    """Added, changed, ended; an address is shown in part."""
    code, answer = ask("POST", "contacts", {"name": "王工", "ways": {"email": "wang@b.cn"}})
    assert (code, answer["contact"]["ways"]) == (201, {"email": "w***@b.cn"})
    assert ask("PUT", "contacts/1", {"login": WHO, "ways": {"app": ""}})[0] == 200
    assert ask("GET", "contacts/9")[0] == 404
    assert ask("POST", "contacts", {"name": "x", "ways": {"email": "x"}})[0] == 400
    assert ask("POST", "contacts/1/subscriptions", {"regions": ["33"]})[0] == 201
    assert len(ask("GET", "subscriptions?contact=1")[1]["subscriptions"]) == 1
    assert ask("DELETE", "subscriptions/9")[0] == 404
    assert ask("DELETE", "subscriptions/1")[1] == {"removed": 1}
    code, answer = ask("POST", "contacts/1/limits", {"mn": "A", "factor": "PM2.5", "high": 75})
    assert (code, answer["warnings"]) == (201, ["nobody knows A yet"])
    assert ask("DELETE", "contacts/1")[0] == 400
    assert ask("POST", "owners", {"place": "A", "contact": "王工"})[0] == 201
    lines = {"owners": [{"place": "region:33", "contact": 1}, {"place": "B", "contact": 1}]}
    assert ask("POST", "owners", lines)[1]["added"] == 2
    assert len(ask("GET", "owners?place=A")[1]["owners"]) == 1
    assert ask("DELETE", "owners/1")[1] == {"removed": 1}


def test_messages_are_those_of_who_asks(ask: Ask) -> None:
    """Whatever contact is asked for; the outbox shows all."""
    assert ask("GET", "messages")[0] == 404
    ask("POST", "contacts", {"name": "王工", "login": WHO, "ways": {"app": ""}})
    ask("POST", "contacts", {"name": "李工", "ways": {"app": ""}})
    assert ask("POST", "contacts/1/test", {"channel": "app"})[0] == 201
    other = ask("POST", "contacts/2/test")[1]["messages"][0]["id"]
    mine = ask("GET", "messages?contact=2")[1]["messages"]
    assert [one["contact"] for one in mine] == ["王工"]
    assert ask("POST", "messages/read", {"ids": [mine[0]["id"], other]})[1] == {"read": 1}
    assert ask("GET", "messages")[1]["messages"] == []
    assert len(ask("GET", "messages?all=true")[1]["messages"]) == 1
    assert len(ask("GET", "outbox?state=waiting&channel=app")[1]["messages"]) == 2
    assert ask("DELETE", f"outbox/{other}")[1]["messages"][0]["state"] == "withheld"
    assert ask("DELETE", f"outbox/{other}")[0] == 400
    assert ask("POST", f"outbox/{other}/again")[1]["messages"][0]["state"] == "waiting"
    assert ask("GET", f"outbox/{other}")[1]["message"]["contact"] == "李工"
    assert ask("GET", "outbox/99")[0] == 404


def test_maintenance(ask: Ask) -> None:
    """Added with "for", as on the command line, listed, cancelled."""
    code, answer = ask("POST", "maintenance", {"mns": ["A"], "for": "2h", "reason": "标定"})
    assert (code, answer["maintenance"]["who"]) == (201, WHO)
    assert len(ask("GET", "maintenance")[1]["maintenance"]) == 1
    assert ask("DELETE", "maintenance/1")[0] == 200
    assert ask("DELETE", "maintenance/9")[0] == 404
    assert ask("POST", "maintenance", {"for": "2h"})[1]["field"] == "mns"
    assert ask("GET", "maintenance?state=all")[1]["maintenance"][0]["cancelled_by"] == WHO


def test_cases(ask: Ask, hub: Hub) -> None:
    """Opened of an incident, shown, verified, void."""
    no = hub.incident()
    code, answer = ask("POST", f"incidents/{no}/case")
    assert (code, answer["case"]["class_code"]) == (201, "90002")
    case = answer["case"]["case_no"]
    assert ask("POST", f"incidents/{no}/case", {"class_code": "90002"})[0] == 400
    assert [one["case_no"] for one in ask("GET", "cases?state=reported")[1]["cases"]] == [case]
    assert ask("GET", f"cases/{case}")[1]["log"][0]["who"] == WHO
    assert ask("GET", "cases/verify")[1] == {"verified": 1, "broken": []}
    assert ask("POST", f"cases/{case}/void", {})[1]["field"] == "reason"
    assert ask("POST", f"cases/{case}/void", {"reason": "误报"})[1]["case"]["state"] == "voided"
    assert ask("GET", "cases/HJ1")[0] == 404


def test_bodies_that_are_none(client: FlaskClient) -> None:
    """Ten megabytes, no JSON, a list, another type: refused before anything is done."""

    def post(data: bytes, kind: str = "application/json") -> int:
        headers = {**HEADERS, "Content-Type": kind}
        return client.post("/api/contacts", data=data, headers=headers).status_code

    assert post(b'{"name": "' + b"x" * 10_000_000 + b'"}') == 413
    assert post(b"{") == 400
    assert post(b"[]") == 400
    assert post(b"name=x", "application/x-www-form-urlencoded") == 415
    assert post(b"") == 400
