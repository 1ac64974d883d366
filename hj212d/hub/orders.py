"""What the supervisor tells the hub: one JSON object a line on standard input, and its end.

Reading blocks, so it happens in a thread of its own that hands whole lines over; end of file
means that the supervisor is gone. Tests: tests/hub/test_hub_orders.py.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from alerts.notify.settings import NotifySettings
from alerts.schedules.settings import SchedulesSettings
from alerts.settings import AlertsSettings
from hj212d.hub.bulletins.settings import BulletinsSettings
from hj212d.hub.commands.settings import CommandsSettings
from hj212d.hub.completeness.settings import CompletenessSettings
from hj212d.hub.decisions.settings import ReviewSettings, SiteSettings
from hj212d.hub.forecasts.settings import ForecastSettings
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.hub.jobs.settings import ReportsSettings
from hj212d.hub.keys.settings import KeysSettings
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.positions.settings import PositionSettings
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.settings import HubSettings
from hj212d.journal.settings import JournalSettings
from hj212d.wire.settings import DeviceSettings
from store.registry.settings import RegistrySettings
from store.settings import StoreSettings

LINE_LIMIT = 64 * 1024 * 1024  # 36,000 devices with keys and names are about 10 MB


class Orders(msgspec.Struct, frozen=True):
    """Settings of the hub. ``listen``: the addresses that the workers serve, for showing.
    ``unknown_mn``: what link.unknown_mn says, for frames that a replay judges anew.
    ``config_path``: the configuration's file, for programs that the hub starts; "" for none."""

    data_dir: str
    hub: HubSettings = HubSettings()
    commands: CommandsSettings = CommandsSettings()
    completeness: CompletenessSettings = CompletenessSettings()
    keys: KeysSettings = KeysSettings()
    position: PositionSettings = PositionSettings()
    means: MeansSettings = MeansSettings()
    quality: QualitySettings = QualitySettings()
    forecast: ForecastSettings = ForecastSettings()
    media: MediaSettings = MediaSettings()
    bulletins: BulletinsSettings = BulletinsSettings()
    store: StoreSettings = StoreSettings()
    registry: RegistrySettings = RegistrySettings()
    journal: JournalSettings = JournalSettings()
    review: ReviewSettings = ReviewSettings()
    reports: ReportsSettings = ReportsSettings()
    alerts: AlertsSettings = AlertsSettings()
    notify: NotifySettings = NotifySettings()
    schedules: SchedulesSettings = SchedulesSettings()
    devices: list[DeviceSettings] = []
    sites: list[SiteSettings] = []
    forwards: list[ForwardSettings] = []
    config_path: str = ""
    listen: list[str] = []
    unknown_mn: str = "accept"

    @property
    def journal_dir(self) -> Path:
        """Folder of the journal."""
        return Path(self.journal.dir) if self.journal.dir else Path(self.data_dir) / "journal"

    @property
    def control_path(self) -> Path:
        """Path of the control socket."""
        if self.hub.control:
            return Path(self.hub.control)
        return Path(self.data_dir) / "control.sock"

    @property
    def store_url(self) -> str:
        """URL of the store, with the default filled in."""
        return self.store.url or f"duckdb:///{Path(self.data_dir) / 'hj212d.duckdb'}"

    @property
    def registry_url(self) -> str:
        """URL of the registry, with the default filled in."""
        return self.registry.url or f"sqlite:///{Path(self.data_dir) / 'registry.db'}"

    @property
    def registry_key(self) -> Path:
        """File of the key that the registry's secrets are sealed with."""
        return Path(self.registry.secret_file or Path(self.data_dir) / "registry.key")


def parse(line: bytes) -> Orders:
    """Orders from one line; ValueError with the place of the fault when it is none."""
    return msgspec.json.decode(line, type=Orders)


def lines(descriptor: int) -> Iterator[bytes]:
    """Each line that arrives on a descriptor, without its end; blocks; ends at end of file.

    Reads the descriptor itself: a thread blocked in a buffered file object would hold that
    file's lock when the interpreter ends. ValueError when a line exceeds ``LINE_LIMIT``.
    """
    held = bytearray()
    while chunk := os.read(descriptor, 65536):
        searched = len(held)
        held += chunk
        while (end := held.find(b"\n", searched)) >= 0:
            yield bytes(held[:end])
            del held[: end + 1]
            searched = 0
        if len(held) > LINE_LIMIT:
            raise ValueError(f"a line of more than {LINE_LIMIT} bytes on standard input")


def watch(
    source: Iterator[bytes],
    on_orders: Callable[[Orders], None],
    on_fault: Callable[[str], None],
    on_end: Callable[[], None],
) -> threading.Thread:
    """Hand over each further line of ``source``, from a thread of its own; returns the thread.

    The callables run in that thread. A line that is no order goes to ``on_fault`` and changes
    nothing.
    """

    def follow() -> None:
        try:
            for line in source:
                try:
                    orders = parse(line)
                except ValueError as fault:
                    on_fault(str(fault))
                else:
                    on_orders(orders)
        except (OSError, ValueError) as fault:
            on_fault(str(fault))
        on_end()

    thread = threading.Thread(target=follow, name="orders", daemon=True)
    thread.start()
    return thread
