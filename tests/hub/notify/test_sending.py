"""Threads that send: bounded, apart from each other, and not felled by a fault of ours."""

from __future__ import annotations

import threading
from typing import Any

from notify_rig import parcel
from test_registry_service import HandTurnedLoop
from waiting import wait_until

from alerts.notify.outgoing import Leaving
from alerts.notify.parcel import NotNow, Parcel, Receipt, Refused
from hj212d.hub.notify.sending import Result, Sending
from store.registry.alert_records import MessageRecord


class Said:
    """A channel that says what it is told to, when it may."""

    def __init__(self, said: Any) -> None:
        self.said = said
        self.go = threading.Event()
        self.go.set()

    def send(self, parcel: Parcel) -> Receipt:
        """As told."""
        del parcel
        assert self.go.wait(60)
        if isinstance(self.said, Exception):
            raise self.said
        return Receipt(self.said)


def leaving(channel: str) -> Leaving:
    """A message on its way."""
    message: Any = MessageRecord(
        id=1, about="a", step="s", contact_id=1, channel=channel, subject="s", text="t"
    )  # type: ignore[arg-type]
    return Leaving(message, parcel(channel=channel), (channel, "somewhere"))


def test_what_channels_say() -> None:
    """Taken, not now, never; a fault of ours is one to try again, without its words."""
    loop = HandTurnedLoop()
    found: list[Result] = []
    channels = {
        "email": Said("250 ok"),
        "sms": Said(NotNow("later", 5.0)),
        "wecom": Said(Refused("never")),
        "webhook": Said(KeyError("https://secret")),
    }
    sending = Sending(loop, channels, 2, found.append)
    for name in channels:
        sending.send(leaving(name))

    def all_there() -> bool:
        loop.turn()
        return len(found) == 4

    wait_until(all_there)
    said = {one.leaving.parcel.channel: (one.state, one.words, one.after_s) for one in found}
    assert said == {
        "email": ("handed", "250 ok", None),
        "sms": ("waiting", "later", 5.0),
        "wecom": ("failed", "never", None),
        "webhook": ("waiting", "a fault of ours: KeyError", None),
    }
    assert sending.faults == 1


def test_a_slow_channel_keeps_its_own_places() -> None:
    """Those of others stay free."""
    loop = HandTurnedLoop()
    found: list[Result] = []
    slow = Said("late")
    slow.go.clear()
    sending = Sending(loop, {"email": slow, "sms": Said("at once")}, 2, found.append)
    sending.send(leaving("email"))
    sending.send(leaving("email"))
    sending.send(leaving("sms"))
    assert sending.free()["email"] == 0

    def quick_there() -> bool:
        loop.turn()
        return [one.words for one in found] == ["at once"]

    wait_until(quick_there)
    assert sending.free() == {"email": 0, "sms": 2}
    slow.go.set()

    def all_there() -> bool:
        loop.turn()
        return len(found) == 3

    wait_until(all_there)
    assert sending.busy() == {"email": 0, "sms": 0}
