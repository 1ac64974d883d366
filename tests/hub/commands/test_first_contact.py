"""What new instruments are asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_rig import serving
from hub_rig import MN

from hj212d.hub.commands.first_contact import parsed

REQUESTS = [
    "set-timeouts OverTime=10 ReCount=3",
    "no-such-thing",
    "set-realtime-interval RtdInterval=60",
]


def test_once_and_in_order(tmp_path: Path) -> None:
    """At the first contact each of the list is sent, a wrong one is passed over; never again,
    also not after a restart."""
    for expected in (["1000", "1062"], []):
        with serving(tmp_path, on_first_contact=REQUESTS) as rig:
            rig.connect()
            for _ in range(3):
                if rig.sent:
                    rig.say("9012", "ExeRtn=1")
            rig.disconnect()
            rig.connect()
            assert [request.cn for _, request in rig.sent] == expected


def test_off_by_default(tmp_path: Path) -> None:
    """Nothing is asked of anybody."""
    with serving(tmp_path) as rig:
        rig.connect(MN)
        assert rig.sent == []


def test_as_on_the_command_line() -> None:
    """Names, values, quotes, and a name that comes twice."""
    assert parsed("a B=1 C='x y' B=2") == ("a", {"B": ["1", "2"], "C": "x y"})
    with pytest.raises(ValueError, match="'B' is not NAME=VALUE"):
        parsed("a B")
