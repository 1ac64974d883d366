"""What is found reaches the registry once: while it is away, after a kill, whatever fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hub_rig import append, good, lane, upload
from reactor_thread import RunningReactor
from twisted.internet.defer import Deferred, fail
from waiting import wait_until

from alerts.incidents import deeds
from alerts.incidents.terms import Terms
from alerts.notify.wording import Wording
from alerts.settings import AlertsSettings
from hj212d.hub.alerts.checking import Checking
from hj212d.hub.alerts.ears import Ears
from hj212d.hub.alerts.evaluator import Evaluator
from hj212d.hub.alerts.ground import HubGround
from hj212d.hub.alerts.means_feed import MeansFeed
from hj212d.hub.alerts.places import SitePlaces
from hj212d.hub.alerts.reading import JournalReading
from hj212d.hub.alerts.service import AlertService
from hj212d.hub.alerts.system_rules import Figures
from hj212d.hub.alerts.watch import Watch
from hj212d.hub.completeness.rates import RATES
from hj212d.hub.completeness.settings import CompletenessSettings
from hj212d.hub.devices import Devices
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.site_book import SiteBook
from hj212d.hub.slow_work import SlowWork
from hj212d.journal.record import Record
from hj212d.journal.writer import LaneWriter
from hj212d.wire.frame import Device
from store.registry.alert_records import (
    AlarmRecord,
    ContactRecord,
    MessageRecord,
    RuleRecord,
    SubscriptionRecord,
)
from store.registry.errors import Conflict, RegistryUnavailable
from store.registry.open import Registry, open_registry

HIGH = RuleRecord(
    key="high",
    kind="over_limit",
    params={"by": "value", "period": "realtime", "high": 5, "in_a_row": 2, "wait_s": 0},
)
SETTINGS = AlertsSettings(look_every_s=0.1, group_wait_s=0, snapshot_every_s=1, recover_hold_s=0)


def now_us() -> int:
    """The machine's clock."""
    return time.time_ns() // 1000


class Nothing:
    """No device owes anything."""

    def rates(self, *_: object) -> pa.Table:
        """No rows."""
        return RATES.empty_table()


class Telling(RegistryService):
    """A registry that can be away."""

    away = False

    def call(self, work: Any, *args: Any, **kwargs: Any) -> Deferred[Any]:
        """As it is, or refused."""
        if self.away:
            return fail(RegistryUnavailable("away"))
        return super().call(work, *args, **kwargs)


class Rig:
    """The service on a journal and a registry of a folder."""

    def __init__(self, running: RunningReactor, data: Path, zero: LaneWriter) -> None:
        self.data = data
        self.zero = zero
        self._running = running
        self._url = f"sqlite:///{data}/registry.db"
        self.values = 0
        self.ahead_us = 0
        self.sites = SiteBook(Devices([]))
        self.registry = Telling(running.reactor, self._url, self.open, Devices([]), self.sites)
        self.service = self._make(running.reactor)

    def open(self) -> Registry:
        """Another view of the registry."""
        return open_registry(self._url, self.data / "registry.key")

    def now_us(self) -> int:
        """The machine's clock, or one that is ahead of it."""
        return now_us() + self.ahead_us

    def _make(self, reactor: Any) -> AlertService:
        ground = HubGround(self.sites, list, lambda: date(2026, 6, 1))
        wording = Wording()

        def terms(now: Any, rules: Any) -> Terms:
            return Terms(
                now=now,
                rules=rules,
                settings=SETTINGS,
                places=SitePlaces(self.sites, dict),
                render=wording.render,
            )

        slow = SlowWork("asked", threads=1, waiting=1, timeout_s=60)
        return AlertService(
            reactor,
            watch=Watch(
                self.data,
                lambda at: JournalReading(self.data / "journal", at, lambda _: Device()),
                lambda rules: Evaluator(rules, ground, SETTINGS),
                self.now_us,
            ),
            registry=self.registry,
            terms=terms,
            limits=ground,
            ears=Ears(list, self.now_us),
            feed=MeansFeed(reactor, means=None, quality=None, upto=lambda: None, slow=slow),  # type: ignore[arg-type]
            checking=Checking(
                reactor,
                rates=Nothing(),
                completeness=CompletenessSettings,
                sites=ground,
                registry=self.registry,
                slow=slow,
            ),
            figures=Figures,
            folders=(),
            settings=SETTINGS,
            now_us=self.now_us,
        )

    def start(self) -> None:
        """Begin."""
        self._running.do(self.registry.startService)
        self._running.do(self.service.startService)

    def stop(self) -> None:
        """End in order."""
        self._running.do(self.service.stopService)
        self._running.do(self.registry.stopService)

    def say(self, *values: float) -> None:
        """Frames, each a second later than the one before."""
        records: list[Record] = []
        for value in values:
            at = time.time() - 600 + self.values
            self.values += 1
            stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(at + 8 * 3600))
            records.append(good(upload("A", rtd=str(value), data_time=stamp)))
        append(self.zero, records)

    def alarms(self) -> list[AlarmRecord]:
        """All that ever were of the rule."""
        registry = self.open()
        found = registry.alarms.find(rule="high")
        registry.close()
        return sorted(found, key=lambda one: one.began)

    def messages(self) -> list[MessageRecord]:
        """The outbox."""
        registry = self.open()
        found = registry.outbox.find()
        registry.close()
        return found

    def settled(self) -> bool:
        """Whether all of the journal was judged and handed over."""
        status = self.service.status()
        return status["samples_total"] >= self.values and not status["signals_waiting"]


