"""A notifier on a real registry, on a loop and a clock that tests turn."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from test_registry_service import Rig

from alerts.notify.channels.chosen import channels
from alerts.notify.parcel import Channel
from alerts.notify.settings import NotifySettings
from alerts.notify.wording import Wording
from hj212d.hub.devices import Devices
from hj212d.hub.notify.sending import Sending
from hj212d.hub.notify.service import Notifier
from store.registry.alert_records import ContactRecord, MessageRecord
from store.registry.open import Registry

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
LOCAL = NotifySettings(
    webhook_plain=True,
    webhook_networks=["127.0.0.0/8"],
    smtp_host="127.0.0.1",
    smtp_security="none",
    smtp_from="alarm@example.org",
)


class NotifierRig(Rig):
    """``passed_s``: what the clock says since noon."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        super().__init__(folder, Devices([]))
        self.folder = folder
        self.passed_s = 0.0
        self.settings = msgspec.structs.replace(LOCAL, **changes)
        self.more: dict[str, Channel] = {}
        self.notifier = self.make()

    def now_us(self) -> int:
        """The clock."""
        return round((NOON.timestamp() + self.passed_s) * 1e6)

    def channels(self) -> dict[str, Channel]:
        """As the settings want them, some taken the place of."""
        made = channels(self.settings, self.folder, lambda: self.now_us() / 1e6)
        return {**made, **self.more}

    def make(self) -> Notifier:
        """A notifier, as a start of the hub makes it."""
        return Notifier(
            self.loop,
            registry=self.service,
            make_sending=lambda done: Sending(
                self.loop, self.channels(), self.settings.threads, done
            ),
            write_digest=Wording().digest,
            settings=self.settings,
            now_us=self.now_us,
        )

    def start(self) -> None:
        """Registry and notifier."""
        if not self.service.running:
            self.service.startService()
        self.notifier.startService()

    def stop(self) -> None:
        """Both, if they run."""
        if self.notifier.running:
            self.result(self.notifier.stopService())
        if self.service.running:
            self.result(self.service.stopService())

    def kill(self) -> None:
        """Let the notifier do nothing more, whatever it was about to."""
        self.notifier.running = 0
        if self.notifier._next is not None:
            self.notifier._next.cancel()
        self.until(lambda: self.notifier._turning is None)

    def do(self, work: Any) -> Any:
        """Something in the registry."""
        return self.result(self.service.call(work))

    def contact(self, **changes: Any) -> ContactRecord:
        """Somebody."""
        said: dict[str, Any] = {"name": "Anna", "ways": {"email": "anna@example.org"}}
        return self.do(lambda r: r.contacts.put(ContactRecord(**{**said, **changes}), "test"))

    def add(self, to: ContactRecord, channel: str, **changes: Any) -> MessageRecord:
        """A message to somebody, due now."""
        said: dict[str, Any] = {
            "about": "incident:1",
            "step": "opened",
            "contact_id": to.id,
            "channel": channel,
            "severity": "warning",
            "subject": "【警告】西湖站",
            "text": "发现异常",
            "created_at": datetime.fromtimestamp(self.now_us() / 1e6, UTC),
        }
        message = MessageRecord(**{**said, **changes})
        return self.do(lambda r: r.outbox.add([message]))[0]

    def state(self, message: MessageRecord) -> MessageRecord:
        """As it is now."""

        def work(registry: Registry) -> MessageRecord:
            found = registry.outbox.get(message.id)
            assert found is not None
            return found

        return self.do(work)

    def until_state(self, message: MessageRecord, *states: str) -> MessageRecord:
        """Let the notifier look until it is so."""
        found = self.state(message)

        def so() -> bool:
            nonlocal found
            self.pass_time(self.settings.look_every_s)
            found = self.state(message)
            return found.state in states

        self.until(so)
        return found

    def pass_time(self, seconds: float) -> None:
        """For clock and timers."""
        self.passed_s += seconds
        self.loop.pass_time(seconds)
        self.loop.turn()
