"""Addresses as they are written."""

from __future__ import annotations

import pytest

from hj212d.config.addresses import Listen, parse_address, parse_listen, write_address


@pytest.mark.parametrize(
    ("text", "listen"),
    [
        ("0.0.0.0:9212", Listen("0.0.0.0", 9212, 9212)),
        ("[::]:9212", Listen("::", 9212, 9212)),
        ("[fe80::1%eth0]:1", Listen("fe80::1%eth0", 1, 1)),
        (":0", Listen("", 0, 0)),
        ("host.example:9300-9310 old", Listen("host.example", 9300, 9310, "old")),
        ("  127.0.0.1:1   two words ", Listen("127.0.0.1", 1, 1, "two words")),
    ],
)
def test_an_address_to_listen_on_is_taken_apart(text: str, listen: Listen) -> None:
    """Host, ports and profile."""
    assert parse_listen(text) == listen
    assert len(listen.ports) == listen.last - listen.first + 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "expected host:port"),
        ("9212", "expected host:port"),
        ("::1:9212", "expected host:port"),
        ("[::1]", "expected host:port"),
        ("a:", "expected host:port"),
        ("a:x", "expected host:port"),
        ("a:65536", '"65536" is no port'),
        ("a:٣", '"٣" is no port'),
        ("a:1-", '"" is no port'),
        ("a:-1", '"" is no port'),
        ("a:2-1", "the port range 2-1 runs backwards"),
        ("a:0-5", "a port range cannot begin with 0"),
        ("a:1-2-3", '"2-3" is no port'),
    ],
)
def test_what_is_no_address_is_refused(text: str, why: str) -> None:
    """The reason is told as the end of a sentence."""
    with pytest.raises(ValueError, match=why.replace("[", r"\[")):
        parse_listen(text)


def test_an_address_without_ranges() -> None:
    """The pages have one port; written and read again it is the same."""
    assert parse_address("[::1]:80") == ("::1", 80)
    assert write_address("::1", 80) == "[::1]:80"
    assert write_address("127.0.0.1", 80) == "127.0.0.1:80"
    with pytest.raises(ValueError, match="is no port"):
        parse_address("a:1-2")
