"""What happens in the thread of alerts: one look at the journal and the clock after another.

Holds everything that must be kept together: positions in the journal, evaluator, links, checks.
What comes of a look are signals; nothing here knows registry or incidents. A part of it that fails
by our own fault is named, counted and passed over. Tests: tests/hub/alerts/test_watch.py.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pyarrow as pa

from alerts.rules.book import Rule
from alerts.rules.params import BadFrames
from alerts.signals import Signal
from hj212d.hub.alerts import state_file
from hj212d.hub.alerts.check_gate import CheckGate
from hj212d.hub.alerts.checks import Checks, Finding
from hj212d.hub.alerts.link_book import LinkBook, LinkEvent
from hj212d.hub.alerts.moments import aware
from hj212d.hub.alerts.nobody import Nobody
from hj212d.hub.alerts.reading import Heard, JournalReading
from hj212d.hub.alerts.state_file import State
from hj212d.hub.alerts.system_rules import Figures, SystemRules, is_system
from store.registry.alert_records import AlarmRecord

log = logging.getLogger(__name__)

PASS_BYTES = 4 * 1024 * 1024
BEHIND_S = 3600.0  # what is older is skipped: nobody needs to be told of it now
# A frame may be on its way into the journal for so long before it counts as silence.
SETTLE_US = 1_000_000

Named = tuple[str, str, str, datetime]  # rule, subject, factor, began


class Judge(Protocol):
    """The evaluator (evaluator.py)."""

    @property
    def faults(self) -> Mapping[str, int]:
        """Rule -> how often our own code failed on it."""

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Other rules from now on."""

    def forget_limits(self, mns: Collection[str]) -> None:
        """Sites or limits of these MNs are different; empty: of any."""

    def observe(self, frames: pa.Table, samples: pa.Table, now_us: int) -> list[Signal]:
        """A batch."""

    def links(self, events: Iterable[LinkEvent]) -> None:
        """Links came and went."""

    def hours(self, table: pa.Table, now_us: int) -> list[Signal]:
        """Means of hours or days, rows of MEANS."""

    def aqi(self, table: pa.Table, now_us: int) -> list[Signal]:
        """AQI of stations, rows of AQI_ROWS."""

    def check(self, now_us: int) -> list[Signal]:
        """What is judged at the check only."""

    def tick(self, now_us: int, up_since_us: int) -> list[Signal]:
        """Look at the clock."""

    def set_back(self, now_us: int) -> None:
        """The clock was set back."""

    def active(self) -> list[Named]:
        """Alarms that are not over."""

    def adopt(self, alarms: Iterable[Named]) -> list[Named]:
        """Alarms that go on, whatever is remembered; told are those that nobody watches."""

    def snapshot(self) -> bytes:
        """All state."""

    def restore(self, data: bytes) -> None:
        """As it was."""


class Found(msgspec.Struct, frozen=True):
    """A check that was made. ``judged``: rule -> how often in a row makes an alarm."""

    at_us: int
    findings: list[Finding]
    judged: dict[str, int]


class Given(msgspec.Struct):
    """What the loop hands over with a look. ``begun_us``: since when those listen who do now,
    None: nobody does. ``lost``, ``found``: links of a worker that went, and that came.
    ``different``: MNs whose site or limit changed, None for nobody's. ``figures`` of the platform
    when they are to be looked at. ``due``: moment of a check that begins, ``check``: what one
    found."""

    begun_us: int | None = None
    lost: list[int] = []
    found: list[int] = []
    different: set[str] | None = None
    means: list[pa.Table] = []
    aqi: list[pa.Table] = []
    figures: Figures | None = None
    due: int | None = None
    check: Found | None = None


class Looked(msgspec.Struct, frozen=True):
    """What came of a look. ``more``: the journal holds more already."""

    signals: list[Signal]
    more: bool