@contextmanager
def rig_of(running: RunningReactor, data: Path, zero: LaneWriter) -> Iterator[Rig]:
    """One that runs."""
    made = Rig(running, data, zero)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def zero(tmp_path: Path) -> Iterator[LaneWriter]:
    """A lane, and a registry with a rule and somebody to tell."""
    registry = open_registry(f"sqlite:///{tmp_path}/registry.db", tmp_path / "registry.key")
    registry.rules.put(HIGH, "somebody")
    contact = registry.contacts.put(ContactRecord(name="one", ways={"app": ""}), "somebody")
    registry.subscriptions.put(SubscriptionRecord(contact_id=contact.id), "somebody")
    registry.close()
    with lane(tmp_path, "0") as made:
        yield made


def test_from_frame_to_message(reactor: RunningReactor, tmp_path: Path, zero: LaneWriter) -> None:
    """A value over its limit is one alarm and one message; being over is told in its turn."""
    with rig_of(reactor, tmp_path, zero) as rig:
        told: list[int] = []
        rig.service.told.append(lambda: told.append(1))
        rig.say(6, 7)
        wait_until(rig.messages, "a message")
        assert [one.step for one in rig.messages()] == ["opened"]
        assert told
        rig.say(1, 1)
        wait_until(lambda: len(rig.messages()) == 2)
        assert {one.step for one in rig.messages()} == {"opened", "recovered"}
        status = rig.service.status()
        assert (status["raised_total"], status["ended_total"]) == (1, 1)
        assert (status["state"], status["faults_total"]) == ("ok", 0)


def test_the_registry_is_away(reactor: RunningReactor, tmp_path: Path, zero: LaneWriter) -> None:
    """Meanwhile the journal waits; then nothing is missing and nothing is there twice."""
    with rig_of(reactor, tmp_path, zero) as rig:
        rig.say(6, 7)
        wait_until(rig.alarms)
        rig.registry.away = True
        wait_until(lambda: rig.service.status()["state"] == "waiting")
        rig.say(1, 1, 6, 7, 1, 1)
        assert len(rig.alarms()) == 1
        rig.registry.away = False
        wait_until(lambda: len(rig.alarms()) == 2 and rig.settled())
        assert [one.ended is not None for one in rig.alarms()] == [True, True]
        assert rig.service.status()["faults_total"] == 0


def test_stopped_and_started(reactor: RunningReactor, tmp_path: Path, zero: LaneWriter) -> None:
    """An alarm goes on over a restart, and ends after it."""
    with rig_of(reactor, tmp_path, zero) as rig:
        rig.say(6, 7)
        wait_until(rig.messages)
    said = rig.values
    with rig_of(reactor, tmp_path, zero) as again:
        again.values = said
        again.say(7, 1, 1)
        wait_until(lambda: len(again.messages()) == 2)
        assert [one.ended is not None for one in again.alarms()] == [True]
        assert again.service.status()["samples_total"] == 3


