"""The API of a real hub: over HTTP to an instrument and back."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from hub_rig import MN, OTHER_MN, HubProcess, lane, running_hub
from instrument import Instrument
from waiting import wait_until

TOKEN = "correct-horse"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub with one token and two registered stations."""
    orders: dict[str, Any] = {
        "hub": {"http": "127.0.0.1:0", "api_tokens": [f"scada:{TOKEN}"]},
        "commands": {"settle_s": 0.0, "pause_ms": 0},
        "devices": [{"mn": MN}, {"mn": OTHER_MN}],
    }
    with running_hub(tmp_path_factory.mktemp("api"), **orders) as hub:
        yield hub


def call(
    hub: HubProcess, method: str, path: str, body: Any = None, token: str = TOKEN
) -> tuple[int, Any]:
    """Status and JSON of one call."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(hub.http + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=90) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_to_an_instrument_and_back(hub: HubProcess) -> None:
    """Submitted, sent, answered, read again; the token's name is who asked."""
    with lane(hub.data) as writer, Instrument(hub.control, writer) as instrument:
        wait_until(lambda: hub.client.call("links", mn=MN)["links"])
        code, answer = call(hub, "POST", "/api/commands", {"mn": MN, "name": "1011"})
        assert (code, answer["command"]["who"]) == (201, "scada")
        path = f"/api/commands/{answer['command']['id']}"
        instrument.answer_clock(instrument.request())
        wait_until(lambda: call(hub, "GET", path)[1]["command"]["state"] == "done")
        code, answer = call(hub, "GET", f"/api/commands?mn={MN}&state=done")
        assert (code, len(answer["commands"])) == (200, 1)
        assert call(hub, "DELETE", path)[0] == 409


def test_queued_and_cancelled(hub: HubProcess) -> None:
    """For one that is away: refused, or queued and cancelled."""
    wish = {"mn": OTHER_MN, "name": "read-clock"}
    assert call(hub, "POST", "/api/commands", wish)[0] == 409
    code, answer = call(hub, "POST", "/api/commands", {**wish, "queue": True})
    assert (code, answer["command"]["state"]) == (201, "queued")
    code, answer = call(hub, "DELETE", f"/api/commands/{answer['command']['id']}")
    assert (code, answer["command"]["why"]) == (200, "cancelled by scada")
    wish = {"mn": MN, "name": "set-realtime-interval", "args": {"RtdInterval": "1"}}
    code, answer = call(hub, "POST", "/api/commands", wish)
    assert (code, answer["field"]) == (400, "args")


def test_only_with_a_token_and_only_there(hub: HubProcess) -> None:
    """A wrong token is told nothing; the pages still take no POST; tokens can be exchanged."""
    assert call(hub, "GET", "/api/commands", token="wrong-horse")[0] == 401
    assert hub.get("/", method="POST")[0] == 405
    assert len(call(hub, "GET", "/api/requests")[1]["requests"]) > 40
    hub.tell({**hub.orders, "hub": {**hub.orders["hub"], "api_tokens": []}})
    wait_until(lambda: call(hub, "GET", "/api/requests")[0] == 403)
    assert TOKEN not in json.dumps(hub.status())
