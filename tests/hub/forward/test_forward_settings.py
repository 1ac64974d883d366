"""What a [[forward]] section may not say is refused, with the key and the reason."""

from __future__ import annotations

import msgspec
import pytest

from hj212d.config.checks import check
from hj212d.config.model import Config, ConfigError
from hj212d.hub.forward.settings import ForwardSettings, problem

GOOD = ForwardSettings(name="province", host="example.org", port=9000)


def test_a_host_and_a_port_are_enough() -> None:
    """Everything else has a default."""
    assert problem(GOOD) == ("", "")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": "a/b"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"host": ""}, "host"),
        ({"port": 0}, "port"),
        ({"kind": "mqtt"}, "url"),
        ({"backoff_first_s": 90.0}, "backoff_last_s"),
        ({"key_file": "k.pem", "tls": True}, "key_file"),
        ({"ca_file": "ca.pem"}, "ca_file"),
        ({"set_pw": "12;34"}, "set_pw"),
        ({"set_mn": ["A"]}, "set_mn"),
        ({"set_mn": ["A=B;C"]}, "set_mn"),
        ({"set_mn": ["A=B", "A=C"]}, "set_mn"),
        ({"set_mn": ["A=C", "B=C"]}, "set_mn"),
        ({"downlink": ["set-clock"]}, "downlink"),
    ],
)
def test_nonsense_is_named(change: dict[str, object], key: str) -> None:
    """The key at fault is the one that is told."""
    found, why = problem(msgspec.structs.replace(GOOD, **change))
    assert found == key
    assert why


def test_the_window_is_the_kind_s_own_unless_it_is_set() -> None:
    """A frame of TCP is small and goes far; a message is larger."""
    assert GOOD.window == 8192
    assert msgspec.structs.replace(GOOD, kind="mqtt").window == 1024
    assert msgspec.structs.replace(GOOD, window_frames=7).window == 7


def test_two_targets_of_one_name_are_refused() -> None:
    """Their folders would be one."""
    with pytest.raises(ConfigError, match="the name is taken"):
        check(Config(forwards=[GOOD, GOOD]), {})


def test_the_configuration_tells_section_and_key() -> None:
    """An operator finds the line."""
    with pytest.raises(ConfigError, match=r"forward\.0\.port: expected a port"):
        check(Config(forwards=[ForwardSettings(name="a", host="h")]), {})
