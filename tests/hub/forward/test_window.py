"""What is sent when, what counts as done, what is sent again and who is to blame."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from random import Random

import pytest
from bale_making import bale

from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.holding import Run
from hj212d.hub.forward.window import AHEAD_BYTES, Window


def window(frames: int = 8, resends: int = 1, *, acknowledge: bool = True) -> Window:
    """10 s of patience."""
    made = Window(frames, 10.0, resends, acknowledge=acknowledge)
    made.opened(0.0)
    return made


def sent(found: Window, now: float = 0.0) -> list[int]:
    """Indices (positions - 1) of all that it sends now."""
    numbers: list[int] = []
    while (run := found.next(now)) is not None:
        assert run.body.count(b"##") == run.last - run.first
        numbers += indices([run])
    return numbers


def indices(runs: Iterable[Run]) -> list[int]:
    """The frames of runs by their positions."""
    return [position - 1 for run in runs for position in run.bale.positions[run.first : run.last]]


def keys(of: Bale, *numbers: int) -> array[int]:
    """Keys of frames of a bale."""
    return array("Q", [of.keys[number] for number in numbers])


def test_no_more_than_the_window_is_on_its_way() -> None:
    """Eight leave, and as many again as are acknowledged."""
    found, load = window(8), bale(0, 20)
    found.add(load)
    assert sent(found) == list(range(8))
    assert indices(found.acknowledged(keys(load, 0, 1, 2), 1.0)) == [0, 1, 2]
    assert sent(found, 1.0) == [8, 9, 10]
    assert found.flying == 8


def test_acknowledgements_come_in_any_order_and_twice() -> None:
    """Each frame is done once, whatever the target says."""
    found, load = window(8), bale(0, 6)
    found.add(load)
    sent(found)
    assert indices(found.acknowledged(keys(load, 5, 0, 3), 1.0)) == [0, 3, 5]
    assert found.acknowledged(keys(load, 0, 3), 1.0) == []
    assert found.acknowledged(array("Q", [4711]), 1.0) == []
    assert indices(found.acknowledged(keys(load, 4, 1, 2), 1.0)) == [1, 2, 4]
    assert found.flying == 0
    assert found.held_bytes == 0


def test_bales_follow_each_other() -> None:
    """A run of acknowledgements may lie over two bales."""
    found, first, second = window(8), bale(0, 3), bale(3, 3)
    found.add(first)
    found.add(second)
    assert sent(found) == list(range(6))
    runs = found.acknowledged(array("Q", [*first.keys[2:], *second.keys[:1]]), 1.0)
    assert [(run.bale is first, run.first, run.last) for run in runs] == [
        (True, 2, 3),
        (False, 0, 1),
    ]


def test_silence_is_answered_with_the_same_bytes() -> None:
    """A frame of which nothing is heard leaves again after the time-out, and not before."""
    found, load = window(8), bale(0, 2)
    found.add(load)
    sent(found)
    found.acknowledged(keys(load, 1), 1.0)
    assert found.look(9.9).resent == 0
    assert sent(found, 9.9) == []
    assert found.look(10.0).resent == 1
    run = found.next(10.0)
    assert run is not None
    assert run.body == load.body[: load.ends[0]]


def test_a_slow_target_is_not_silent() -> None:
    """While frames before it are acknowledged, a frame waits its turn: nothing is sent again."""
    found, load = window(8), bale(0, 8)
    found.add(load)
    sent(found)
    now = 0.0
    for number in range(8):
        now += 9.0
        assert found.look(now).resent == 0
        found.acknowledged(keys(load, number), now)
    assert found.flying == 0


def test_a_frame_is_refused_when_those_behind_it_are_taken() -> None:
    """After all tries the frame is to blame; it goes another round when told so, else it goes."""
    found, load = window(8, resends=1), bale(0, 4)
    found.add(load)
    sent(found)
    found.acknowledged(keys(load, 0, 2, 3), 1.0)
    assert found.look(11.0).resent == 1
    assert sent(found, 11.0) == [1]
    overdue = found.look(21.0)
    assert indices(overdue.refused) == [1]
    assert not overdue.dead
    found.again(load, 1, 21.0)
    assert sent(found, 21.0) == [1]
    assert found.look(31.0).resent == 1
    sent(found, 31.0)
    # In this round nothing was acknowledged: it is not known whether the target lives.
    assert found.look(41.0) == (0, [], True)


def test_a_dropped_frame_holds_nothing_up() -> None:
    """What became a dead letter is gone from the window."""
    found, load = window(8, resends=0), bale(0, 2)
    found.add(load)
    sent(found)
    found.acknowledged(keys(load, 1), 1.0)
    assert indices(found.look(11.0).refused) == [0]
    found.drop(load, 0)
    assert found.held_bytes == 0
    assert found.flying == 0


def test_a_dead_target_is_nobody_s_fault() -> None:
    """Nothing acknowledged at all: no frame is refused, and everything leaves again in order."""
    found, load = window(8, resends=1), bale(0, 4)
    found.add(load)
    sent(found)
    assert found.look(10.0).resent == 4
    assert sent(found, 10.0) == [0, 1, 2, 3]
    assert found.look(20.0) == (0, [], True)
    found.opened(30.0)
    assert sent(found, 30.0) == [0]


def test_a_connection_that_broke_is_followed_by_a_careful_one() -> None:
    """A target that closes after each frame gets two more at a time, not the whole window."""
    found, load = window(8), bale(0, 8)
    found.add(load)
    assert len(sent(found)) == 8
    found.acknowledged(keys(load, 0), 0.1)
    found.opened(1.0)
    assert sent(found, 1.0) == [1, 2]
    found.acknowledged(keys(load, 1, 2), 1.1)
    assert sent(found, 1.1) == [3, 4, 5, 6]


def test_what_is_done_is_not_sent_again_on_a_new_connection() -> None:
    """Only the holes are."""
    found, load = window(8), bale(0, 6)
    found.add(load)
    sent(found)
    found.acknowledged(keys(load, 1, 3, 5), 0.1)
    found.opened(1.0)
    assert sent(found, 1.0) == [0, 2, 4]
    # An answer of the connection before is not mistaken for one of this.
    assert indices(found.acknowledged(keys(load, 0), 1.1)) == [0]


def test_packets_that_share_a_key_are_done_together() -> None:
    """Which of two is acknowledged cannot be told, so one acknowledgement is not enough."""
    found, load = window(8), bale(0, 3, keys=[7, 7, 9])
    found.add(load)
    sent(found)
    assert found.acknowledged(array("Q", [7]), 1.0) == []
    assert indices(found.acknowledged(array("Q", [7, 9]), 1.0)) == [0, 1, 2]


def test_packets_that_share_a_key_are_sent_again_together() -> None:
    """And count their acknowledgements from there."""
    found, load = window(8, resends=3), bale(0, 3, keys=[7, 9, 7])
    found.add(load)
    sent(found)
    assert indices(found.acknowledged(array("Q", [9, 7]), 1.0)) == [1]
    assert found.look(11.0).resent >= 1
    again = sent(found, 11.0)
    found.look(12.0)
    again += sent(found, 12.0)
    assert set(again) == {0, 2}
    assert found.acknowledged(array("Q", [7]), 12.0) == []
    assert indices(found.acknowledged(array("Q", [7]), 12.0)) == [0, 2]


def test_who_asks_for_nothing_is_done_by_what_follows() -> None:
    """A frame whose Flag asks for no answer is done when one behind it is acknowledged."""
    found, load = window(8), bale(0, 3, keys=[0, 5, 0])
    found.add(load)
    assert sent(found) == [0, 1, 2]
    assert indices(found.acknowledged(array("Q", [5]), 1.0)) == [0, 1]
    assert found.unasked == 1
    assert found.look(100.0).resent == 0
    assert indices(found.arrived(100.0)) == [2]


def test_bytes_that_never_arrive_are_a_dead_target() -> None:
    """Without acknowledgements TCP's own is waited for as long."""
    found = window(8, resends=1, acknowledge=False)
    found.add(bale(0, 3))
    assert sent(found) == [0, 1, 2]
    assert not found.look(19.0).dead
    assert found.look(20.0).dead
    found.opened(21.0)
    assert sent(found, 21.0) == [0]
    assert indices(found.arrived(22.0)) == [0]
    assert sent(found, 22.0) == [1, 2]


