"""The API over a fake service: who may ask, what is wrong with a request, what is answered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from pages_source import FakeSource
from werkzeug.test import TestResponse

from admin.app import create_app
from admin.commands import Declined
from admin.source import NotAvailable, Row

TOKENS = ["page:aaaaaaaaaaaa", "scada:bbbbbbbbbbbb"]
HEADERS = {"Authorization": "Bearer bbbbbbbbbbbb"}
WISH = {"mn": "A", "name": "read-clock"}


class FakeCommands:
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.problem: Exception | None = None

    def submit(self, wish: Row, who: str) -> Row:
        """Number 7."""
        self._ask("submit", wish, who)
        return {"id": 7, "mn": wish["mn"]}

    def find(
        self, mn: str | None, states: Sequence[str] | None, before_id: int | None, limit: int
    ) -> list[Row]:
        """One."""
        self._ask("find", mn, states, before_id, limit)
        return [{"id": 7}]

    def get(self, number: int) -> Row | None:
        """Only number 7."""
        return {"command": {"id": 7}, "events": []} if number == 7 else None

    def cancel(self, number: int, who: str) -> Row | None:
        """The same."""
        self._ask("cancel", number, who)
        return {"id": 7} if number == 7 else None

    def requests(self, version: str | None) -> list[Row]:
        """One."""
        return [{"name": "read-clock", "version": version}]

    def _ask(self, *asked: Any) -> None:
        self.asked.append(asked)
        if self.problem is not None:
            raise self.problem


@pytest.fixture
def commands() -> FakeCommands:
    """A service that takes everything."""
    return FakeCommands()


@pytest.fixture
def client(commands: FakeCommands) -> FlaskClient:
    """A client of an API with two tokens."""
    return create_app(FakeSource(), commands, lambda: TOKENS).test_client()


def post(client: FlaskClient, body: Any, **headers: str) -> TestResponse:
    """POST /api/commands; a body that is no text goes as JSON."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(
        "/api/commands",
        data=text,
        content_type=headers.pop("content_type", "application/json"),
        headers={**HEADERS, **headers},
    )


def test_without_tokens_nobody(commands: FakeCommands) -> None:
    """No token configured: the API is off, whatever is shown, and says what to configure."""
    client = create_app(FakeSource(), commands, list).test_client()
    answer = client.get("/api/commands", headers=HEADERS)
    assert (answer.status_code, "api_tokens" in answer.json["error"]) == (403, True)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic bbbbbbbbbbbb", "Bearer \xe4\xff"]
)
def test_a_token_is_needed(client: FlaskClient, commands: FakeCommands, header: str) -> None:
    """Without a known one nothing is done, for any path."""
    for path in ("/api/commands", "/api/commands/7", "/api/requests", "/api/whatever"):
        answer = client.get(path, headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert commands.asked == []


def test_submitting(client: FlaskClient, commands: FakeCommands) -> None:
    """The wish with its defaults, and the token's name as who."""
    answer = post(client, {**WISH, "args": {"PolId": "a", "CTime": ["1", "2"]}, "queue": True})
    assert (answer.status_code, answer.headers["Location"]) == (201, "/api/commands/7")
    assert answer.json == {"command": {"id": 7, "mn": "A"}}
    ((_, wish, who),) = commands.asked
    assert who == "scada"
    assert wish == {
        "mn": "A",
        "name": "read-clock",
        "args": {"PolId": "a", "CTime": ["1", "2"]},
        "queue": True,
        "expires_s": None,
        "priority": 5,
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "read-clock"}, "mn"),
        ({**WISH, "priority": "x"}, "priority"),
        ({**WISH, "priority": 10}, "priority"),
        ({**WISH, "expires_s": -1}, "expires_s"),
        ({**WISH, "args": {"PolId": 5.5}}, "args"),
        ({**WISH, "prio": 1}, "prio"),
        ([], ""),
    ],
)
def test_the_field_that_is_wrong(
    client: FlaskClient, commands: FakeCommands, body: Any, field: str
) -> None:
    """400 with its name, and nothing is submitted."""
    answer = post(client, body)
    assert (answer.status_code, answer.json.get("field", "")) == (400, field)
    assert commands.asked == []