def test_a_rule_that_is_switched_off(
    reactor: RunningReactor, tmp_path: Path, zero: LaneWriter
) -> None:
    """By another process: its alarms are over, and it raises no more."""
    with rig_of(reactor, tmp_path, zero) as rig:
        rig.say(6, 7)
        wait_until(rig.alarms)
        registry = rig.open()
        registry.rules.put(msgspec.structs.replace(HIGH, on=False), "somebody")
        registry.close()
        wait_until(lambda: rig.alarms()[0].ended is not None)
        rig.say(1, 1, 6, 7)
        wait_until(rig.settled)
        assert len(rig.alarms()) == 1


def test_a_signal_that_our_code_fails_on(
    reactor: RunningReactor, tmp_path: Path, zero: LaneWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left out, named and counted; those around it are kept."""
    real = deeds.take

    def take(registry: Registry, signals: Any, terms: Terms) -> Any:
        if any(one.value == 8.0 for one in signals):
            raise RuntimeError("ours")
        return real(registry, signals, terms)

    monkeypatch.setattr(deeds, "take", take)
    with rig_of(reactor, tmp_path, zero) as rig:
        rig.say(6, 7, 1, 1, 6, 8, 1, 1, 6, 9, 1, 1)
        wait_until(rig.settled)
        wait_until(lambda: len(rig.alarms()) == 2)
        assert [one.value for one in rig.alarms()] == [7.0, 9.0]
        assert rig.service.status()["dropped_signals_total"] == 1


def test_others_are_quicker(
    reactor: RunningReactor, tmp_path: Path, zero: LaneWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People and another hub change the same incidents all the time: what is told then is tried
    again, not left out."""
    real = deeds.take
    times: list[int] = []

    def take(registry: Registry, signals: Any, terms: Terms) -> Any:
        times.append(len(signals))
        if len(times) <= 3:
            raise Conflict("somebody was quicker")
        return real(registry, signals, terms)

    monkeypatch.setattr(deeds, "take", take)
    with rig_of(reactor, tmp_path, zero) as rig:
        rig.say(6, 7)
        wait_until(rig.alarms)
        status = rig.service.status()
        assert (status["dropped_signals_total"], status["faults_total"]) == (0, 0)


def test_other_settings_hold_at_once(
    reactor: RunningReactor, tmp_path: Path, zero: LaneWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lasts is looked at by them, though no rule changed."""
    real = deeds.settle_rules
    times: list[int] = []

    def settle_rules(registry: Registry, terms: Terms) -> Any:
        times.append(1)
        return real(registry, terms)

    monkeypatch.setattr(deeds, "settle_rules", settle_rules)
    with rig_of(reactor, tmp_path, zero) as rig:
        wait_until(lambda: len(times) == 1)
        rig.service.configure(msgspec.structs.replace(SETTINGS, remind_every_s=60))
        wait_until(lambda: len(times) == 2)


def test_the_state_is_written_while_it_runs(
    reactor: RunningReactor, tmp_path: Path, zero: LaneWriter
) -> None:
    """After a kill no more is judged again than came since."""
    with rig_of(reactor, tmp_path, zero) as rig:
        rig.say(1, 1)
        wait_until(lambda: rig.service.status()["state_bytes"] > 0)
        wait_until(lambda: "incidents" in rig.service.status())


def test_the_clock_is_set_back(reactor: RunningReactor, tmp_path: Path, zero: LaneWriter) -> None:
    """By half an hour: what is found goes on to be told within seconds."""
    with rig_of(reactor, tmp_path, zero) as rig:
        rig.ahead_us = 1_800_000_000
        rig.say(6, 7)
        wait_until(lambda: len(rig.messages()) == 1)
        rig.ahead_us = 0
        rig.say(1, 1)
        wait_until(lambda: len(rig.messages()) == 2)
        rig.say(6, 7)
        wait_until(lambda: len(rig.messages()) == 3)
        assert rig.service.status()["faults_total"] == 0
