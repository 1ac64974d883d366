"""Incidents under anything that may happen: random signals, clocks, people, kills. What must hold
holds after each step."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from stage import START, Stage, sqlite_registry, station

from alerts.incidents import deeds
from store.registry.alert_records import IncidentRecord, MaintenanceRecord

MNS = [station("330106", number) for number in range(8)] + [
    station("330203", number) for number in range(3)
]
LASTING = ("open", "acknowledged", "silenced")
SOME = st.lists(st.sampled_from(MNS), min_size=1, max_size=8, unique=True)
GAPS_S = st.sampled_from([1, 59, 60, 61, 119, 121, 600, 1799, 3600, 7200, 18_000, 90_000])


class Incidents(RuleBasedStateMachine):
    """Stations of two counties under one rule."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.stage = Stage(sqlite_registry(Path(self._folder.name)), {"330106": 12, "330203": 12})
        self.person = self.stage.person(severity="notice")
        self.lasting: dict[str, Any] = {}  # MN -> began, as detectors know it
        self.told: list[Any] = []  # signals so far
        self.hours = 0.0
        self.outages = 0

    def teardown(self) -> None:
        """Nothing is left."""
        self.stage.registry.close()
        self._folder.cleanup()

    @rule(mns=SOME)
    def fall_silent(self, mns: list[str]) -> None:
        """Some stations that sent."""
        new = [mn for mn in mns if mn not in self.lasting]
        self.outages += 1  # no two begin at one moment, whatever the clock says
        began = self.stage.now + timedelta(microseconds=self.outages)
        self._take([self.stage.signal(mn, "raised", began=began) for mn in new])
        self.lasting |= dict.fromkeys(new, began)

    @rule(mns=SOME)
    def come_back(self, mns: list[str]) -> None:
        """Some stations that were silent."""
        back = [mn for mn in mns if mn in self.lasting]
        self._take([self.stage.signal(mn, "cleared", began=self.lasting.pop(mn)) for mn in back])

    @rule(mn=st.sampled_from(MNS), severity=st.sampled_from(["warning", "severe", "critical"]))
    def change(self, mn: str, severity: str) -> None:
        """One becomes worse, or better."""
        if mn in self.lasting:
            self._take(
                [self.stage.signal(mn, "changed", began=self.lasting[mn], severity=severity)]
            )

    @rule(start=st.integers(0, 20))
    def be_told_again(self, start: int) -> None:
        """The journal is judged again from some place on."""
        if self.told:
            self.stage.take(self.told[start % len(self.told) :])

    @rule(seconds=GAPS_S)
    def wait(self, seconds: int) -> None:
        """With the platform running."""
        self.hours += seconds / 3600
        self.stage.run(seconds)

    @rule(seconds=GAPS_S)
    def be_down(self, seconds: int) -> None:
        """Then one tick."""
        self.hours += seconds / 3600
        self.stage.later(seconds).tick()

    @rule(seconds=GAPS_S)
    def set_back(self, seconds: int) -> None:
        """Somebody sets the clock back, not to before all began."""
        self.stage.now = max(START, self.stage.now - timedelta(seconds=seconds))
        self.stage.tick()

    @rule(which=st.integers(0, 5), deed=st.sampled_from(["acknowledge", "close", "unsilence"]))
    def do(self, which: int, deed: str) -> None:
        """A person, who may do what is not possible."""
        found = self.stage.incidents()
        if found:
            with suppress(ValueError):
                one = found[which % len(found)]
                getattr(deeds, deed)(self.stage.registry, one.no, "li", "", self.stage.terms)

    @rule(which=st.integers(0, 5), seconds=GAPS_S)
    def silence(self, which: int, seconds: int) -> None:
        """For a while."""
        found = self.stage.incidents()
        if found:
            with suppress(ValueError):
                deeds.silence(
                    self.stage.registry,
                    found[which % len(found)].no,
                    "li",
                    "",
                    self.stage.terms,
                    self.stage.now + timedelta(seconds=seconds),
                )

    @rule(mns=SOME, seconds=GAPS_S)
    def maintain(self, mns: list[str], seconds: int) -> None:
        """Some stations, from now on."""
        now = self.stage.now
        self.stage.registry.maintenance.add(
            MaintenanceRecord(mns=mns, start=now, end=now + timedelta(seconds=seconds)), "li"
        )

    @rule()
    def start_anew(self) -> None:
        """The hub does."""
        self.stage.registry.close()
        self.stage.registry = sqlite_registry(Path(self._folder.name))
        deeds.settle_rules(self.stage.registry, self.stage.terms)

    @invariant()
    def one_incident_lasts_of_each_place(self) -> None:
        """Of a rule, a place and a factor."""
        lasting = Counter(
            (one.rule, one.place, one.factor)
            for one in self.stage.incidents()
            if one.state in LASTING
        )
        assert all(many == 1 for many in lasting.values()), lasting

    @invariant()
    def what_stands_in_an_incident_is_what_its_alarms_say(self) -> None:
        """How many joined and how many last; of what is over none does."""
        for one in self.stage.incidents():
            count, active = self.stage.registry.alarms.count(one.id)
            assert one.active == active, one
            if one.state in ("recovered", "closed"):
                assert active == 0
            else:
                assert count <= one.count

    @invariant()
    def nothing_is_told_twice(self) -> None:
        """Opened once a person and incident; of one that was over before, not at all."""
        steps = Counter((one.about, one.step) for one in self.stage.messages())
        assert all(many == 1 for many in steps.values())

    @invariant()
    def messages_are_bounded(self) -> None:
        """By what happened: a reminder each hour of each incident, some steps beside."""
        incidents = self.stage.incidents()
        most = sum(6 + 2 * one.flaps for one in incidents) + len(incidents) * (self.hours + 1)
        assert len(self.stage.messages()) <= most

    @invariant()
    def nothing_that_lasts_is_lost(self) -> None:
        """Each alarm that lasts waits, or stands in an incident that the clock looks at."""
        known: dict[int, IncidentRecord] = {one.id: one for one in self.stage.incidents()}
        lasting = {alarm.mn: alarm for alarm in self.stage.registry.alarms.active()}
        assert set(lasting) == set(self.lasting)
        for alarm in lasting.values():
            if alarm.incident_id is not None:
                one = known[alarm.incident_id]
                assert one.state in LASTING
                assert one.next_at is not None

    def _take(self, signals: list[Any]) -> None:
        self.told += signals
        self.stage.take(signals)


def test_incidents_under_anything_that_may_happen() -> None:
    """Some dozens of stories; what fails is told as the shortest story that does."""
    run_state_machine_as_test(
        Incidents, settings=settings(max_examples=10, stateful_step_count=20, deadline=None)
    )
