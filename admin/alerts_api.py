"""Routes of the API about alerts: rules, incidents, contacts, subscriptions, messages.

Cases are in cases_api.py. Tests: tests/admin/test_alerts_api.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from admin.alert_answers import Ask, asking, fields, listed, times
from admin.decisions import Decisions


def routes(desk: Decisions) -> Callable[[Blueprint], None]:
    """What adds the routes to the API's blueprint. Bodies are the fields of the command line's
    options; lists take "limit" and "before"."""
    ask = asking(desk)

    def add(pages: Blueprint) -> None:
        _rules(pages, ask)
        _incidents(pages, ask)
        _contacts(pages, ask)
        _owners(pages, ask)
        _subscriptions(pages, ask)
        _maintenance(pages, ask)
        _outbox(pages, ask)
        _messages(pages, ask)

    return add


def _rules(pages: Blueprint, ask: Ask) -> None:
    @pages.get("/rules")
    def rules() -> Response:
        return ask("rules", dict(request.args))

    @pages.get("/rules/<key>")
    def rule(key: str) -> Response:
        return ask("rule_get", {"key": key})

    @pages.put("/rules/<key>")
    def put_rule(key: str) -> Response:
        return ask("rule_put", {"key": key, "fields": fields()})

    @pages.delete("/rules/<key>")
    def remove_rule(key: str) -> Response:
        return ask("rule_remove", {"key": key})

    @pages.post("/rules/<key>/on")
    def rule_on(key: str) -> Response:
        return ask("rule_switch", {"keys": [key], "on": True})

    @pages.post("/rules/<key>/off")
    def rule_off(key: str) -> Response:
        return ask("rule_switch", {"keys": [key], "on": False})


def _incidents(pages: Blueprint, ask: Ask) -> None:
    @pages.get("/incidents")
    def incidents() -> Response:
        return ask("incidents", listed(times(dict(request.args)), "state", "kind", "rule"))

    @pages.get("/incidents/<no>")
    def incident(no: str) -> Response:
        return ask("incident_get", {"no": no})

    @pages.post("/incidents/<no>/ack")
    def acknowledge(no: str) -> Response:
        return ask("incident_ack", {**fields(), "no": no})

    @pages.post("/incidents/<no>/silence")
    def silence(no: str) -> Response:
        return ask("incident_silence", {**times(fields()), "no": no})

    @pages.post("/incidents/<no>/unsilence")
    def unsilence(no: str) -> Response:
        return ask("incident_unsilence", {**fields(), "no": no})

    @pages.post("/incidents/<no>/close")
    def close(no: str) -> Response:
        return ask("incident_close", {**fields(), "no": no})

    @pages.post("/incidents/<no>/note")
    def note(no: str) -> Response:
        return ask("incident_note", {**fields(), "no": no})


def _contacts(pages: Blueprint, ask: Ask) -> None:
    @pages.get("/contacts")
    def contacts() -> Response:
        return ask("contacts", {})

    @pages.post("/contacts")
    def add_contact() -> Response:
        return ask("contact_put", {"fields": fields()}, 201)

    @pages.get("/contacts/<int:number>")
    def contact(number: int) -> Response:
        return ask("contact_get", {"contact": number})

    @pages.put("/contacts/<int:number>")
    def change_contact(number: int) -> Response:
        return ask("contact_put", {"contact": number, "fields": fields()})

    @pages.delete("/contacts/<int:number>")
    def remove_contact(number: int) -> Response:
        return ask("contact_remove", {"contact": number})

    @pages.post("/contacts/<int:number>/test")
    def test_contact(number: int) -> Response:
        return ask("contact_test", {**fields(), "contact": number}, 201)

    @pages.post("/contacts/<int:number>/limits")
    def limit(number: int) -> Response:
        return ask("subscription_limit", {**fields(), "contact": number}, 201)


def _owners(pages: Blueprint, ask: Ask) -> None:
    @pages.get("/owners")
    def owners() -> Response:
        return ask("owners", dict(request.args))

    @pages.post("/owners")
    def add_owners() -> Response:
        said = fields()
        return ask("owner_put", {"owners": said.get("owners", [said])}, 201)

    @pages.delete("/owners/<int:number>")
    def remove_owner(number: int) -> Response:
        return ask("owner_remove", {"ids": [number]})


def _subscriptions(pages: Blueprint, ask: Ask) -> None:
    @pages.get("/subscriptions")
    def subscriptions() -> Response:
        return ask("subscriptions", dict(request.args))

    @pages.post("/contacts/<int:number>/subscriptions")
    def subscribe(number: int) -> Response:
        return ask("subscription_add", {"contact": number, "fields": fields()}, 201)

    @pages.delete("/subscriptions/<int:number>")
    def unsubscribe(number: int) -> Response:
        return ask("subscription_remove", {"ids": [number]})


def _maintenance(pages: Blueprint, ask: Ask) -> None:
    @pages.get("/maintenance")
    def maintenance() -> Response:
        return ask("maintenance", dict(request.args))

    @pages.post("/maintenance")
    def add_maintenance() -> Response:
        return ask("maintenance_add", {"fields": times(fields())}, 201)

    @pages.delete("/maintenance/<int:number>")
    def cancel_maintenance(number: int) -> Response:
        return ask("maintenance_cancel", {"id": number})


def _outbox(pages: Blueprint, ask: Ask) -> None:
    @pages.get("/outbox")
    def outbox() -> Response:
        return ask("outbox", listed(dict(request.args), "state"))

    @pages.get("/outbox/<int:number>")
    def message(number: int) -> Response:
        return ask("outbox_get", {"id": number})

    @pages.post("/outbox/<int:number>/again")
    def again(number: int) -> Response:
        return ask("outbox_again", {"ids": [number]})

    @pages.delete("/outbox/<int:number>")
    def drop(number: int) -> Response:
        return ask("outbox_drop", {"ids": [number]})


def _messages(pages: Blueprint, ask: Ask) -> None:
    """Those of who asks; nobody reads another's here."""

    @pages.get("/messages")
    def messages() -> Response:
        asked: dict[str, Any] = dict(request.args)
        asked.pop("contact", None)
        return ask("messages", asked)

    @pages.post("/messages/read")
    def read() -> Response:
        return ask("messages_read", {"ids": fields().get("ids")})