def test_numbers_as_arguments(client: FlaskClient, commands: FakeCommands) -> None:
    """They go out as the texts that the standard has."""
    args = {"OverTime": 20, "ReCount": "3", "CTime": [4, "16"]}
    assert post(client, {**WISH, "args": args}).status_code == 201
    ((_, wish, _),) = commands.asked
    assert wish["args"] == {"OverTime": "20", "ReCount": "3", "CTime": ["4", "16"]}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("state=done,nope", "state: 'nope' is none of queued, sent, accepted, done, refused, "
                            "failed, timeout, expired, cancelled"),
        ("number=7", "number: there is no such field; there are mn, state, before_id, limit"),
        ("limit=0", "limit: Expected `int` >= 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_words(client: FlaskClient, query: str, sentence: str) -> None:
    """With what there is instead."""
    answer = client.get(f"/api/commands?{query}", headers=HEADERS)
    assert (answer.status_code, answer.json["error"]) == (400, sentence)


def test_bodies_that_are_none(client: FlaskClient, commands: FakeCommands) -> None:
    """No JSON, broken JSON, bytes that are no text, too large: refused, each with its status."""
    assert (
        post(client, "mn=A", content_type="application/x-www-form-urlencoded").status_code == 415
    )
    for broken in ("{", "", b'{"mn": "\xff"}'):
        assert post(client, broken).status_code == 400
    assert post(client, {**WISH, "args": {"a": "x" * 70_000}}).status_code == 413
    assert commands.asked == []


def test_declined(client: FlaskClient, commands: FakeCommands) -> None:
    """A wrong field is the asker's (400); a state of things is a conflict (409)."""
    commands.problem = Declined("RtdInterval: '5' is not a number from 30 to 3600", "args")
    assert post(client, WISH).json == {"error": str(commands.problem), "field": "args"}
    commands.problem = Declined("A is not connected")
    answer = post(client, WISH)
    assert (answer.status_code, answer.json) == (409, {"error": "A is not connected"})
    commands.problem = NotAvailable("the registry is unavailable")
    assert post(client, WISH).status_code == 503


def test_listing(client: FlaskClient, commands: FakeCommands) -> None:
    """Filters by MN, states, number; a wrong one is named."""
    path = "/api/commands?mn=A&state=queued,sent&state=done&before_id=9&limit=5"
    assert client.get(path, headers=HEADERS).json == {"commands": [{"id": 7}]}
    assert commands.asked == [("find", "A", ["queued", "sent", "done"], 9, 5)]
    for query, field in (("state=lost", "state"), ("limit=0", "limit"), ("before=1", "before")):
        answer = client.get(f"/api/commands?{query}", headers=HEADERS)
        assert (answer.status_code, answer.json["field"]) == (400, field)


def test_one_and_cancelling(client: FlaskClient, commands: FakeCommands) -> None:
    """By number; one that is not there is 404."""
    assert client.get("/api/commands/7", headers=HEADERS).json["command"] == {"id": 7}
    assert client.delete("/api/commands/7", headers=HEADERS).json == {"command": {"id": 7}}
    assert commands.asked == [("cancel", 7, "scada")]
    for answer in (
        client.get("/api/commands/8", headers=HEADERS),
        client.delete("/api/commands/8", headers=HEADERS),
        client.get("/api/commands/x", headers=HEADERS),
        client.get("/api/", headers=HEADERS),
    ):
        assert answer.status_code == 404
        assert "error" in answer.json


def test_the_catalogue(client: FlaskClient) -> None:
    """Of all versions, or of one."""
    answer = client.get("/api/requests?version=2017", headers=HEADERS)
    assert answer.json == {"requests": [{"name": "read-clock", "version": "2017"}]}
    assert client.get("/api/requests?version=2024", headers=HEADERS).status_code == 400
