"""Threads that send: so many for each channel, so that a dead one holds up no other.

A thread lives for one message and ends by the channel's own deadline; it is a daemon, so that the
hub ends without it when it must. What came of a message is told on the event loop.
Tests: tests/hub/notify/test_sending.py.
"""

from __future__ import annotations

import threading
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from twisted.logger import Logger

from alerts.notify.outgoing import Leaving
from alerts.notify.parcel import Channel, NotNow, Refused


class Result(msgspec.Struct, frozen=True):
    """What came of one attempt. ``state``: handed, failed (refused) or waiting (not now), with
    the receipt or the reason in ``words``. ``after_s``: when the service said so."""

    leaving: Leaving
    state: str
    words: str
    after_s: float | None = None


class Sending:
    """``channels`` may be exchanged at any time: what is on its way goes by the old ones.
    ``done``: told of each result, on the loop."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        channels: Mapping[str, Channel],
        threads: int,
        done: Callable[[Result], None],
    ) -> None:
        self.channels = channels
        self.faults = 0
        self._reactor = reactor
        self._threads = threads
        self._done = done
        self._busy: Counter[str] = Counter()

    def free(self) -> dict[str, int]:
        """How many more messages each channel can send."""
        return {name: self._threads - self._busy[name] for name in self.channels}

    def busy(self) -> dict[str, int]:
        """How many it sends."""
        return {name: self._busy[name] for name in self.channels}

    def send(self, leaving: Leaving) -> None:
        """Begin to."""
        name = leaving.parcel.channel
        self._busy[name] += 1
        threading.Thread(
            target=self._carry,
            args=(self.channels[name], leaving),
            name=f"notify-{name}",
            daemon=True,
        ).start()

    def _carry(self, channel: Channel, leaving: Leaving) -> None:
        result = self._tried(channel, leaving)
        self._reactor.callFromThread(self._arrived, result)

    def _tried(self, channel: Channel, leaving: Leaving) -> Result:
        try:
            return Result(leaving, "handed", channel.send(leaving.parcel).text)
        except NotNow as later:
            return Result(leaving, "waiting", str(later), later.after_s)
        except Refused as never:
            return Result(leaving, "failed", str(never))
        except Exception as fault:  # noqa: BLE001 - our fault; the message must not be lost by it
            # Without its words, which may hold an address.
            at = traceback.extract_tb(fault.__traceback__)[-1]
            self._log.error(
                "event=channel_fault channel={channel} fault={fault} at={file}:{line}",
                channel=leaving.parcel.channel,
                fault=type(fault).__name__,
                file=at.filename.rpartition("/")[2],
                line=at.lineno,
            )
            self.faults += 1
            return Result(leaving, "waiting", f"a fault of ours: {type(fault).__name__}")

    def _arrived(self, result: Result) -> None:
        self._busy[result.leaving.parcel.channel] -= 1
        self._done(result)