class Watch:
    """For one thread, but for the figures that ``status`` shows."""

    def __init__(
        self,
        data_dir: Path,
        reading: Callable[[dict[str, int]], JournalReading],
        judge: Callable[[Sequence[Rule]], Judge],
        now_us: Callable[[], int],
    ) -> None:
        """``reading``: of the journal from some positions on; ``judge``: a new evaluator."""
        self.checks = Checks()
        self.frames = 0
        self.samples = 0
        self.skipped_bytes = 0
        self.faults: Counter[str] = Counter()
        self._rule_faults: Mapping[str, int] = {}
        self.lag_s = 0.0
        self.cpu_s = 0.0
        self.state_bytes = 0
        self.state_s = 0.0
        self.up_since_us = 0
        self._data_dir = data_dir
        self._make_reading = reading
        self._make_judge = judge
        self._now_us = now_us
        self._lost = 0
        self._rules: Sequence[Rule] = ()
        self._of_check: set[str] = set()

    def open(self, rules: Sequence[Rule], active: Sequence[AlarmRecord]) -> list[Signal]:
        """Begin where the state on disk ends, without one with the last hour. ``active``: alarms
        that the registry has: they go on, also such as are younger than the state; those that no
        rule watches any more are over."""
        state = state_file.load(self._data_dir)
        self._begin(rules, state or State())
        if state is not None:
            try:
                self._restore(state)
            except Exception as fault:  # noqa: BLE001 - whatever is wrong with it
                state_file.set_aside(self._data_dir, repr(fault))
                state = None
                self._begin(rules, State())
        self._keep_rules(rules)
        self._skip(said=state is not None)
        return self._adopt(active)

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Other rules from now on."""
        self._judge.set_rules(rules)
        self._keep_rules(rules)

    def look(self, given: Given, *, read: bool = True) -> Looked:
        """One look. ``read`` False: at what was given only, the journal waits."""
        begun = time.thread_time()
        try:
            return self._look(given, read)
        finally:
            self._rule_faults = dict(self._judge.faults)
            self.cpu_s += time.thread_time() - begun

    def save(self) -> None:
        """Keep all on disk; everything told so far must be in the registry. OSError."""
        begun = time.perf_counter()
        state = State(
            positions=self._reading.positions,
            listening=self._listening,
            links=self._links.kept(),
            checks=self.checks.snapshot(),
            gate=self._gate.snapshot(),
            evaluator=self._judge.snapshot(),
        )
        self.state_bytes = state_file.save(self._data_dir, state)
        self.state_s = time.perf_counter() - begun

    def close(self) -> None:
        """Close the journal's files."""
        self._reading.close()

    def all_faults(self) -> dict[str, int]:
        """How often our own code failed, by part, and by rule as "rule KEY"."""
        by_rule = {f"rule {key}": times for key, times in self._rule_faults.items()}
        return {**self.faults, **by_rule}

    @property
    def errors(self) -> int:
        """Records of the journal that our own code failed on."""
        return self._reading.errors

    # From here on in order of what happens.

    def _begin(self, rules: Sequence[Rule], state: State) -> None:
        self._judge: Judge = self._make_judge(rules)
        self._listening = state.listening
        self._links = LinkBook(state.links)
        self._gate = CheckGate()
        self.checks = Checks()
        self._system = SystemRules()
        self._nobody = Nobody()
        self._reading = self._make_reading(state.positions)

    def _keep_rules(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._of_check = {rule.key for rule in rules if rule.way == "check"}
        self.checks.keep_only(self._of_check)
        self._gate.keep_only(self._of_check)

    def _restore(self, state: State) -> None:
        self._judge.restore(state.evaluator)  # under the rules that it was made with
        self.checks.restore(state.checks)
        self._gate.restore(state.gate)

    def _adopt(self, active: Sequence[AlarmRecord]) -> list[Signal]:
        system = {rule.key for rule in self._rules if is_system(rule)}
        self._system.adopt(one for one in active if one.rule in system)
        self.checks.adopt(one for one in active if one.rule in self._of_check)
        # Warnings are raised and ended by the forecasts, in the room of schedules.
        live = {rule.key for rule in self._rules if rule.kind != "heavy_pollution"}
        live -= system | self._of_check
        named = {_name(one): one for one in active if one.rule in live}
        unwatched = self._judge.adopt(named)
        return [_over(named[one], self._now_us()) for one in unwatched]

    def _skip(self, *, said: bool) -> None:
        """Too far behind: go on with the last hour. Without a state that is where one begins."""
        now = self._now_us()
        behind_s = self._reading.behind_s(now)
        if behind_s <= BEHIND_S:
            return
        until = now - round(BEHIND_S * 1e6)
        skipped = self._reading.skip(until)
        self._listening.missed(until)
        if said:
            self.skipped_bytes += skipped
            log.warning("event=alerts_skipped behind_s=%.0f bytes=%d", behind_s, skipped)

    def _look(self, given: Given, read: bool) -> Looked:
        now = self._now_us()
        signals = self._links_given(given, now)
        if given.different is not None:
            self._part("limits", self._judge.forget_limits, given.different)
        heard = self._read(now) if read else None
        if heard is not None:
            signals += self._heard(heard, now)
            self._listen(given.begun_us, now)
            as_of = min(heard.as_of_us, now - SETTLE_US)
            if given.begun_us is not None:
                signals += self._part("tick", self._judge.tick, as_of, self.up_since_us)
        for table in given.means:
            signals += self._part("means", self._judge.hours, table, now)
        for table in given.aqi:
            signals += self._part("aqi", self._judge.aqi, table, now)
        if given.due is not None:
            signals += self._part("check", self._judge.check, now)
        signals = self._gate.passing(signals, self._of_check)
        if given.check is not None:
            signals += self._checked(given.check, now)
        if given.figures is not None:
            signals += self._part("system", self._looked_at, given.figures, now)
        more = heard is not None and heard.more
        return Looked(signals, more)

    def _links_given(self, given: Given, now: int) -> list[Signal]:
        self._links.found(given.found)
        self._links.lost(given.lost, now)
        events = self._links.settled(now)
        if events:
            self._part("links", self._judge.links, events)
        return []

    def _read(self, now: int) -> Heard | None:
        if self._reading.behind_s(now) > BEHIND_S:
            self._skip(said=True)
        try:
            heard = self._reading.take(PASS_BYTES, now)
        except OSError as problem:
            self._fault("journal", problem)
            return None
        self.lag_s = (now - heard.as_of_us) / 1e6
        lost, self._lost = self._lost, self._reading.lost_bytes
        if self._lost > lost:  # who spoke there was not silent
            self._listening.missed(heard.as_of_us)
            log.warning("event=alerts_journal_lost bytes=%d", self._lost - lost)
        return heard

    def _heard(self, heard: Heard, now: int) -> list[Signal]:
        self.frames += heard.frames.num_rows
        self.samples += heard.samples.num_rows
        if heard.links.num_rows:
            events = self._links.read(heard.links)
            self._part("links", self._judge.links, events)
        if not heard.frames.num_rows:
            return []
        self._nobody.observe(heard.frames)
        return self._part("observe", self._judge.observe, heard.frames, heard.samples, now)

    def _listen(self, begun_us: int | None, now: int) -> None:
        if begun_us is not None:
            before = self._listening.up_since_us
            if self._listening.hears(now, begun_us):
                self._part("set back", self._judge.set_back, now)
                self._reading.set_back()
                self.checks.set_back(now)
            if before and self._listening.up_since_us != before:
                events = self._links.begun_anew(self._listening.up_since_us)
                self._part("links", self._judge.links, events)
        self.up_since_us = self._listening.up_since_us

    def _checked(self, check: Found, now: int) -> list[Signal]:
        judged = {key: times for key, times in check.judged.items() if key in self._of_check}
        findings = [*check.findings, *self._gate.findings()]
        return self.checks.found(check.at_us, findings, judged, now)

    def _looked_at(self, figures: Figures, now: int) -> list[Signal]:
        nobody = {
            rule.key: self._nobody.counted(rule.params.window_s, now)
            for rule in self._rules
            if isinstance(rule.params, BadFrames) and rule.params.scope == "nobody"
        }
        return self._system.look(self._rules, figures._replace(nobody=nobody), now)

    def _part(
        self, name: str, work: Callable[..., list[Signal] | None], *given: Any
    ) -> list[Signal]:
        """What a part says; nothing when our own code fails in it."""
        try:
            found: list[Signal] = work(*given) or []
        except Exception as fault:  # noqa: BLE001 - the rest goes on
            self._fault(name, fault)
            return []
        return found

    def _fault(self, name: str, fault: BaseException) -> None:
        self.faults[name] += 1
        if self.faults[name] == 1:
            log.error("event=alerts_fault part=%s", name, exc_info=fault)


def _name(alarm: AlarmRecord) -> Named:
    return alarm.rule, alarm.subject, alarm.factor, alarm.began


def _over(alarm: AlarmRecord, now_us: int) -> Signal:
    return Signal(
        rule=alarm.rule,
        kind=alarm.kind,
        subject=alarm.subject,
        factor=alarm.factor,
        what="cleared",
        began=alarm.began,
        at=aware(now_us),
        seen_at=aware(now_us),
        detail={"why": "no rule is about it any more"},
    )
