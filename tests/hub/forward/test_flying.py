"""Frames on their way by their keys, in both makes."""

from __future__ import annotations

from array import array

import pytest
from feed_rig import NOT_COMPILED, compiled
from hypothesis import given
from hypothesis import strategies as st

from hj212d.hub.forward.flying import Flying

KINDS = [
    pytest.param(Flying, id="python"),
    pytest.param(compiled and compiled.Flying, id="compiled", marks=NOT_COMPILED),
]


@pytest.mark.parametrize("kind", KINDS)
def test_answers_in_order_are_one_span(kind: type[Flying]) -> None:
    """Others as many as there are gaps; strange keys are told."""
    one = kind()
    assert one.put(array("Q", [7, 8, 9, 10]), 1, 4, 100)
    assert len(one) == 3
    assert 7 not in one
    assert one.take(array("Q", [8, 9])) == ([(100, 102)], [])
    one.set(11, 50)
    assert one.take(array("Q", [10, 8, 11, 2**64 - 1])) == ([(102, 103), (50, 51)], [8, 2**64 - 1])
    assert len(one) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_keys_are_put_all_or_none(kind: type[Flying]) -> None:
    """0, one that is known, one that is there twice."""
    one = kind()
    one.set(5, 1)
    for keys in ([1, 0], [1, 5], [1, 2, 1]):
        assert not one.put(array("Q", keys), 0, len(keys), 10)
        assert len(one) == 1
    assert one.pop(1) == -1
    assert one.pop(5) == 1
    one.set(5, 2)
    one.clear()
    assert (len(one), one.pop(5)) == (0, -1)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_it_is_a_map(kind: type[Flying], data: st.DataObject) -> None:
    """Against a plain one, with keys that lie close and far."""
    one = kind()
    expected: dict[int, int] = {}
    key = st.integers(1, 12).map(lambda n: n << 40 | n % 3) | st.integers(1, 30)
    number = 0
    for _ in range(data.draw(st.integers(0, 12))):
        keys = array("Q", data.draw(st.lists(key, max_size=9)))
        if data.draw(st.booleans()):
            fresh = len(set(keys)) == len(keys) and expected.keys().isdisjoint(keys)
            assert one.put(keys, 0, len(keys), number) == fresh
            if fresh:
                expected.update(zip(keys, range(number, number + len(keys)), strict=True))
            number += len(keys)
        else:
            spans, strange = one.take(keys)
            taken = [n for first, last in spans for n in range(first, last)]
            found = [expected.pop(each, -1) for each in keys]
            assert taken == [n for n in found if n >= 0]
            assert strange == [k for k, n in zip(keys, found, strict=True) if n < 0]
        assert len(one) == len(expected)


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_room_for_the_widest_window(kind: type[Flying]) -> None:
    """65,536 frames, with keys as scattered as hashes are."""
    one = kind()
    keys = array("Q", [number * 0x9E3779B97F4A7C15 % 2**64 for number in range(1, 65537)])
    assert one.put(keys, 0, len(keys), 0)
    assert one.take(keys) == ([(0, 65536)], [])
