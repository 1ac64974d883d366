"""URLs of publishers."""

from __future__ import annotations

import pytest

from hj212d.hub.forward.publish.address import address


def test_all_parts() -> None:
    """User, password, hosts and options come out as they were meant."""
    found = address(
        "kafka://me:p%40ss@one:9093,two?sasl=PLAIN", {"kafka": 9092}, ("sasl",), many=True
    )
    assert found.hosts == (("one", 9093), ("two", 9092))
    assert (found.user, found.password) == ("me", "p@ss")
    assert found.options == {"sasl": "PLAIN"}
    assert "p@ss" not in found.shown


def test_addresses_of_the_sixth_version() -> None:
    """Brackets hold an address, with or without a port."""
    assert address("mqtt://[::1]:1884", {"mqtt": 1883}, ()).hosts == (("::1", 1884),)
    assert address("mqtt://[::1]", {"mqtt": 1883}, ()).hosts == (("::1", 1883),)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://host", "mqtt://"),
        ("mqtt://", "host:port"),
        ("mqtt://host:0", "host:port"),
        ("mqtt://host:port", "host:port"),
        ("mqtt://a,b", "one host"),
        ("mqtt://host?qos=2", "qos"),
        ("mqtt://[::1", "read"),
    ],
)
def test_refusals_name_what_is_wrong(url: str, word: str) -> None:
    """One sentence that begins with the key."""
    with pytest.raises(ValueError, match=r"^url: ") as refused:
        address(url, {"mqtt": 1883}, ())
    assert word in str(refused.value)
