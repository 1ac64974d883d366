"""What the evaluator remembers: the same state and batches say the same, however they are cut."""

import itertools
from functools import cache
from random import Random
from typing import Any

import pytest
from alerts_evaluated import US0, Ground, S, evaluator, rule, series, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.signals import Signal
from hj212d.hub.alerts.evaluator import Evaluator

RULES = [
    rule("own", "over_limit", by="own", period="realtime"),
    rule("stuck", "stuck", default_s=1800, least_samples=10),
    rule("swing", "swing", least_samples=30, lonely_z=6.0, least_change={"f": 5}),
    rule("gone", "offline", scope="device", after_s=1800, least_frames=5),
    rule("offline", "offline", after_s=900),
    rule("clock", "clock", limit_s=300),
    rule("bad", "bad_frames", share=0.2, least=5, window_s=1800),
    rule("drift", "drift"),
]


def eventful(seed: int, frames: int = 700) -> list[dict[str, Any]]:
    """Three stations with all sorts of trouble; also resends, refills, two lanes out of order."""
    random = Random(seed)
    rows: list[dict[str, Any]] = []
    for n in range(frames):
        mn = random.choice("ABC")
        at_s = 20 * n + random.random()
        quiet = mn == "A" and 300 < n < 400
        value = 50.0 if quiet else round(random.gauss(50, 4) * (4 if random.random() < 0.1 else 1))
        row = {
            "at_s": at_s - 15 * (random.random() < 0.1),
            "data_s": at_s + (700 if mn == "C" and n > 500 else 0),
            "mn": mn,
            "values": {"f": value, **({} if mn == "B" and n > 350 else {"g": float(n % 3)})},
            "flag": random.choice(["N"] * 9 + ["C"]),
            "reason": "crc_wrong" if mn == "B" and n > 450 and n % 2 else "ok",
            "rf": random.random() < 0.05,
        }
        if row["reason"] != "ok":
            row["values"] = {}
        rows.append(row)
        if random.random() < 0.1:
            rows.append({**rows[random.randrange(len(rows))], "at_s": at_s + 1})
    return rows


def judged(judge: Evaluator, rows: list[dict[str, Any]], first: int = 0) -> list[Signal]:
    """What is said of rows that stand at ``first`` in the journal."""
    numbered = [{**row, "position": first + n} for n, row in enumerate(rows)]
    return judge.observe(*tables(numbered), US0)


def names(signals: list[Signal]) -> list[str]:
    """In an order of their own: alarms of one batch come by kind."""
    return sorted(repr(one) for one in signals)


@cache
def uncut(seed: int) -> tuple[list[dict[str, Any]], list[Signal], list[Any]]:
    """Rows, and what is said and goes on when they come in one batch."""
    rows = eventful(seed)
    whole = evaluator(*RULES, ground=Ground({"f": 100}))
    return rows, judged(whole, rows), whole.active()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 5), st.lists(st.integers(0, 750), max_size=6))
def test_however_a_batch_is_cut(seed: int, cuts: list[int]) -> None:
    """The same signals, and the same state at the end."""
    rows, wanted, active = uncut(seed)
    assert len({one.kind for one in wanted}) >= 4
    parts = evaluator(*RULES, ground=Ground({"f": 100}))
    found: list[Signal] = []
    places = sorted({0, *(min(cut, len(rows)) for cut in cuts), len(rows)})
    for begin, end in itertools.pairwise(places):
        found += judged(parts, rows[begin:end], begin)
    assert names(found) == names(wanted)
    assert parts.active() == active


@pytest.mark.parametrize("at", [0, 100, 333, 600])
def test_the_same_state_and_the_same_batches_say_the_same(at: int) -> None:
    """Restored from a snapshot, as if nothing had happened."""
    rows = eventful(7)
    first = evaluator(*RULES, ground=Ground({"f": 100}))
    judged(first, rows[:at])
    first.tick(US0 + 20 * at * S, US0)
    second = evaluator(*RULES, ground=Ground({"f": 100}))
    second.restore(first.snapshot())
    assert second.active() == first.active()
    assert judged(second, rows[at:], at) == judged(first, rows[at:], at)
    end = US0 + 20_000 * S
    assert second.tick(end, US0) == first.tick(end, US0)
    assert second.snapshot() == first.snapshot()


def test_batches_that_were_seen_say_nothing_new_of_values() -> None:
    """After a restart from an older state the alarms have the same names."""
    rows = eventful(3)
    judge = evaluator(*RULES, ground=Ground({"f": 100}))
    judged(judge, rows[:300])
    old = judge.snapshot()
    once = judged(judge, rows[300:], 300)
    again = evaluator(*RULES, ground=Ground({"f": 100}))
    again.restore(old)
    assert judged(again, rows[300:], 300) == once
    values = ("over_limit", "stuck", "swing")
    assert [one for one in judged(again, rows[300:], 300) if one.kind in values] == []


def test_a_rule_that_changed_meanwhile_ends_its_alarms() -> None:
    """The past of the instrument stays."""
    judge = evaluator(RULES[0], ground=Ground({"f": 100}))
    judged(judge, series([120, 120, 120]))
    other = rule("own", "over_limit", by="own", period="realtime", in_a_row=3)
    second = evaluator(other, ground=Ground({"f": 100}))
    second.restore(judge.snapshot())
    assert second.active() == []
    found = second.tick(US0 + 120 * S, US0)
    assert [(one.what, one.rule, one.kind) for one in found] == [("cleared", "own", "over_limit")]


def test_what_cannot_be_read_is_refused_in_a_sentence() -> None:
    """Nothing is changed by it."""
    judge = evaluator(*RULES)
    before = judge.snapshot()
    for broken in (b"", b"abc", before[:-3], before.replace(b"data_last", b"data_lost")):
        with pytest.raises(ValueError, match="the state of the evaluator"):
            judge.restore(broken)
    assert judge.snapshot() == before


def test_stations_and_factors_are_bounded() -> None:
    """What there is no room for is counted and not judged."""
    judge = Evaluator(
        [RULES[0]], Ground({"f": 1}), evaluator()._settings, max_mns=2, max_factors=1
    )
    rows = [
        {"at_s": n, "mn": mn, "values": {"f": 5.0, "g": 5.0}} for n in range(3) for mn in "ABC"
    ]
    assert {one.subject for one in judged(judge, rows)} == {"mn:A", "mn:B"}
    assert judge.refused["mns"] >= 1
    assert judge.refused["factors"] >= 2
