"""The platform's own troubles: raised after two looks, ended after two, under one name."""

from __future__ import annotations

from alerts.rules.book import checked
from alerts.signals import Signal
from hj212d.hub.alerts.moments import aware
from hj212d.hub.alerts.system_rules import Figures, SystemRules, Target, Volume
from store.registry.alert_records import AlarmRecord, RuleRecord

S = 1_000_000
NOON = 1_780_286_400 * S
LAG = checked(RuleRecord(key="lag", kind="store_lag", params={"lag_s": 60}))
BEHIND = checked(RuleRecord(key="behind", kind="forward", params={"lag_s": 600}))
DISK = checked(RuleRecord(key="disk", kind="disk", params={"free_share": 0.1, "free_bytes": 1000}))
OTHER = checked(RuleRecord(key="other", kind="offline"))
RULES = (LAG, BEHIND, DISK, OTHER)


def looks(system: SystemRules, *figures: Figures, begin: int = 0) -> list[tuple[str, str, int]]:
    """One look every ten seconds: what is said, of whom, and since which look."""
    found: list[Signal] = []
    for number, one in enumerate(figures, begin):
        found += system.look(RULES, one, NOON + number * 10 * S)
    return [
        (one.what, one.subject, round((one.began - aware(NOON)).total_seconds() / 10))
        for one in found
    ]


def test_a_store_that_lags() -> None:
    """Two looks in a row, from the first on; the same again to end it."""
    slow, quick = Figures(store_lag_s=61), Figures(store_lag_s=60)
    system = SystemRules()
    assert looks(system, slow, quick, slow, quick) == []
    assert looks(system, slow, slow, slow, begin=4) == [("raised", "hub", 4)]
    assert looks(system, quick, slow, quick, begin=7) == []
    assert looks(system, quick, quick, begin=10) == [("cleared", "hub", 4)]


def test_nobody_can_tell() -> None:
    """Figures that are not known are neither good nor bad."""
    system = SystemRules()
    slow, unknown = Figures(store_lag_s=61), Figures()
    assert looks(system, slow, unknown, slow) == [("raised", "hub", 0)]
    assert looks(system, unknown, unknown, unknown, begin=3) == []


def test_targets_of_forwarding() -> None:
    """Each by itself, by seconds or by frames; one that is configured no more is over."""
    frames = checked(
        RuleRecord(key="frames", kind="forward", params={"lag_s": 600, "behind_frames": 10})
    )
    system = SystemRules()
    both = Figures(targets=[Target("a", "down", 601.0, 5), Target("b", "up", 3.0, 11)])
    assert system.look([frames], both, NOON) == []
    raised = system.look([frames], both, NOON + 10 * S)
    assert [(one.subject, one.detail["waiting"]) for one in raised] == [
        ("forward:a", 5),
        ("forward:b", 11),
    ]
    left = Figures(targets=[Target("a", "down", 700.0, 5)])
    cleared = system.look([frames], left, NOON + 20 * S)
    assert [(one.what, one.subject) for one in cleared] == [("cleared", "forward:b")]


def test_a_disk_that_fills() -> None:
    """Few bytes and a small share of them; worse as it goes on; not 9 % of a large one."""
    system = SystemRules()
    large = Figures(volumes=[Volume("/d", 9000, 100_000)])
    assert looks(system, large, large) == []
    few = Figures(volumes=[Volume("/d", 900, 10_000), Volume("/j", 9000, 10_000)])
    least = Figures(volumes=[Volume("/d", 200, 10_000)])
    assert looks(system, few, few, begin=2) == [("raised", "hub", 2)]
    (worse,) = system.look(RULES, least, NOON)
    assert (worse.what, worse.severity, worse.detail["free_bytes"]) == ("changed", "critical", 200)
    assert looks(system, large, large, begin=5) == [("cleared", "hub", 2)]
    full = Figures(volumes=[Volume("/d", 9000, 10_000)], journal_state="full")
    assert looks(system, full, full, begin=8) == [("raised", "hub", 8)]


def test_refused_frames_of_nobody() -> None:
    """Raised above the share, over below half of it; few are nothing."""
    rule = checked(
        RuleRecord(
            key="nobody", kind="bad_frames", params={"scope": "nobody", "share": 0.2, "least": 20}
        )
    )
    station = checked(RuleRecord(key="station", kind="bad_frames"))
    system = SystemRules()
    said = []
    counts = [(19, 30), (20, 30), (30, 90), (15, 100), (15, 100), (9, 100), (9, 100)]
    for number, counted in enumerate(counts):
        figures = Figures(nobody={"nobody": counted})
        found = system.look([rule, station], figures, NOON + number * 10 * S)
        said += [(number, one.what, one.value) for one in found]
    assert said == [(2, "raised", 0.3333), (6, "cleared", 0.09)]


def test_after_a_start() -> None:
    """What the registry has active is neither told again nor forgotten."""
    alarm = AlarmRecord(
        rule="lag",
        kind="store_lag",
        subject="hub",
        began=aware(NOON - 50 * S),
        seen_at=aware(NOON),
    )
    slow, quick = Figures(store_lag_s=61), Figures(store_lag_s=1)
    system = SystemRules()
    system.adopt([alarm])
    assert looks(system, slow, slow, slow) == []
    assert looks(system, quick, quick, begin=3) == [("cleared", "hub", -5)]
