"""How far a target's place may go: up to the first frame that is not done, in each lane."""

from __future__ import annotations

from random import Random

from bale_making import bale

from hj212d.hub.forward.standing import Standing


def test_the_place_stops_at_the_first_frame_that_is_not_done() -> None:
    """Whatever is done behind it."""
    places: list[tuple[str, int]] = []
    standing = Standing(lambda lane, at: places.append((lane, at)))
    load = bale(0, 5)
    load.last = 9
    standing.taken(load)
    standing.done(load, 2, 5)
    assert places == []
    standing.done(load, 0, 1)
    assert places == [("0", 1)]
    standing.done(load, 1, 2)
    assert places[-1] == ("0", 9)
    assert standing.empty


def test_a_bale_without_frames_moves_it_when_its_turn_comes() -> None:
    """What was filtered out behind a frame waits for that frame."""
    places: list[tuple[str, int]] = []
    standing = Standing(lambda lane, at: places.append((lane, at)))
    load, nothing = bale(0, 1), bale(1, 0)
    nothing.last = 50
    standing.taken(load)
    standing.taken(nothing)
    assert places == []
    standing.done(load, 0, 1)
    assert places == [("0", 50)]


def test_lanes_go_by_themselves() -> None:
    """A frame that is stuck in one does not hold the other."""
    places: dict[str, int] = {}
    standing = Standing(places.__setitem__)
    one, other = bale(0, 2), bale(10, 2, lane="1")
    standing.taken(one)
    standing.taken(other)
    standing.done(other, 0, 2)
    assert places == {"1": 12}
    assert standing.waiting == 2
    assert one in standing
    assert other not in standing


def test_any_order_comes_to_the_same() -> None:
    """The place never goes back, never ahead of what is done, and ends at the end."""
    random = Random(5)
    places = [0]
    standing = Standing(lambda _, at: places.append(at))
    loads = [bale(at, 10) for at in range(0, 100, 10)]
    for load in loads:
        standing.taken(load)
    frames = [(load, index) for load in loads for index in range(10)]
    random.shuffle(frames)
    done: set[int] = set()
    for load, index in frames:
        standing.done(load, index, index + 1)
        done.add(load.positions[index])
        assert all(position in done for position in range(1, places[-1] + 1))
    assert places == sorted(places)
    assert places[-1] == 100
