"""The room of the notifier, put together. Tests: tests/system/test_notifying_of_a_hub.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from alerts.notify.channels.chosen import channels
from alerts.notify.settings import NotifySettings
from alerts.notify.wording import Wording
from hj212d.hub.notify.sending import Sending
from hj212d.hub.notify.service import Notifier
from hj212d.hub.registry_service import RegistryService
from hj212d.wire import tables


class NotifyRoom(msgspec.Struct, frozen=True):
    """``service`` is to be started after the registry's. ``wording``: steps of incidents in
    words, as the settings want them."""

    service: Notifier
    wording: Wording
    _data_dir: Path
    _now: Callable[[], float]

    def reload(self, settings: NotifySettings) -> None:
        """Other settings from now on; templates and threads wait for a restart."""
        self.service.configure(settings, channels(settings, self._data_dir, self._now))

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {
            **self.service.status(),
            "template_faults": self.wording.faults,
            "template_error": self.wording.fault,
        }


def make_notify(
    reactor: Any,
    *,
    data_dir: Path,
    registry: RegistryService,
    settings: NotifySettings,
    now_us: Callable[[], int],
    hub: Callable[[], str] = str,
) -> NotifyRoom:
    """The notifier, not started yet. ``hub``: who we are among those that share a registry."""
    wording = make_wording(settings)

    def now() -> float:
        return now_us() / 1e6

    service = Notifier(
        reactor,
        registry=registry,
        make_sending=lambda done: Sending(
            reactor, channels(settings, data_dir, now), settings.threads, done
        ),
        write_digest=wording.digest,
        settings=settings,
        now_us=now_us,
        hub=hub,
    )
    return NotifyRoom(service, wording, data_dir, now)


def make_wording(settings: NotifySettings) -> Wording:
    """With the names of factors, the operator's templates and links."""
    return Wording(settings.templates, factor_name=factor_name, link=settings.link)


def factor_name(code: str, language: str) -> str:
    """What a factor is called, "" for an unknown one."""
    found = tables.factor(code)
    if found is None:
        return ""
    return found.name_en if language == "en" else found.name_zh
