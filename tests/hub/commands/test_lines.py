"""Who is next, against a plain model."""

from __future__ import annotations

import random

import pytest

from hj212d.hub.commands.lines import Key, Lines


def test_in_order_of_priority_and_number() -> None:
    """Of one open line one goes, and the line shuts until it is opened."""
    lines = Lines()
    key = ("A", 0)
    for number, priority in ((1, 5), (2, 5), (3, 0)):
        lines.put(key, number, priority)
    assert lines.take() is None
    order = []
    while lines.count(key):
        lines.open(key)
        order.append(lines.take())
        assert lines.take() is None
    assert order == [(key, 3), (key, 1), (key, 2)]


@pytest.mark.parametrize("seed", range(20))
def test_like_a_plain_list(seed: int) -> None:
    """Any order of putting, dropping, opening, shutting and taking gives what a search gives."""
    chance = random.Random(seed)
    lines = Lines()
    waiting: dict[int, tuple[int, Key]] = {}
    is_open: set[Key] = set()
    keys: list[Key] = [("A", 0), ("B", 0), ("A", 7)]
    for number in range(400):
        key = chance.choice(keys)
        match chance.randrange(5):
            case 0 | 1:
                priority = chance.randrange(3)
                lines.put(key, number, priority)
                waiting[number] = (priority, key)
            case 2:
                lines.open(key)
                if any(other == key for _, other in waiting.values()):
                    is_open.add(key)
            case 3:
                gone = chance.randrange(number + 1)
                assert lines.drop(gone) == (waiting.pop(gone, None) is not None)
            case 4:
                best = min(
                    ((one[0], at, one[1]) for at, one in waiting.items() if one[1] in is_open),
                    default=None,
                )
                if best is None:
                    assert lines.take() is None
                else:
                    assert lines.take() == (best[2], best[1])
                    del waiting[best[1]]
                    is_open.discard(best[2])
        is_open &= {key for _, key in waiting.values()}
        assert len(lines) == len(waiting)
        for key in keys:
            assert lines.count(key) == sum(one[1] == key for one in waiting.values())
