"""Watches: chains of rows by thing."""

import numpy as np

from alerts.detect import silence
from alerts.detect.watches import Watches


def _filled() -> Watches:
    watches = Watches(silence.empty)
    for thing, rule in [(3, 0), (1, 0), (3, 1), (200, 0), (3, 2)]:
        row = watches.add(thing, rule)
        watches.state["since"][row] = 10 * thing + rule
    return watches


def test_every_row_of_a_thing_is_met_once() -> None:
    """One link of the chains at a time, things without rows left out."""
    watches = _filled()
    met = [
        (int(thing), int(watches.rule[row]))
        for which, rows in watches.chains(np.array([3, 2, 200, 5000]))
        for thing, row in zip(np.array([3, 2, 200, 5000])[which], rows, strict=True)
    ]
    assert sorted(met) == [(3, 0), (3, 1), (3, 2), (200, 0)]


def test_rows_that_stay_keep_their_states() -> None:
    """Forgetting some numbers the others anew."""
    watches = _filled()
    watches.keep(np.array([True, False, False, True, True]))
    assert watches.of(1) == []
    assert sorted(watches.rule[watches.of(3)].tolist()) == [0, 2]
    assert watches.state["since"][watches.of(200)].tolist() == [2000]
    watches.add(1, 7)
    assert watches.rule[watches.of(1)].tolist() == [7]


def test_columns_grow_without_losing_a_row() -> None:
    """Many more rows than there was room for."""
    watches = Watches(silence.empty)
    for thing in range(500):
        row = watches.add(thing % 250, thing // 250)
        watches.state["since"][row] = thing
    assert sorted(watches.state["since"][watches.of(9)].tolist()) == [9, 259]
    assert watches.nbytes > 0
