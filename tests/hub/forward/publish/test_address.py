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
        ("mqtt://::1:1883", "host:port"),
        ("mqtt://a,b", "one host"),
        ("mqtt://host?qos=2", "behind ? may stand"),
        ("mqtt://host?version", "behind ? may stand"),
        ("mqtt://host/topic", "behind the host"),
        ("mqtt://[::1", "host:port"),
        ("mqtt://ho st", "blanks"),
        ("mqtt://me:\u5bc6@host", "blanks"),
    ],
)
def test_refusals_say_what_is_expected(url: str, word: str) -> None:
    """One sentence."""
    with pytest.raises(ValueError, match=r"^[a-z].*[^.]$") as refused:
        address(url, {"mqtt": 1883}, ("version",))
    assert word in str(refused.value)


@pytest.mark.parametrize("sign", ["/", "?", "#", "@", " ", "[", ":a/"])
def test_a_password_that_breaks_the_url_is_not_shown(sign: str) -> None:
    """Whatever part of the URL it is taken for."""
    with pytest.raises(ValueError, match=r"^[a-z]") as refused:
        address(f"mqtt://me:qzx{sign}xzq@host:1883", {"mqtt": 1883}, ("version",))
    assert "qzx" not in str(refused.value)
    assert "xzq" not in str(refused.value)


def test_a_path_is_not_shown() -> None:
    """Who knows the path of a web hook may post there."""
    found = address("https://host/hook/5ecret?key=5ecret", {"https": 443}, None)
    assert (found.path, found.query) == ("/hook/5ecret", "key=5ecret")
    assert found.shown == "https://host:443"
