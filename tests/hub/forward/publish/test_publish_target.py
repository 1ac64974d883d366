"""What the settings of a publishing target may not say is told before anything is opened."""

from __future__ import annotations

import pytest
from publishing import settings

from hj212d.config.checks import check
from hj212d.config.model import Config, ConfigError
from hj212d.hub.forward.settings import problem

GOOD_URLS = {"mqtt": "mqtts://a", "kafka": "kafka://a,b:9093", "http": "https://a/hook?k=v"}


@pytest.mark.parametrize("kind", GOOD_URLS)
def test_a_url_is_enough(kind: str) -> None:
    """All else has a default."""
    assert problem(settings(kind, GOOD_URLS[kind])) == ("", "")


@pytest.mark.parametrize(
    ("kind", "change", "key"),
    [
        ("mqtt", {"url": ""}, "url"),
        ("mqtt", {"url": "http://a"}, "url"),
        ("mqtt", {"url": "mqtt://a?version=4"}, "url"),
        ("kafka", {"url": "kafka://u:p@a?sasl=NTLM"}, "url"),
        ("kafka", {"url": "kafka://a?sasl=PLAIN"}, "url"),
        ("mqtt", {"topic": "a/#"}, "topic"),
        ("mqtt", {"topic": "$SYS/{mn}"}, "topic"),
        ("mqtt", {"topic": "a/{region}"}, "topic"),
        ("kafka", {"topic": "a/b"}, "topic"),
        ("kafka", {"topic": "a" * 250}, "topic"),
        ("http", {"topic": "a"}, "topic"),
        ("http", {"url": "http://a", "tls": True}, "tls"),
        ("http", {"url": "http://a", "ca_file": "ca.pem"}, "ca_file"),
        ("kafka", {"cert_file": "own.pem"}, "cert_file"),
        ("http", {"url": "https://u:p@a", "token": "t"}, "token"),
        ("http", {"token": "a b"}, "token"),
        ("mqtt", {"token": "t"}, "token"),
        ("mqtt", {"downlink": ["1011"]}, "downlink"),
        ("kafka", {"set_key": "0123456789abcdef"}, "set_key"),
        ("tcp", {"host": "a", "port": 1, "url": "mqtt://a"}, "url"),
        ("tcp", {"host": "a", "port": 1, "url": "", "token": "t"}, "token"),
    ],
)
def test_nonsense_is_named(kind: str, change: dict[str, object], key: str) -> None:
    """The key at fault is the one that is told."""
    url = str(change.pop("url", GOOD_URLS.get(kind)))
    found, why = problem(settings(kind, url, **change))
    assert found == key
    assert why


def test_the_configuration_tells_where_without_the_password() -> None:
    """An operator finds the line; who looks over his shoulder finds nothing."""
    with pytest.raises(ConfigError, match=r"forward\.0\.url: expected host") as refused:
        check(Config(forwards=[settings("mqtt", "mqtt://me:ge/heim@broker")]), {})
    assert "ge" not in str(refused.value).split()
    assert "heim" not in str(refused.value)
