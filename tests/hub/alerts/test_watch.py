"""One look after another: the journal judged once, also after a kill; no part stops another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from hub_rig import append, good, upload

from alerts.rules.book import Rule, checked
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from hj212d.hub.alerts.evaluator import Evaluator
from hj212d.hub.alerts.ground import HubGround
from hj212d.hub.alerts.moments import aware, microseconds
from hj212d.hub.alerts.reading import JournalReading
from hj212d.hub.alerts.watch import Found, Given, Watch
from hj212d.hub.devices import Devices
from hj212d.hub.site_book import SiteBook
from hj212d.hub.times import BEIJING
from hj212d.journal.record import Record
from hj212d.journal.writer import LaneWriter
from hj212d.wire.frame import Device
from store.registry.alert_records import AlarmRecord, RuleRecord

S = 1_000_000
NOON = microseconds(datetime(2026, 6, 1, 12, tzinfo=BEIJING))
HIGH = checked(
    RuleRecord(
        key="high",
        kind="over_limit",
        params={"by": "value", "period": "realtime", "high": 5, "in_a_row": 2},
    )
)
KNOWN = {"stranger_frames": 0, "stranger_s": 0}  # whoever spoke is missed
SILENT = checked(RuleRecord(key="silent", kind="offline", params={"after_s": 900, **KNOWN}))
RULES = (HIGH, SILENT)


def frame(second: int, value: float, mn: str = "A") -> Record:
    """Of a station, received when it says."""
    at = datetime.fromtimestamp(NOON / 1e6 + second, BEIJING)
    raw = upload(mn, rtd=str(value), data_time=f"{at:%Y%m%d%H%M%S}")
    return good(raw, time_us=NOON + second * S)


class Rig:
    """A watch over the journal of a data folder, by a clock that tests set."""

    def __init__(self, data: Path, lane: LaneWriter) -> None:
        self.data = data
        self.lane = lane
        self.second = 0.0
        self.began_us = NOON - 100 * S  # of the worker
        self.watch = self.make()

    def make(self, rules: tuple[Rule, ...] = RULES, *active: AlarmRecord) -> Watch:
        """A new one, as after a start."""
        ground = HubGround(SiteBook(Devices([])), list, lambda: date(2026, 6, 1))
        made = Watch(
            self.data,
            lambda at: JournalReading(self.data / "journal", at, lambda _: Device()),
            lambda rules: Evaluator(rules, ground, AlertsSettings()),
            self.now,
        )
        self.opening = said(made.open(rules, active))
        return made

    def now(self) -> int:
        """UTC microseconds."""
        return NOON + round(self.second * S)

    def look(self, second: float, given: Given | None = None) -> list[tuple[str, str, float]]:
        """What is told at a second: what, of which rule, and since which second."""
        self.second = second
        given = given or Given()
        given.begun_us = self.began_us
        return said(self.watch.look(given).signals)


def said(signals: list[Signal]) -> list[tuple[str, str, float]]:
    """What, of which rule, since when."""
    return [(one.what, one.rule, (microseconds(one.began) - NOON) / S) for one in signals]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """With an empty journal."""
    folder = tmp_path / "journal" / "0"
    with LaneWriter(folder, sync="none", min_free_bytes=0, segment_bytes=65536) as zero:
        made = Rig(tmp_path, zero)
        yield made
        made.watch.close()


def test_within_a_look_of_the_frame(rig: Rig) -> None:
    """The second value above the limit is told by the next look, and once."""
    append(rig.lane, [frame(1, 6.0)])
    assert rig.look(2) == []
    append(rig.lane, [frame(3, 7.0)])
    assert rig.look(4) == [("raised", "high", 1)]
    assert rig.look(5) == []
    assert (rig.watch.frames, rig.watch.samples, rig.watch.lag_s) == (2, 2, 0.0)


def test_silence(rig: Rig) -> None:
    """Fifteen minutes to the second are none; a moment later it is, and the next frame ends it."""
    append(rig.lane, [frame(10, 1.0)])
    rig.look(11)
    assert rig.look(910 + 1) == []
    assert rig.look(910 + 1.001) == [("raised", "silent", 910)]
    append(rig.lane, [frame(1000, 1.0)])
    assert rig.look(1001) == [("cleared", "silent", 910)]


def test_nobody_listened(rig: Rig) -> None:
    """Time in which the daemon was away is nobody's silence; nor is that of a hub without
    workers."""
    append(rig.lane, [frame(10, 1.0)])
    rig.look(11)
    rig.watch.save()
    rig.watch.close()
    rig.watch = rig.make()
    rig.second = 2000.0
    assert rig.watch.look(Given()).signals == []
    rig.began_us = NOON + 1990 * S
    assert rig.look(2010) == []
    assert rig.look(1990 + 900 + 1.001) == [("raised", "silent", 1990 + 900)]


def test_after_a_kill_the_same_again(rig: Rig) -> None:
    """The journal is read again from where the state on disk ends, and names the same alarms."""
    append(rig.lane, [frame(1, 6.0)])
    rig.look(2)
    rig.watch.save()
    append(rig.lane, [frame(3, 7.0)])
    first = rig.look(4)
    rig.watch.close()
    rig.watch = rig.make()
    assert rig.look(5) == first == [("raised", "high", 1)]


def test_what_only_the_registry_knows(rig: Rig) -> None:
    """Without a state its alarms go on, and end when they are over; those that no rule watches
    are over at once."""
    began = aware(NOON - 60 * S)
    named = {"began": began, "seen_at": began, "subject": "mn:A", "factor": "w01018"}
    high = AlarmRecord(rule="high", kind="over_limit", **named)
    others = checked(RuleRecord(key="others", kind="offline", mns=["Z"]))
    nobodys = AlarmRecord(rule="others", kind="offline", **{**named, "factor": ""})
    rig.watch.close()
    rig.watch = rig.make((*RULES, others), high, nobodys)
    assert rig.opening == [("cleared", "others", -60)]
    append(rig.lane, [frame(1, 1.0), frame(2, 1.0)])
    assert rig.look(3) == [("cleared", "high", -60)]


def test_the_clock_is_set_back(rig: Rig) -> None:
    """Who falls silent then is told of after fifteen minutes, not hours later."""
    append(rig.lane, [frame(7200, 1.0)])
    rig.look(7201)
    rig.began_us = NOON + 10 * S
    append(rig.lane, [frame(10, 1.0)])
    assert rig.look(10) == []
    assert rig.look(911) == []
    assert rig.look(911.001) == [("raised", "silent", 910)]


def test_the_journal_is_another(rig: Rig) -> None:
    """A state that was kept beside a longer journal does not make deaf: it is read from its
    beginning."""
    append(rig.lane, [frame(1, 1.0)])
    rig.look(2)
    position = rig.watch._reading.positions["0"]
    rig.watch._reading._readers["0"].position = 100 * position
    rig.watch.save()
    rig.watch.close()
    rig.watch = rig.make()
    append(rig.lane, [frame(3, 6.0), frame(4, 7.0)])
    assert rig.look(5) == [("raised", "high", 3)]


def test_what_was_removed_before_it_was_read(rig: Rig) -> None:
    """It may have held signs of life: silence is counted from behind it."""
    folder = rig.lane.directory
    append(rig.lane, [frame(1, 1.0)])
    rig.look(2)
    second = 2
    while len(list(folder.glob("*.seg"))) < 3:
        append(rig.lane, [frame(second + n, 1.0) for n in range(200)])
        second += 200
    for segment in sorted(folder.glob("*.seg"))[:2]:
        segment.unlink()
    rig.look(second)
    assert rig.watch.up_since_us == NOON + second * S


def test_far_behind(rig: Rig) -> None:
    """What is older than an hour is left out and said, and is no silence."""
    append(rig.lane, [frame(1, 6.0), frame(2, 7.0)])
    rig.look(3)
    rig.watch.save()
    append(rig.lane, [frame(3, 1.0), frame(4, 1.0)])
    append(rig.lane, [frame(9000, 1.0)])
    assert rig.look(9001) == []
    assert rig.watch.up_since_us >= NOON + 5401 * S


def test_a_part_that_fails(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own fault in one part is named and counted; the others go on."""

    def fail(*_: object) -> list[Signal]:
        raise RuntimeError("ours")

    monkeypatch.setattr(Evaluator, "observe", fail)
    append(rig.lane, [frame(1, 6.0)])
    assert rig.look(2) == []
    assert dict(rig.watch.faults) == {"observe": 1}
    monkeypatch.undo()
    append(rig.lane, [frame(3, 7.0), frame(4, 7.0)])
    assert rig.look(5) == [("raised", "high", 3)]


def test_rules_of_the_check(rig: Rig) -> None:
    """What detectors find under them waits for two checks; the state keeps what was found."""
    slow = checked(
        RuleRecord(
            key="slow",
            kind="over_limit",
            way="check",
            params={"by": "value", "period": "realtime", "high": 5, "in_a_row": 1},
        )
    )
    rig.watch.set_rules([slow])
    append(rig.lane, [frame(1, 6.0)])
    assert rig.look(2) == []
    half = 1800
    given = Given(due=NOON + half * S, check=Found(NOON + half * S, [], {"slow": 2}))
    assert rig.look(half + 1, given) == []
    rig.watch.save()
    rig.watch.close()
    rig.watch = rig.make((slow,))
    second = NOON + 2 * half * S
    found = rig.look(2 * half + 1, Given(due=second, check=Found(second, [], {"slow": 2})))
    assert [one[:2] for one in found] == [("raised", "slow")]
