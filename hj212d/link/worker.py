"""A listener process put together: what it owns, its one timer, its orderly end.

The entry that talks to the supervisor is `hj212d/cli/worker.py`. Tests: tests/link/test_worker.py.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from hj212d.journal.commit import GroupCommit
from hj212d.journal.disk import Disk
from hj212d.journal.errors import State
from hj212d.journal.writer import LaneWriter
from hj212d.link import replies
from hj212d.link.admission import Admission
from hj212d.link.closes import Close
from hj212d.link.counters import Counters
from hj212d.link.downlink import Downlink
from hj212d.link.express import Commits, Express, wall_us
from hj212d.link.hublink import HubLink
from hj212d.link.hubwords import Changed, FromHub, Hello, Identified, Overlay, Send, Superseded
from hj212d.link.intake import Intake
from hj212d.link.limits import AddressLimits
from hj212d.link.links import Links
from hj212d.link.listening import Listening
from hj212d.link.log import LimitedLog
from hj212d.link.numbers import LinkNumbers, opened_us
from hj212d.link.orders import WorkerOrders
from hj212d.link.overlay import DeviceOverlay
from hj212d.link.pressure import Pressure
from hj212d.link.sessions import Sessions
from hj212d.link.settings import LinkSettings
from hj212d.link.sweep import Sweep
from hj212d.link.tally import LinkTally
from hj212d.wire import codec

TICK_S = 0.25
TICKS_A_SWEEP = 4
OVERLAY_WAIT_S = 10.0  # a hub that starts on a busy machine reads its registry in less
JOURNAL_END_S = 2.0  # when all is durable its thread ends at once; on a full disk it gives up

_log = logging.getLogger("hj212d.link")


class Worker:
    """One listener process. Owns the journal lane, the sockets and the line to the hub."""

    def __init__(
        self,
        orders: WorkerOrders,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], float] | None = None,
        now_us: Callable[[], int] = wall_us,
        disk: Disk | None = None,
        on_broken: Callable[[], None] = lambda: None,
    ) -> None:
        """Open the lane; OSError or LaneBusy when it cannot be had. ``on_broken``: the journal
        will never take anything again; only a new process helps."""
        self._orders = orders
        self._on_broken = on_broken
        self._loop = loop
        self.clock = clock or loop.time
        settings = orders.link
        self.admission = Admission(settings, orders.profiles, orders.devices)
        self.sessions = Sessions()
        self.limits = AddressLimits(
            settings.address_max_links,
            settings.address_links_per_s,
            settings.address_bytes_per_s,
        )
        self.writer = LaneWriter(
            Path(orders.journal_dir) / orders.lane,
            sync=orders.journal.sync,
            segment_bytes=orders.journal.segment_bytes,
            min_free_bytes=orders.journal.min_free_bytes,
            now=lambda: now_us() / 1e6,
            disk=disk,
        )
        self.journal = GroupCommit(self.writer, loop.call_soon_threadsafe, self._journal_state)
        self.commits = Commits(self.journal, loop.call_soon, self._balance)
        self.counters = Counters(LimitedLog(_log, self.clock), self.commits)
        self.express = Express(self.commits, self.clock, now_us, self.sessions.moved)
        self.hub = HubLink(
            loop,
            orders.control,
            Hello(orders.slot, os.getpid(), orders.lane),
            self._identities,
            self._hear,
        )
        self.intake = Intake(
            settings, self.commits, self.counters, self.sessions, self.hub, now_us
        )
        self.links = Links(
            self.intake,
            self.counters,
            self.limits,
            self.express,
            self.clock,
            loop.call_soon,
            self._make_room,
        )
        self.downlink = Downlink(self.links, self.counters)
        self.overlay = DeviceOverlay(self.admission, self.sessions, self.links)
        self.listening = Listening(
            loop,
            self.links,
            self.admission,
            LinkNumbers(orders.slot),
            now_us,
            orders.max_links,
            orders.all_links,
            LinkTally(orders.tally_fd, orders.slot),
            alone=orders.workers == 1,
        )
        self.pressure = Pressure(self.commits, self.links, self.listening)
        self.sweep = Sweep(self.links, self.sessions, self.limits)
        self._timer: asyncio.TimerHandle | None = None
        self._ticks = 0
        self._set_express(settings)

    async def start(self) -> None:
        """Hear the hub out about the devices, at most ``OVERLAY_WAIT_S``, then listen; OSError
        when an address cannot be had."""
        if self._orders.control:
            self.hub.start()
            try:
                await asyncio.wait_for(self.overlay.complete.wait(), OVERLAY_WAIT_S)
            except TimeoutError:
                _log.warning("event=devices_not_told; going on with those of the configuration")
        try:
            self.listening.open(self._orders.addresses, self._orders.link.backlog)
        except OSError:
            await self.hub.stop()
            raise
        self._timer = self._loop.call_later(TICK_S, self._tick)

    def reload(self, orders: WorkerOrders) -> None:
        """Take new settings, for living links too; what needs a restart is passed over.

        KeyError or ValueError when they cannot be used; the old ones then stay.
        """
        settings = orders.link
        self.admission.set(settings, orders.profiles, orders.devices)
        self.limits.set(
            settings.address_max_links,
            settings.address_links_per_s,
            settings.address_bytes_per_s,
        )
        self.writer.min_free_bytes = orders.journal.min_free_bytes
        self.intake.settings = settings
        self._set_express(settings)
        self.links.outdate()
        self._balance()

    async def drain(self) -> None:
        """Take nothing more, make durable and answer what was read, close all links, and end.

        Takes at most ``link.drain_timeout_s``, and the time the journal's thread needs to end.
        """
        deadline = self._loop.time() + self.intake.settings.drain_timeout_s
        if self._timer is not None:
            self._timer.cancel()
        self.listening.close()
        self.commits.flush()
        for link in self.links:
            link.close(Close.DRAIN)
        await self._until(lambda: not len(self.links) or self.journal.broken, deadline)
        for link in self.links:
            link.abort()
        await self._until(lambda: not len(self.links), self._loop.time() + 1.0)
        self.commits.flush()
        await self._until(lambda: not self.commits.pending_bytes or self.journal.broken, deadline)
        self.hub.stats(self.stats())
        await self.hub.stop()
        if await self._loop.run_in_executor(None, self.journal.close, JOURNAL_END_S):
            self.writer.close()

    def stats(self) -> dict[str, object]:
        """The stats message: who this is, how it is, what it counted."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "slot": self._orders.slot,
            "pid": os.getpid(),
            "lane": self._orders.lane,
            "codec": codec.NAME,
            "max_links": self.listening.max_links,
            "links": len(self.links),
            "links_identified": self.sessions.links,
            **self.counters.snapshot(),
            "conflicts": self.sessions.conflicts,
            "paused": {
                "listening": bool(self.listening.paused),
                "listening_why": self.listening.paused,
                "journal": bool(self.links.reading_paused),
                "links": self.links.paused(),
            },
            "journal_state": self.commits.state,
            "journal": msgspec.to_builtins(self.journal.status()),
            "rss_bytes": _rss_bytes(),
            "fds": _open_files(),
            "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        }

    def _set_express(self, settings: LinkSettings) -> None:
        def answer_of(cn: str, version: str, wanted: bool | None) -> str | None:
            return replies.answer_of(cn, version, wanted, settings)

        self.express.set(answer_of, settings.link_pending_bytes)

    def _tick(self) -> None:
        now = self.clock()
        self._timer = self._loop.call_later(TICK_S, self._tick)
        self._ticks += 1
        self.sweep.release(now)
        self.links.renew()
        self.listening.resume("no_descriptors")
        self.listening.make_room()
        self._balance()
        if self._ticks % TICKS_A_SWEEP == 0:
            self.sweep.run(now)
            self.hub.stats(self.stats())

    def _balance(self) -> None:
        self.pressure.balance()

    def _journal_state(self, state: State, why: str) -> None:
        self.counters.journal_state(state, why)
        self._balance()
        if self.journal.broken:
            self._on_broken()

    def _make_room(self) -> None:
        self.listening.make_room()

    def _hear(self, said: FromHub | None) -> None:
        match said:
            case None:
                self.overlay.begin()
            case Superseded(mn, link):
                self.sessions.supersede(mn, link, self.clock())
            case Send(number, link, data):
                self.hub.sent(number, self.downlink.send(link, data))
            case Overlay(devices, more):
                self.overlay.take(devices, more)
            case Changed(device):
                self.overlay.change(device)

    def _identities(self) -> Iterator[Identified]:
        for mn, number in self.sessions.identities():
            link = self.links.get(number)
            if link is not None:
                yield Identified(mn, number, link.peer, opened_us(number))

    @staticmethod
    async def _until(reached: Callable[[], bool], deadline: float) -> None:
        loop = asyncio.get_running_loop()
        while not reached() and loop.time() < deadline:
            await asyncio.sleep(0.005)


def _open_files() -> int:
    """Linux 6.2 and newer tell the number as a size; listing 20,000 takes milliseconds."""
    folder = "/proc/self/fd"
    return os.stat(folder).st_size or len(os.listdir(folder))


def _rss_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()
