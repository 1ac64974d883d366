"""What the supervisor tells a listener process: one JSON object a line on standard input.

The first line starts it, further lines are new settings. Tests: tests/link/test_worker.py.
"""

from __future__ import annotations

import msgspec

from hj212d.journal.settings import JournalSettings
from hj212d.link.addresses import Address
from hj212d.link.settings import LinkSettings, ProfileSettings
from hj212d.wire.settings import DeviceSettings


class WorkerOrders(msgspec.Struct, frozen=True):
    """Settings of one listener process.

    ``slot``: its number from 0; ``lane``: its journal lane. ``max_links``: of this process at
    most; ``all_links``: of all ``workers`` together, 0: no limit; ``tally_fd``: where they count
    them (tally.py). ``journal_dir`` and ``control`` are paths; an empty ``control`` means no hub.
    """

    slot: int
    lane: str
    journal_dir: str
    control: str
    max_links: int
    addresses: list[Address]
    all_links: int = 0
    workers: int = 1
    tally_fd: int = -1
    link: LinkSettings = LinkSettings()
    journal: JournalSettings = JournalSettings()
    profiles: list[ProfileSettings] = []
    devices: list[DeviceSettings] = []


def parse(line: bytes) -> WorkerOrders:
    """Orders from one line; ValueError with the place of the fault when it is none."""
    return msgspec.json.decode(line, type=WorkerOrders)


def encode(orders: WorkerOrders) -> bytes:
    """The line for these orders, without its end."""
    return msgspec.json.encode(orders)
