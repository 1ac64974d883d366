"""Which command a reply belongs to.

By QN, and by the MN or the link that it came from; a reply without any QN (2005) belongs to the
one command that is under way with its MN. Commands that ended are remembered for a while, so that
a late reply still finds its record. Pure. Tests: tests/hub/commands/test_matching.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from hj212d.hub.commands.ear_pass import Heard
from hj212d.hub.commands.flight import Flight
from hj212d.wire.replies import Reply

REMEMBERED = 2000


class Flights:
    """Commands under way and those that ended of late."""

    def __init__(self) -> None:
        self._under_way: dict[int, Flight] = {}
        self._by_mn: dict[str, list[Flight]] = {}
        self._by_qn: dict[str, list[Flight]] = {}
        self._ended: OrderedDict[int, Flight] = OrderedDict()

    def __len__(self) -> int:
        """Commands under way."""
        return len(self._under_way)

    def __iter__(self) -> Iterator[Flight]:
        """Those under way; they may end meanwhile."""
        return iter(list(self._under_way.values()))

    @property
    def mns(self) -> list[str]:
        """MNs with a command under way."""
        return list(self._by_mn)

    def get(self, number: int) -> Flight | None:
        """The command of that number, if it is under way."""
        return self._under_way.get(number)

    def of(self, mn: str) -> list[Flight]:
        """Commands under way with an MN: one, and those for single links."""
        return list(self._by_mn.get(mn, ()))

    def add(self, flight: Flight) -> None:
        """It is under way; its QN is known."""
        self._under_way[flight.record.id] = flight
        self._by_mn.setdefault(flight.record.mn, []).append(flight)
        self._by_qn.setdefault(flight.record.qn, []).append(flight)

    def remove(self, flight: Flight) -> None:
        """It is under way no more, and was not sent."""
        del self._under_way[flight.record.id]
        _out(self._by_mn, flight.record.mn, flight)
        _out(self._by_qn, flight.record.qn, flight)

    def end(self, flight: Flight) -> None:
        """It ended; remember it for late replies."""
        self._under_way.pop(flight.record.id, None)
        _out(self._by_mn, flight.record.mn, flight)
        self.remember(flight)

    def remember(self, flight: Flight) -> None:
        """One that ended, maybe before this hub started."""
        number = flight.record.id
        known = self._by_qn.setdefault(flight.record.qn, [])
        if flight not in known:
            known.append(flight)
        self._ended[number] = flight
        if len(self._ended) > REMEMBERED:
            _, oldest = self._ended.popitem(last=False)
            _out(self._by_qn, oldest.record.qn, oldest)

    def concerned(self, reply: Reply, heard: Heard) -> list[Flight]:
        """Commands that a reply may belong to, the likeliest first; none when it is nobody's."""
        mn = heard.frame.mn
        if reply.qn:
            named = [
                flight
                for flight in self._by_qn.get(reply.qn, ())
                if mn == flight.record.mn or heard.link == flight.link
            ]
            if reply.kind != "data":
                return named
            # History has QNs of the instrument's own clock: by chance one is that of a command
            # before. Those that wait for such data decide by the range that they asked for.
            awaited = [
                one
                for one in self.of(mn)
                if one.spec.history and one.spec.results == heard.frame.cn
            ]
            return [*awaited, *(one for one in named or self.of(mn) if one not in awaited)]
        under_way = self.of(mn)
        return under_way if reply.kind == "data" or len(under_way) == 1 else []


def _out(index: dict[str, list[Flight]], name: str, flight: Flight) -> None:
    flights = index.get(name)
    if flights and flight in flights:
        flights.remove(flight)
        if not flights:
            del index[name]
