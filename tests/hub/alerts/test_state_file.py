"""What alerting remembers outlasts the process, or is given up as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from hj212d.hub.alerts import state_file
from hj212d.hub.alerts.listening import Listening
from hj212d.hub.alerts.state_file import FILE, FOLDER, State

STATE = State(
    positions={"0": 4711, "1": 12},
    listening=Listening(5, 6),
    links={2**63 - 5: ["MN1", "MN2"]},
    checks=b"checks",
    evaluator=b"\x00" * 1000,
)


def test_as_it_was_saved(tmp_path: Path) -> None:
    """All of it comes back, and the last one saved."""
    state_file.save(tmp_path, State())
    state_file.save(tmp_path, STATE)
    assert state_file.load(tmp_path) == STATE


def test_none_yet(tmp_path: Path) -> None:
    """A first start finds nothing."""
    assert state_file.load(tmp_path) is None


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 500])
def test_not_a_state(tmp_path: Path, damage: bytes) -> None:
    """What is no state is moved aside, and alerting begins anew."""
    state_file.save(tmp_path, STATE)
    path = tmp_path / FOLDER / FILE
    path.write_bytes(damage)
    assert state_file.load(tmp_path) is None
    assert not path.exists()
    assert path.with_name(FILE + ".damaged").read_bytes() == damage


def test_every_byte_is_guarded(tmp_path: Path) -> None:
    """No state with a flipped bit is believed."""
    state_file.save(tmp_path, STATE)
    path = tmp_path / FOLDER / FILE
    whole = path.read_bytes()
    for at in range(0, len(whole), 37):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert state_file.load(tmp_path) is None
