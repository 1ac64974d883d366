"""What is published of a frame."""

from __future__ import annotations

import msgspec
import xxhash
from hub_rig import MN, sealed, upload
from publishing import AT_US, bale

from hj212d.hub.forward.letters import bale_of
from hj212d.hub.forward.publish.message import Messages
from hj212d.hub.times import iso
from hj212d.wire.frame import Device

KEY = b"0123456789abcdef"


def test_a_plain_frame_is_taken_apart() -> None:
    """Header, content and the frame itself are there, times in UTC."""
    raw = upload()
    body = msgspec.json.decode(Messages(lambda _: Device()).body(bale([raw]).frame(0)))
    assert body["mn"] == MN
    assert (body["cn"], body["st"], body["version"]) == ("2011", "32", "2017")
    assert body["data_time"] == "2026-01-01T00:00:00Z"
    assert body["factors"] == {"w01018": {"Rtd": "12.5", "Flag": "N"}}
    assert body["raw"] == raw.decode()
    assert body["readable"] is True
    assert body["id"] == xxhash.xxh3_128_hexdigest(raw)
    assert body["received_at"] == iso(AT_US)


def test_an_encrypted_frame_is_opened_with_the_key_of_its_device() -> None:
    """With the key values are there; without it the bytes are, and the message says so."""
    parcel = bale([sealed(KEY)]).frame(0)
    opened = msgspec.json.decode(Messages(lambda _: Device(keys=(KEY,))).body(parcel))
    assert opened["factors"]["a01011"]["Rtd"] == "1.35"
    assert opened["encrypted"] is True
    closed = msgspec.json.decode(Messages(lambda _: Device()).body(parcel))
    assert closed["readable"] is False
    assert closed["mn"] == MN
    assert "raw_base64" in closed
    assert closed["id"] == opened["id"]


def test_a_dead_letter_that_is_sent_again_has_its_id() -> None:
    """A consumer that has it after all can tell. When it came is not known any more."""
    raw = upload()
    messages = Messages(lambda _: Device())
    first = msgspec.json.decode(messages.body(bale([raw]).frame(0)))
    again = msgspec.json.decode(messages.body(bale_of([raw]).frame(0)))
    assert again == first | {"received_at": None}
