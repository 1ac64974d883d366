"""Stations as the evaluator judges them: links, clocks, refused frames, silence."""

from alerts_evaluated import US0, Ground, S, evaluator, rule, seen, tables, told

from alerts.rules.book import checked
from store.registry.alert_records import RuleRecord

OFFLINE = rule("offline", "offline", after_s=900)


def test_time_in_which_the_platform_was_down_is_not_silence() -> None:
    """Counted from when it heard again, at the microsecond."""
    judge = evaluator(OFFLINE)
    seen(judge, [{"at_s": 0}])
    up = US0 + 5000 * S
    assert judge.tick(up + 900 * S, up) == []
    assert told(judge.tick(up + 900 * S + 1, up)) == [("raised", "mn:A", "", 5900, 5900)]


def test_a_silent_station_tells_what_its_link_does() -> None:
    """Open, or closed and when."""
    judge = evaluator(OFFLINE)
    seen(judge, [{"at_s": 0}, {"at_s": 0, "mn": "B"}])
    judge.links([("A", 1, "up", US0), ("B", 2, "up", US0), ("B", 2, "down", US0 + 60 * S)])
    found = {one.subject: one.detail["link"] for one in judge.tick(US0 + 901 * S, 0)}
    assert found == {"mn:A": "open, silent", "mn:B": "closed"}


def test_a_refused_frame_is_no_sign_of_life() -> None:
    """Nothing good for fifteen minutes."""
    judge = evaluator(OFFLINE)
    seen(judge, [{"at_s": 0}, {"at_s": 800, "reason": "crc_wrong"}])
    assert len(judge.tick(US0 + 901 * S, 0)) == 1


def test_a_flapping_link_is_told_with_the_next_look() -> None:
    """Three times within an hour."""
    judge = evaluator(rule("flap", "offline", scope="link", after_s=0, flaps=3))
    judge.links([("A", n, "up", US0 + n * 60 * S) for n in range(3)])
    found = judge.tick(US0 + 180 * S, 0)
    assert told(found) == [("raised", "mn:A", "", 120, 120)]
    assert found[0].value == 3.0


def test_a_clock_ten_minutes_ahead() -> None:
    """Refills and a backlog do not count."""
    judge = evaluator(rule("clock", "clock", limit_s=300, in_a_row=5))
    late = [{"at_s": 9000 + n, "data_s": 30 * n} for n in range(100)]
    refills = [{"at_s": 9200 + 30 * n, "data_s": 30 * n, "rf": True} for n in range(20)]
    assert seen(judge, [*late, *refills]) == []
    ahead = [{"at_s": 10_000 + 30 * n, "data_s": 10_600 + 30 * n} for n in range(7)]
    found = judge.observe(*tables(ahead), US0)
    assert told(found) == [("raised", "mn:A", "", 10_030, 10_150)]
    assert found[0].value == 600.0


def test_refused_frames_of_a_station_with_their_reasons() -> None:
    """More than a fifth of an hour's, and twenty at least."""
    judge = evaluator(rule("bad", "bad_frames", share=0.2, least=20))
    rows = [
        {"at_s": 30 * n, "reason": "crc_wrong" if n > 100 and n % 2 else "ok"} for n in range(240)
    ]
    found = judge.observe(*tables(rows), US0)
    assert [one.what for one in found] == ["raised"]
    assert list(found[0].detail["reasons"]) == ["crc_wrong"]
    assert found[0].detail["refused"] >= 20


def test_numbers_that_called_once_are_nobodys() -> None:
    """Where nobody is registered a thousand invented MNs are not missed, one that spoke for an
    hour is; a registered one is after its first frame."""
    offline = checked(RuleRecord(key="offline", kind="offline"))
    judge = evaluator(offline)
    seen(judge, [{"at_s": n, "mn": f"X{n}"} for n in range(1000)])
    seen(judge, [{"at_s": 1000 + 360 * n, "mn": "A"} for n in range(11)])
    found = judge.tick(US0 + 86_400 * S, US0)
    assert [(one.what, one.subject) for one in found] == [("raised", "mn:A")]
    ground = Ground()
    ground.mns = ["B"]
    registered = evaluator(checked(RuleRecord(key="offline", kind="offline")), ground=ground)
    seen(registered, [{"at_s": 0, "mn": "B"}, {"at_s": 0, "mn": "X"}])
    found = registered.tick(US0 + 86_400 * S, US0)
    assert [one.subject for one in found] == ["mn:B"]
