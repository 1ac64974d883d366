"""How long to wait for an answer, and how often to send again.

As the last 1000 that an instrument carried out has set it (OverTime, ReCount), whoever sent it;
else by the medium of its link (HJ 212-2017, 5.3 and table 2; NB-IoT in 2025).
Tests: tests/hub/commands/test_patience.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from store.registry.open import Registry
from store.registry.records import CommandRecord

SET_TIMEOUTS = "1000"
ROOM = 300_000
_LIMITS = (1, 99)  # of OverTime and ReCount


class Patience(msgspec.Struct, frozen=True):
    """``timeout_s`` without an answer, then the same bytes again, ``resends`` times.
    ``source``: who says so."""

    timeout_s: float
    resends: int
    source: str = ""

    def words(self) -> str:
        """``10 s, 3 resends (GPRS)``."""
        return f"{self.timeout_s:g} s, {self.resends} resends ({self.source})"


_USUAL = (10.0, 3)  # GPRS, CDMA, LTE, PLC, WiMAX
_OTHERS = {"ADSL": (5.0, 3), "NB-IOT": (30.0, 5)}


def by_medium(medium: str) -> Patience:
    """Of a medium by its name in the table; "" and unknown ones count as GPRS."""
    timeout_s, resends = _OTHERS.get(medium.upper(), _USUAL)
    return Patience(timeout_s, resends, medium or "GPRS")


def as_set(record: CommandRecord) -> Patience | None:
    """What a command has set; None when it is no 1000 that was carried out."""
    if record.cn != SET_TIMEOUTS or record.state != "done":
        return None
    values = [record.args.get(name, "") for name in ("OverTime", "ReCount")]
    least, most = _LIMITS
    if not all(isinstance(one, str) and one.isdecimal() for one in values):
        return None
    timeout_s, resends = map(int, values)
    if not (least <= timeout_s <= most and least <= resends <= most):
        return None
    return Patience(float(timeout_s), resends, f"set by command {record.id}")


def last_set(registry: Registry, mn: str) -> Patience | None:
    """What an instrument was set to; None: never. Blocking."""
    found = registry.commands.find(mn, ("done",), limit=1, cn=SET_TIMEOUTS)
    return as_set(found[0]) if found else None


def all_set(registry: Registry, mns: Iterable[str]) -> dict[str, Patience | None]:
    """What some instruments were set to. Blocking."""
    return {mn: last_set(registry, mn) for mn in mns}


def in_force(registry: Registry, mn: str, medium: str) -> Patience:
    """What counts for an instrument. Blocking."""
    return last_set(registry, mn) or by_medium(medium)


class Patiences:
    """MN -> what it was set to, of the latest MNs that something was asked of."""

    def __init__(self, room: int = ROOM) -> None:
        self._set: OrderedDict[str, Patience | None] = OrderedDict()
        self._room = room

    def knows(self, mn: str) -> bool:
        """Whether the registry was asked about this MN."""
        return mn in self._set

    def learn(self, mn: str, found: Patience | None) -> None:
        """What the registry says of an MN."""
        self._set[mn] = found
        self._set.move_to_end(mn)
        if len(self._set) > self._room:
            self._set.popitem(last=False)

    def finished(self, record: CommandRecord) -> None:
        """A command ended."""
        found = as_set(record)
        if found is not None:
            self.learn(record.mn, found)

    def of(self, mn: str, medium: str) -> Patience:
        """What counts for an MN."""
        return self._set.get(mn) or by_medium(medium)
