"""Alarms beside what really was: right, a side effect, or false."""

from __future__ import annotations

from datetime import UTC, datetime

from alerts.signals import Signal
from bench import alerts_score
from bench.alerts_score import Alarm
from bench.instruments.episodes import Episode
from bench.instruments.faults import Fault

STUCK = Fault(kind="stuck", mn="A", factor="a34004", start=1000.0, end=50_000.0)
SILENT = Fault(kind="silent", mn="B", start=1000.0, end=9000.0)
HAZE = Episode(
    kind="haze",
    start=0.0,
    end=90_000.0,
    hours=20.0,
    rise_s=600.0,
    arrives={"C": 2000.0},
    shares={"C": 1.0},
    adds={"a34004": 100.0},
)


def alarm(kind: str, mn: str, seen: float, factor: str = "") -> Alarm:
    """One that was seen then."""
    return Alarm(kind, kind, mn, factor, seen)


def test_alarms_of_signals() -> None:
    """One that is told twice is one; it ends when it is cleared."""

    def signal(what: str, second: int) -> Signal:
        at = datetime.fromtimestamp(second, UTC)
        began = datetime.fromtimestamp(100, UTC)
        return Signal(
            rule="offline", kind="offline", subject="mn:A", what=what, began=began, at=at,
            seen_at=at,
        )  # type: ignore[arg-type]  # fmt: skip

    (one,) = alerts_score.alarms([signal("raised", 1000), signal("raised", 1001)])
    assert (one.mn, one.seen, one.ended) == ("A", 1000.0, float("inf"))
    (one,) = alerts_score.alarms([signal("raised", 1000), signal("cleared", 2000)])
    assert one.ended == 2000.0


def test_right_side_false() -> None:
    """Of the fault's own kind, station and factor; of another kind there; of nothing."""
    told = [
        alarm("stuck", "A", 20_000, "a34004"),
        alarm("stuck", "A", 20_000, "a34002"),
        alarm("swing", "A", 51_000, "a34004"),
        alarm("offline", "B", 1900),
        alarm("swing", "C", 3000, "a34004"),
        alarm("over_limit", "C", 3000, "a34004"),
    ]
    verdicts = alerts_score.judged(told, [STUCK, SILENT], [HAZE])
    assert [(one.word, one.episode) for one in verdicts] == [
        ("right", ""),
        ("false", ""),
        ("side", ""),
        ("right", ""),
        ("false", "haze"),
    ]
    kinds = alerts_score.of_alarms(verdicts, 0.5)
    assert kinds["stuck"]["precision"] == 0.5
    assert kinds["swing"] == {
        "alarms": 2,
        "right": 0,
        "side": 1,
        "false": 1,
        "precision": 0.0,
        "false_a_station_year": 2.0,
        "false_in_episodes": 1,
    }
    assert kinds["drift"]["precision"] is None
    assert alerts_score.in_episodes(verdicts, [HAZE]) == {
        "haze": {"episodes": 1, "stations": 1, "false_alarms": 1}
    }


def test_recall_and_delay() -> None:
    """The first alarm of a fault counts; one that nobody told of has no delay."""
    other = Fault(kind="stuck", mn="Z", factor="a34004", start=0.0, end=9000.0)
    told = [alarm("stuck", "A", 20_000, "a34004"), alarm("stuck", "A", 15_400, "a34004")]
    found = alerts_score.of_faults(told, [STUCK, other])
    assert found == {
        "stuck": {
            "faults": 2,
            "told": 1,
            "recall": 0.5,
            "delay_median_s": 14_400,
            "delay_p90_s": 14_400,
        }
    }
