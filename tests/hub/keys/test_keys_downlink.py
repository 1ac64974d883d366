"""Keys that a superior platform sets through us."""

from __future__ import annotations

import msgspec
import pytest
from keys_rig import KEY, MN, START, upload

from hj212d.hub.keys.downlink import key_in
from hj212d.wire.requests import build_request, find
from store.registry.records import CommandRecord

NEW = "n" * 16


def request(key: bytes | None, new: str = NEW) -> bytes:
    """A 1014 as the platform makes it."""
    spec = find("set-key", "2025")
    assert spec is not None
    return build_request(
        spec, version="2025", qn="20260301080000000", st="31", pw="123456", mn=MN,
        args={"SKCreateTime": "20260301080000000", "NewSK": new}, key=key,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (request(KEY), NEW.encode()),
        (request(None), NEW.encode()),
        (request(KEY, "00" * 16), bytes(16)),
        (request(b"another key of16"), None),
        (request(KEY, "n" * 17), None),
        (upload(START, KEY).frame.raw, None),
        (b"no frame", None),
    ],
)
def test_the_key_in_a_request(raw: bytes, expected: bytes | None):
    """Under a key that we know, or in plain."""
    assert key_in(raw, (b"x" * 16, KEY)) == expected


def test_a_key_that_another_platform_set_is_known_here(life):
    """Once the device took it; a refused one changes nothing."""
    rig = life(configured={MN: [KEY]})
    passed = CommandRecord(
        mn=MN, name="set-key", cn="1014", origin="forward:province", raw=request(KEY),
        created_at=START, expires_at=START, state="refused",
    )  # fmt: skip
    for hook in rig.commands.finished:
        hook(passed)
    assert rig.states() == ["current"]
    for hook in rig.commands.finished:
        hook(msgspec.structs.replace(passed, state="done"))
    assert rig.key("current") == NEW.encode()
    assert rig.states() == ["current", "previous"]
