"""Rows under sorted keys."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hj212d.hub.keyed import Keyed


@given(st.lists(st.sets(st.integers(-20, 20)), max_size=5), st.sets(st.integers(-25, 25)))
def test_what_was_put_in_is_found(rounds: list[set[int]], asked: set[int]) -> None:
    """Keys stay in order with their values, however they come in; others are not found."""
    table = Keyed(value=np.int64, plain=np.bool_)
    model: dict[int, int] = {}
    for at, keys in enumerate(rounds):
        ordered = np.array(sorted(keys), np.int64)
        places, known = table.find(ordered)
        assert known.tolist() == [key in model for key in sorted(keys)]
        table.put(places[known], {"value": np.full(known.sum(), at)})
        table.insert(ordered[~known], {"value": np.full((~known).sum(), at)})
        model |= dict.fromkeys(keys, at)
    assert dict(zip(table.keys.tolist(), table["value"].tolist(), strict=True)) == model
    assert table.keys.tolist() == sorted(model)
    assert len(table) == len(table["plain"]) == len(model)
    _, known = table.find(np.array(sorted(asked), np.int64))
    assert known.tolist() == [key in model for key in sorted(asked)]


def test_a_range_of_keys() -> None:
    """From the first, up to below the end."""
    table = Keyed()
    table.insert(np.array([1, 3, 5, 9]), {})
    assert table.keys[table.between(3, 9)].tolist() == [3, 5]
    assert table.keys[table.between(6, 9)].tolist() == []
