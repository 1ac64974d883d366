"""A worker on real sockets and a real journal, a clock that tests set, and clients."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from pathlib import Path
from typing import Any

import msgspec
from waiting import until

from hj212d.journal.disk import Disk
from hj212d.journal.lanes import lanes
from hj212d.journal.reader import LaneReader
from hj212d.journal.record import Kind, Record
from hj212d.journal.settings import JournalSettings
from hj212d.link.addresses import Address
from hj212d.link.orders import WorkerOrders
from hj212d.link.settings import LinkSettings, ProfileSettings
from hj212d.link.worker import Worker
from hj212d.wire import build
from hj212d.wire.codec import Cutter, decode
from hj212d.wire.frame import Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.settings import DeviceSettings

MN = "010000A8900016F000169DC0"


def upload(
    n: int = 0, mn: str = MN, cn: str = "2011", flag: int | None = 5, **other: Any
) -> bytes:
    """A good frame; ``n`` makes its QN and its value its own."""
    fields: dict[str, Any] = {
        "qn": f"20260601{n // 3600 % 24:02}{n // 60 % 60:02}{n % 60:02}{n % 1000:03}",
        "st": "22",
        "cn": cn,
        "pw": "123456",
        "mn": mn,
        "flag": flag,
        "cp": f"DataTime=20260601000000;a34004-Rtd={n}.5,a34004-Flag=N",
    }
    return build.frame(build.segment(**(fields | other)))


def read(stream: bytes) -> list[Frame]:
    """The frames in a stream of bytes."""
    return [decode(cut) for cut in Cutter().feed(stream)]


class Clock:
    """The worker's clock; stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class HeldDisk(Disk):
    """A disk whose sync can be held back. ``reached`` is set once a sync waits."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.reached = threading.Event()

    def hold(self) -> None:
        """Let no sync finish until `open` is set."""
        self.reached.clear()
        self.open.clear()

    def sync(self, fd: int) -> None:
        """As the real disk, once it may."""
        if not self.open.is_set():
            self.reached.set()
            assert self.open.wait(90.0), "the test never opened the disk again"
        super().sync(fd)


class Client(asyncio.Protocol):
    """A peer: keeps what it receives."""

    def __init__(self) -> None:
        self.received = b""
        self.closed = False
        self.reset = False

    def connection_made(self, transport: Any) -> None:
        """The link stands."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what came."""
        self.received += data

    def connection_lost(self, exc: Exception | None) -> None:
        """The worker closed the link."""
        self.closed = True
        self.reset = exc is not None

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.transport.write(data)

    def break_off(self) -> None:
        """End the link with a reset, as a NAT does that forgot it."""
        linger = struct.pack("ii", 1, 0)
        made = self.transport.get_extra_info("socket")
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()

    @property
    def replies(self) -> list[Frame]:
        """The frames received so far."""
        return read(self.received)

    async def get(self, count: int) -> list[Frame]:
        """Wait for so many replies and return them all."""
        await until(lambda: self.received.count(b"##") >= count, f"{count} replies")
        return self.replies

    async def gone(self) -> None:
        """Wait until the worker closed the link."""
        await until(lambda: self.closed, "closed link")


class Rig:
    """A worker in this process; `async with` starts and drains it."""

    def __init__(
        self,
        folder: Path,
        *,
        devices: list[DeviceSettings] | None = None,
        profiles: list[ProfileSettings] | None = None,
        addresses: list[Address] | None = None,
        journal: JournalSettings | None = None,
        max_links: int = 1000,
        control: str = "",
        slot: int = 0,
        all_links: int = 0,
        workers: int = 1,
        tally_fd: int = -1,
        **link: Any,
    ) -> None:
        self.folder = folder
        self.clock = Clock()
        self.disk = HeldDisk()
        self.clients: list[Client] = []
        self.orders = WorkerOrders(
            slot=slot,
            lane=str(slot),
            journal_dir=str(folder),
            control=control,
            max_links=max_links,
            all_links=all_links,
            workers=workers,
            tally_fd=tally_fd,
            addresses=addresses or [Address("127.0.0.1", 0)],
            link=LinkSettings(**link),
            journal=journal or JournalSettings(),
            profiles=profiles or [],
            devices=devices or [],
        )

    async def __aenter__(self) -> Rig:
        loop = asyncio.get_running_loop()
        self.worker = Worker(self.orders, loop, self.clock, disk=self.disk)
        await self.worker.start()
        self.addresses = self.worker.listening.addresses
        return self

    async def __aexit__(self, *_: object) -> None:
        self.disk.open.set()
        await self.worker.drain()
        for client in self.clients:
            client.transport.abort()
        await until(lambda: all(client.closed for client in self.clients))

    async def connect(self, address: int = 0) -> Client:
        """A client whose link stands at the worker, unless that refuses it."""
        host, port = self.addresses[address]
        _, client = await asyncio.get_running_loop().create_connection(Client, host, port)
        self.clients.append(client)
        return client

    async def connected(self, count: int = 1) -> list[Client]:
        """So many clients, all of whom the worker holds."""
        before = len(self.worker.links)
        made = [await self.connect() for _ in range(count)]
        await until(lambda: len(self.worker.links) == before + count, f"{count} links")
        return made

    def pass_time(self, seconds: float) -> None:
        """Move the clock, and let the timer do what is due then."""
        self.clock.now += seconds
        self.worker.sweep.release(self.clock.now)
        self.worker.sweep.run(self.clock.now)

    def reload(self, **link: Any) -> None:
        """New settings of links."""
        settings = msgspec.structs.replace(self.orders.link, **link)
        self.orders = msgspec.structs.replace(self.orders, link=settings)
        self.worker.reload(self.orders)

    @property
    def stats(self) -> dict[str, Any]:
        """The stats message."""
        return self.worker.stats()

    def records(self, *kinds: Kind) -> list[Record]:
        """The durable records of these kinds (none given: all), in order."""
        return [record for record in journalled(self.folder) if not kinds or record.kind in kinds]

    def closes(self) -> list[dict[str, Any]]:
        """The meta of each LINK_CLOSED record."""
        return [msgspec.json.decode(record.meta) for record in self.records(Kind.LINK_CLOSED)]

    def pieces(self) -> list[tuple[str, bytes]]:
        """Label of the verdict, and raw bytes, of each FRAME record."""
        return [(Reason(record.verdict).label, record.raw) for record in self.records(Kind.FRAME)]


def journalled(folder: Path) -> list[Record]:
    """All durable records of all lanes."""
    found = []
    for lane in lanes(folder):
        with LaneReader(folder / lane) as reader:
            while batch := reader.read(1 << 24):
                found += [record for _, record in batch]
    return found
