"""The password that was set with 1072 is the one that is sent from then on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from command_rig import result
from hub_rig import MN
from twisted.internet.defer import Deferred, fail, succeed

from hj212d.hub.commands.facts import Witness
from hj212d.hub.commands.new_password import NewPasswords
from store.registry.errors import RegistryUnavailable
from store.registry.records import CommandRecord, DeviceRecord

AT = datetime(2026, 7, 14, 4, tzinfo=UTC)


class Hub:
    """A directory with one device, and a registry that notes what it is told."""

    def __init__(self, password: str) -> None:
        self.device = DeviceRecord(MN, password=password)
        self.told: list[Any] = []
        self.outcome: Callable[[], Deferred[Any]] = lambda: succeed(1)
        self.witness = Witness(self, lambda _: None, lambda _: True, lambda _: succeed([]))
        self.passwords = NewPasswords(self, self.witness)  # type: ignore[arg-type]

    def record(self, mn: str) -> DeviceRecord:  # noqa: ARG002
        """What is registered."""
        return self.device

    def knows(self, mn: str) -> bool:  # noqa: ARG002
        """Whether it is."""
        return True

    def call(self, work: Any, changes: Any, who: str) -> Deferred[Any]:  # noqa: ARG002
        """The registry."""
        self.told.append((changes, who))
        return self.outcome()

    def end(self, state: str = "done", cn: str = "1072") -> None:
        """A command came to its end."""
        record = CommandRecord(
            mn=MN, name="set-password", cn=cn, version="2017", st="32", origin="cli", who="a",
            created_at=AT, expires_at=AT, id=7, state=state,  # type: ignore[arg-type]
            secret_args={"NewPW": "654321"},
        )  # fmt: skip
        self.passwords.finished(record)

    @property
    def sent(self) -> str:
        """The password that the next request would have."""
        found: str = result(self.witness.password(MN))
        return found


def test_a_registered_password_is_exchanged() -> None:
    """At once in what is sent, and in the registry; a later word of people counts again."""
    hub = Hub("123456")
    assert hub.sent == "123456"
    hub.end()
    assert hub.sent == "654321"
    assert hub.told == [([{"mn": MN, "password": "654321"}], "command 7")]
    hub.device = DeviceRecord(MN, password="654321")
    assert hub.sent == "654321"
    hub.device = DeviceRecord(MN, password="111111")
    assert hub.sent == "111111"


def test_a_password_that_was_only_heard_registers_nobody() -> None:
    """It is remembered as heard, and a frame with another one counts more."""
    hub = Hub("")
    hub.end()
    assert (hub.sent, hub.told) == ("654321", [])
    hub.witness.saw_password(MN, "222222")
    assert hub.sent == "222222"


@pytest.mark.parametrize("state", ["refused", "failed", "timeout", "cancelled"])
def test_a_password_that_was_not_taken_changes_nothing(state: str) -> None:
    """Only what the instrument said it did counts; other commands do not."""
    hub = Hub("123456")
    hub.end(state)
    hub.end(cn="1014")
    assert (hub.sent, hub.told) == ("123456", [])


def test_a_registry_that_is_away_loses_nothing_for_now() -> None:
    """The new password is used until the hub ends."""
    hub = Hub("123456")
    hub.outcome = lambda: fail(RegistryUnavailable("no disk"))
    hub.end()
    assert hub.sent == "654321"
