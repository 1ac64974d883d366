"""What others say of a failure, without what must not be told."""

from __future__ import annotations

import pytest
from notify_rig import parcel

from alerts.notify.channels.scrubbing import scrubbed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("550 <zhang@example.org>: unknown", "550 ***: unknown"),
        ("550 other@host.cn unknown", "550 *** unknown"),
        ("see https://h/x?key=1 for more", "see *** for more"),
        ("the key abcd-1234 is wrong", "the key *** is wrong"),
        ("signed with SECRET", "signed with ***"),
        ("a\r\nb\x00c", "a b c"),
        ("x" * 500, "x" * 199 + "…"),
    ],
)
def test_scrubbed(text: str, expected: str) -> None:
    """Addresses, keys, URLs."""
    made = parcel(address="https://h/hook?key=abcd-1234", secret="SECRET")
    assert scrubbed(text, made) == expected


def test_keys_alone() -> None:
    """An address need not be a URL; short ones stay, or words would fall to pieces."""
    assert scrubbed("no 13800001234 here", parcel(address="13800001234")) == "no *** here"
    assert scrubbed("ab", parcel(address="a")) == "ab"
