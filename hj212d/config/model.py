"""The whole configuration as one frozen object, put together from the rooms' settings.

It holds values, not where they came from (`load.py`) nor what they mean (each room's
`settings.py`). Tests: tests/config/test_load.py.
"""

from __future__ import annotations

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
from hj212d.link.settings import LinkSettings, ProfileSettings
from hj212d.wire.settings import DeviceSettings
from store.registry.settings import RegistrySettings
from store.settings import StoreSettings


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every key's value in force. In TOML ``profiles`` is [[profile]], ``devices`` [[device]],
    ``sites`` [[site]], ``forwards`` [[forward]]."""

    link: LinkSettings = LinkSettings()
    journal: JournalSettings = JournalSettings()
    store: StoreSettings = StoreSettings()
    registry: RegistrySettings = RegistrySettings()
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
    review: ReviewSettings = ReviewSettings()
    alerts: AlertsSettings = AlertsSettings()
    notify: NotifySettings = NotifySettings()
    reports: ReportsSettings = ReportsSettings()
    schedules: SchedulesSettings = SchedulesSettings()
    profiles: list[ProfileSettings] = msgspec.field(name="profile", default_factory=list)
    devices: list[DeviceSettings] = msgspec.field(name="device", default_factory=list)
    sites: list[SiteSettings] = msgspec.field(name="site", default_factory=list)
    forwards: list[ForwardSettings] = msgspec.field(name="forward", default_factory=list)


class ConfigError(Exception):
    """The configuration cannot be used; the text is one sentence that names source, key and
    value."""
