"""Which watches are those of the same factor at neighbouring stations.

Who is near whom is worked out anew when places may be different, every ten minutes of what is
received at the most. Tests: tests/hub/alerts/test_evaluator_factors.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alerts.detect.neighbours import NOBODY, Near, nearest
from alerts.detect.records import taken
from hj212d.hub.alerts.judged_keys import JudgedKeys
from hj212d.hub.alerts.judged_kinds import Ground
from hj212d.hub.alerts.judged_lane import Lane
from hj212d.hub.columns import Places

EVERY_MIN = 10


class Neighbourhood:
    """``known``: how many stations were placed, the first ones; ``at_min``: when."""

    def __init__(self, keys: JudgedKeys, ground: Ground) -> None:
        self.known = 0
        self.at_min = 0
        self._stale = True
        self._radius_km = 0.0
        self._keys = keys
        self._ground = ground
        self._near: Near | None = None

    def forget(self) -> None:
        """Places may be different."""
        self._stale = True

    def look(self, minute: int, radius_km: float) -> None:
        """Each minute: work it out where that is due. ``radius_km``: the largest of the rules."""
        new = len(self._keys.mns) != self.known or self._stale or radius_km != self._radius_km
        if new and (not self.known or minute >= self.at_min + EVERY_MIN):
            self.place(len(self._keys.mns), minute, radius_km)

    def place(self, known: int, minute: int, radius_km: float) -> None:
        """For the first ``known`` stations, once somebody asks."""
        self.known, self.at_min = known, minute
        self._stale, self._radius_km = False, radius_km
        self._near = None

    def rows(self, lane: Lane, rows: Places, radius_km: NDArray[np.float64]) -> NDArray[np.intp]:
        """For some watches those of the same rule at neighbours, NOBODY where there is none."""
        keys = taken(self._keys.keys, lane.watches.thing[rows])
        stations = keys["station"].astype(np.intp)
        near = self._found()
        most = near.who.shape[1]
        found = np.full((len(rows), most), NOBODY, np.intp)
        placed = np.flatnonzero(stations < self.known)
        who = near.within(stations[placed], radius_km[placed]).astype(np.int64)
        there = who != NOBODY
        factor = np.repeat(keys["factor"][placed].astype(np.int64), most)[there.ravel()]
        period = np.repeat(keys["period"][placed].astype(np.int64), most)[there.ravel()]
        rule = np.repeat(lane.watches.rule[rows[placed]], most)[there.ravel()]
        key = self._keys.known(who[there], factor, period)
        mine = np.full(who.shape, NOBODY, np.intp)
        mine[there] = lane.watches.find(key, rule)
        found[placed] = mine
        return found

    def _found(self) -> Near:
        """Worked out when somebody asks."""
        if self._near is None:
            self._near = self._nearest(self.known)
        return self._near

    def _nearest(self, known: int) -> Near:
        places = [self._ground.position(mn) or (np.nan, np.nan) for mn in self._keys.mns[:known]]
        media: dict[str, int] = {}
        groups = [
            media.setdefault(self._ground.medium(mn), len(media)) for mn in self._keys.mns[:known]
        ]
        where = np.array(places, np.float64).reshape(known, 2)
        group = np.array(groups, np.int64)
        return nearest(where[:, 0], where[:, 1], group, self._radius_km)
