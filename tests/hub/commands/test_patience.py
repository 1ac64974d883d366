"""How long an answer may take: by the medium, or as an instrument was set."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hj212d.hub.commands.patience import Patience, Patiences, as_set, by_medium
from store.registry.records import CommandRecord, CommandState

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def setting(
    over: str, again: str, state: CommandState = "done", cn: str = "1000"
) -> CommandRecord:
    """A command that sets timeouts."""
    return CommandRecord(
        id=7, mn="A", name="set-timeouts", cn=cn, state=state, created_at=NOW, expires_at=NOW,
        args={"OverTime": over, "ReCount": again},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("medium", "timeout_s", "resends"),
    [("", 10, 3), ("GPRS", 10, 3), ("LTE", 10, 3), ("ADSL", 5, 3), ("nb-iot", 30, 5)],
)
def test_by_medium(medium: str, timeout_s: float, resends: int) -> None:
    """The standard's table; what is not in it counts as GPRS."""
    found = by_medium(medium)
    assert (found.timeout_s, found.resends) == (timeout_s, resends)
    assert found.source == (medium or "GPRS")


def test_as_set() -> None:
    """By a 1000 that was carried out, in the limits of the standard."""
    assert as_set(setting("20", "4")) == Patience(20.0, 4, "set by command 7")
    for over, again in (("0", "3"), ("100", "3"), ("x", "3"), ("20", "")):
        assert as_set(setting(over, again)) is None
    assert as_set(setting("20", "4", state="timeout")) is None
    assert as_set(setting("20", "4", cn="1061")) is None


def test_the_latest_are_remembered() -> None:
    """What was never asked is not known; a place more pushes the oldest out."""
    patiences = Patiences(room=2)
    patiences.learn("A", None)
    patiences.finished(setting("20", "4"))
    assert patiences.of("A", "ADSL").timeout_s == 20
    for mn in "BC":
        patiences.learn(mn, None)
    assert not patiences.knows("A")
    assert patiences.of("B", "ADSL").timeout_s == 5