def test_a_window_of_one_asks_with_the_next_frame() -> None:
    """Before a frame is given up, one behind it shows whether the target lives."""
    found, load = window(1, resends=1), bale(0, 3)
    found.add(load)
    assert sent(found) == [0]
    found.look(10.0)
    assert sent(found, 10.0) == [0, 1]
    found.acknowledged(keys(load, 1), 11.0)
    assert indices(found.look(20.0).refused) == [0]


def test_what_is_given_ahead_is_bounded() -> None:
    """Room ends, and comes back as frames leave and are done."""
    found = window(1_000_000)
    given = []
    while found.room():
        given.append(bale(1000 * len(given), 1000))
        found.add(given[-1])
    assert len(given[0].body) * (len(given) - 1) < AHEAD_BYTES
    assert len(sent(found)) == 1000 * len(given)
    assert found.room() == AHEAD_BYTES


@pytest.mark.parametrize("seed", range(20))
def test_any_weather(seed: int) -> None:
    """Whatever is lost, doubled or cut off: each frame is done once, the first arrivals of a
    connection are in order, and nothing is left."""
    random = Random(seed)
    found = window(random.choice([1, 3, 64]), resends=random.choice([1, 3]))
    count = 200
    loads = []
    for at in range(0, count, 20):
        shared = [random.choice([0, at // 20 + 1, n + 1000]) for n in range(at, at + 20)]
        loads.append(bale(at, 20, keys=shared))
        found.add(loads[-1])
    now = 0.0
    done: list[int] = []
    arrived: list[int] = []
    seen: set[int] = set()
    for _ in range(20_000):
        if len(done) == count:
            break
        now += random.choice([0.1, 1.0, 11.0])
        answers = []
        while (run := found.next(now)) is not None:
            for index in range(run.first, run.last):
                number = run.bale.positions[index] - 1
                if number not in seen:
                    seen.add(number)
                    arrived.append(number)
                if random.random() < 0.8:
                    answers.append(run.bale.keys[index])
        random.shuffle(answers)
        answers += random.sample(answers, len(answers) // 4)
        done += indices(found.acknowledged(array("Q", answers), now))
        if random.random() < 0.5:
            done += indices(found.arrived(now))
        overdue = found.look(now)
        for run in overdue.refused:
            for index in range(run.first, run.last):
                found.again(run.bale, index, now)
        if overdue.dead or random.random() < 0.02:
            found.opened(now)
    assert sorted(done) == list(range(count))
    assert arrived == list(range(count))
    assert found.held_bytes == 0
    assert found.flying == 0
