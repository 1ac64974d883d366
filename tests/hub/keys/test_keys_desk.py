"""What the control socket of a real hub answers about keys, activation and positions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_rig import MN, HubProcess, append, good, lane, running_hub, sealed
from waiting import wait_until

from hj212d.hub.client import Refused
from hj212d.journal.record import Record
from hj212d.wire import build

KEY = b"0123456789abcdef"


def notice() -> Record:
    """A device that has no MN yet."""
    segment = build.segment(
        qn="20260601120000000", st="31", cn="1001", pw="123456", mn="", flag=9,
        cp="i23005-Info=6970000000001ABCDEFG1234",
    )  # fmt: skip
    return good(build.frame(segment).removesuffix(b"\r\n"))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub whose journal has an encrypted upload, a notice and a position."""
    data: Path = tmp_path_factory.mktemp("keys")
    devices = [{"mn": MN, "name": "West", "keys": [KEY.decode()]}]
    here = build.segment(
        qn="20260601120000000", st="22", cn="2011", pw="1", mn="GPS1", flag=5,
        cp="DataTime=20260601120000;l01001-Rtd=119.90;l01002-Rtd=32.48",
    )  # fmt: skip
    with running_hub(data, devices=devices) as running:
        wait_until(lambda: running.status()["commands"]["state"] == "ok", "commands")
        with lane(data) as writer:
            place = build.frame(here).removesuffix(b"\r\n")
            append(writer, [good(sealed(KEY)), notice(), good(place)])
        call = running.client.call
        wait_until(lambda: call("activations", state="waiting")["activations"], "the notice")
        wait_until(lambda: call("positions")["positions"], "a position")
        wait_until(lambda: any(row["proven_at"] for row in call("keys")["keys"]), "proof")
        yield running


def test_the_report_names_every_device_and_no_key(hub: HubProcess) -> None:
    """Configured keys are taken over; the first encrypted frame proves them."""
    answer = hub.client.call("keys")
    assert KEY.decode() not in json.dumps(answer)
    rows = {row["mn"]: row for row in answer["keys"]}
    assert rows[MN]["state"] == "current"
    assert rows[MN]["encrypted_share"] == 1
    assert rows["GPS1"]["state"] == "none"
    assert answer["summary"]["devices"] == len(rows)
    first = hub.client.call("keys", limit=1)
    assert [row["mn"] for row in first["keys"]] == [first["next"]]
    rest = hub.client.call("keys", after=first["next"])
    assert len(rest["keys"]) == len(rows) - 1


def test_a_key_is_set_and_its_history_told(hub: HubProcess) -> None:
    """For a device that is not configured."""
    hub.client.call("keys", do="set", mn="NEW1", key=KEY.hex())
    answer = hub.client.call("keys", do="history", mn="NEW1")
    assert [one["state"] for one in answer["keys"]] == ["current"]
    assert KEY.hex() not in json.dumps(answer)


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"op": "keys", "do": "rotate", "mn": "NOBODY"}, "no key"),
        ({"op": "keys", "do": "set", "mn": "NEW2", "key": "too short"}, "32 hexadecimal digits"),
        ({"op": "keys", "do": "set"}, "are needed"),
        ({"op": "activate", "id": 99, "mn": "A" * 24}, "no activation 99"),
        ({"op": "activate", "id": 1, "mn": MN}, "in use"),
        ({"op": "position", "id": 99, "do": "approve"}, "no position 99"),
    ],
)
def test_refusals_are_one_sentence(hub: HubProcess, request_: dict, sentence: str) -> None:
    """And hold nothing of a key."""
    request = dict(request_)
    with pytest.raises(Refused, match=sentence) as refused:
        hub.client.call(request.pop("op"), **request)
    assert "too short" not in str(refused.value)


def test_who_asks_for_an_mn_is_listed_and_dismissed(hub: HubProcess) -> None:
    """Accepting without a link is kept for later."""
    (row,) = hub.client.call("activations", state="waiting")["activations"]
    assert row["serials"] == {"i23005": "6970000000001ABCDEFG1234"}
    hub.client.call("activate", id=row["id"], do="dismiss")
    assert hub.client.call("activations", state="waiting")["activations"] == []


def test_a_reported_position_is_approved(hub: HubProcess) -> None:
    """From the values of an upload to the device."""
    (row,) = hub.client.call("positions", state="waiting")["positions"]
    assert (row["mn"], row["longitude"], row["latitude"]) == ("GPS1", 119.9, 32.48)
    assert hub.client.call("position", id=row["id"], do="approve")["written"]
    (device,) = hub.client.call("device_get", mn="GPS1")["devices"]
    assert (device["longitude"], device["position_source"]) == (119.9, "reported")


def test_the_status_counts_keys_and_activations(hub: HubProcess) -> None:
    """For who watches."""
    found = hub.status()
    assert found["keys"]["devices"] >= 1
    assert found["keys"]["activation"] == {"accepted": 0, "not_noted": 0}
    assert found["positions"]["reported_total"] == 1
