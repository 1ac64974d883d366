"""The evaluator: from batches to signals."""

import msgspec
from alerts_evaluated import US0, Ground, S, evaluator, rule, seen, series, told

LIMIT = rule("own", "over_limit", by="own", period="realtime")
OFFLINE = rule("offline", "offline", after_s=900)


def test_a_value_over_the_limit_is_told_by_its_data_time() -> None:
    """Of several values of one factor in a batch each is judged, in their order."""
    judge = evaluator(LIMIT, ground=Ground({"f": 100}))
    assert seen(judge, series([50, 120, 120, 50, 50])) == [
        ("raised", "mn:A", "f", 30, 60),
        ("cleared", "mn:A", "f", 30, 120),
    ]


def test_what_was_judged_is_not_judged_again() -> None:
    """A batch that was seen says nothing the second time."""
    judge = evaluator(LIMIT, ground=Ground({"f": 100}))
    rows = series([50, 120, 120, 120])
    assert len(seen(judge, rows)) == 1
    assert seen(judge, rows) == []


def test_values_with_a_flag_are_passed_over() -> None:
    """Calibration neither raises nor ends anything."""
    judge = evaluator(LIMIT, ground=Ground({"f": 100}))
    rows = series([120, 120, 120, 50, 50, 50, 120])
    for row in rows[3:6]:
        row["flag"] = "C"
    rows[0]["flag"] = "M"
    assert seen(judge, rows) == [("raised", "mn:A", "f", 30, 60)]


def test_a_silent_station_is_told_after_fifteen_minutes_and_over_with_its_next_frame() -> None:
    """14:59, 15:00, 15:01; told once."""
    judge = evaluator(OFFLINE)
    seen(judge, [{"at_s": 0}])
    for after_s, count in [(899, 0), (900, 0), (901, 1), (902, 0)]:
        assert len(told(judge.tick(US0 + after_s * S, 0))) == count
    assert seen(judge, [{"at_s": 1000}, {"at_s": 1001}]) == [("cleared", "mn:A", "", 900, 1000)]
    assert told(judge.tick(US0 + 1100 * S, 0)) == []


def test_a_rule_that_goes_ends_its_alarms() -> None:
    """Told by the next look at the clock."""
    judge = evaluator(LIMIT, OFFLINE, ground=Ground({"f": 100}))
    seen(judge, series([120, 120]), 60)
    judge.set_rules([OFFLINE])
    assert told(judge.tick(US0 + 60 * S, 0)) == [("cleared", "mn:A", "f", 0, 60)]
    assert judge.active() == []


def test_a_rule_that_says_the_same_keeps_its_alarms() -> None:
    """Also when others come before it, or its note is another."""
    judge = evaluator(LIMIT, ground=Ground({"f": 100}))
    seen(judge, series([120, 120]))
    other = rule("a", "over_limit", by="value", period="realtime", high=1000.0)
    judge.set_rules([other, msgspec.structs.replace(LIMIT, note="x")])
    assert judge.tick(US0, 0) == []
    assert [one[:3] for one in judge.active()] == [("own", "mn:A", "f")]
    later = [{"at_s": 90 + 30 * n, "values": {"f": 10}} for n in range(2)]
    assert [one[0] for one in seen(judge, later)] == ["cleared"]


def test_unregistered_stations_are_not_missed() -> None:
    """Where stations are registered, who else spoke once is nobody's loss."""
    ground = Ground()
    ground.mns = ["B"]
    judge = evaluator(OFFLINE, ground=ground)
    seen(judge, [{"at_s": 0}, {"at_s": 0, "mn": "B"}])
    assert [one[1] for one in told(judge.tick(US0 + 1000 * S, 0))] == ["mn:B"]
