"""Which requests leave encrypted, and with which key."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hj212d.hub.keys.policy import NoKey, request_key
from store.registry.records import KeyRecord

AT = datetime(2026, 1, 1, tzinfo=UTC)
PROVEN = KeyRecord("M", b"c" * 16, "current", AT, AT)
BELIEVED = KeyRecord("M", b"b" * 16, "current", AT)
PENDING = KeyRecord("M", b"p" * 16, "pending", AT)


@pytest.mark.parametrize(
    ("encrypted", "version", "encrypt", "keys", "expected"),
    [
        (True, "2025", "auto", [PENDING, PROVEN], PROVEN.key),
        (True, "2025", "auto", [BELIEVED], None),
        (True, "2025", "auto", [], None),
        (True, "2017", "auto", [PROVEN], None),
        (False, "2025", "auto", [PROVEN], None),
        (True, "2025", "never", [PROVEN], None),
        (True, "2017", "always", [BELIEVED], BELIEVED.key),
        (False, "2025", "always", [PROVEN], None),
    ],
)
def test_the_key_of_a_request(encrypted, version, encrypt, keys, expected):
    """The proven one, for 2025, where the standard asks for it; the record may say otherwise."""
    found = request_key(encrypted=encrypted, version=version, encrypt=encrypt, keys=keys)
    assert found == expected


def test_always_without_a_key_is_refused():
    """Rather than sent in plain."""
    with pytest.raises(NoKey):
        request_key(encrypted=True, version="2025", encrypt="always", keys=[PENDING])


@pytest.mark.parametrize("encrypt", ["never", "auto", "always"])
def test_a_new_key_leaves_under_the_current_one_or_not_at_all(encrypt):
    """In plain anybody on the way could read it."""
    arguments = {"encrypted": True, "version": "2025", "encrypt": encrypt, "cn": "1014"}
    assert request_key(keys=[PENDING, BELIEVED], **arguments) == BELIEVED.key
    with pytest.raises(NoKey):
        request_key(keys=[PENDING], **arguments)
