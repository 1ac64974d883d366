"""Which link carries which MN, as the journal tells it, and links that are gone without a word.

The journal says when a link closed, but not whose it was; of a worker that was killed it says
nothing: the hub notices that. Pure. Tests: tests/hub/alerts/test_link_book.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import pyarrow as pa

# A worker whose connection broke comes back, or is started again and its links come anew.
GRACE_US = 10_000_000
# A link's number is the moment at which it opened, above the slot of its worker (link/numbers.py).
_SLOT_BITS = 8


class LinkEvent(NamedTuple):
    """A link of an MN came or went."""

    mn: str
    link: int
    what: Literal["up", "down"]
    at_us: int


class LinkBook:
    """Link -> since when it was identified, and the MNs that speak on it."""

    def __init__(self, links: Mapping[int, list[str]] | None = None) -> None:
        """``links``: as :meth:`kept` gave them."""
        self._mns: dict[int, list[str]] = {link: [*mns] for link, mns in (links or {}).items()}
        self._lost: dict[int, int] = {}  # link -> when its worker was gone

    def __len__(self) -> int:
        """How many links are open."""
        return len(self._mns)

    def kept(self) -> dict[int, list[str]]:
        """For the state on disk."""
        return self._mns

    def read(self, links: pa.Table) -> list[LinkEvent]:
        """Rows of LINKS in the order of the journal."""
        columns = (
            links["at"].cast(pa.int64()).to_pylist(),
            links["link"].to_pylist(),
            links["event"].to_pylist(),
            links["mn"].to_pylist(),
        )
        events: list[LinkEvent] = []
        for at_us, link, event, mn in zip(*columns, strict=True):
            if event == "identified" and mn:
                events += self._up(link, mn, at_us)
            elif event == "closed":
                events += self._down(link, at_us)
        return events

    def lost(self, links: Iterable[int], at_us: int) -> None:
        """The worker of these links is gone, or does not answer."""
        for link in links:
            if link in self._mns:
                self._lost.setdefault(link, at_us)

    def found(self, links: Iterable[int]) -> None:
        """A worker says that it has these links."""
        for link in links:
            self._lost.pop(link, None)

    def settled(self, now_us: int) -> list[LinkEvent]:
        """Lost links that did not come back: they closed when they were lost."""
        over = [link for link, at_us in self._lost.items() if now_us - at_us > GRACE_US]
        return [event for link in over for event in self._down(link, self._lost[link])]

    def begun_anew(self, at_us: int) -> list[LinkEvent]:
        """Nobody listened before ``at_us``: links that opened earlier are gone."""
        gone = [link for link in self._mns if link >> _SLOT_BITS < at_us]
        return [event for link in gone for event in self._down(link, at_us)]

    def _up(self, link: int, mn: str, at_us: int) -> list[LinkEvent]:
        self._lost.pop(link, None)
        mns = self._mns.setdefault(link, [])
        if mn in mns:
            return []
        mns.append(mn)
        return [LinkEvent(mn, link, "up", at_us)]

    def _down(self, link: int, at_us: int) -> list[LinkEvent]:
        self._lost.pop(link, None)
        return [LinkEvent(mn, link, "down", at_us) for mn in self._mns.pop(link, ())]
