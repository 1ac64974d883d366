"""Which MN speaks on which link of this worker; what happens when it appears on another one.

A larger link number is a newer link. The newest link of an MN is its route at once. An older one
is superseded: it is closed when all its MNs have moved and it stays silent. If an MN speaks again
on a superseded link, both are alive: a conflict (two devices share one MN), counted, and neither
is closed for it. Pure bookkeeping: no socket, the clock is an argument.
Tests: tests/link/test_sessions.py.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from enum import Enum

MAX_IDENTITIES = 250_000  # pairs of MN and link: a peer that invents MNs must not fill memory
MAX_CONFLICTS = 1000  # MNs that are named; the rest is counted under ""


class Heard(Enum):
    """What a good frame of an MN meant for its session."""

    KNOWN = "known"  # nothing new
    NEW = "new"  # first frame of this MN on this link
    CONFLICT = "conflict"  # the MN speaks on an older link although it moved to a newer one
    UNTRACKED = "untracked"  # too many identities, this one is not kept


class Sessions:
    """MN -> links and link -> MNs of one worker."""

    def __init__(self, max_identities: int = MAX_IDENTITIES) -> None:
        # One is the rule and costs no container. Of several links, ascending, the last is the
        # route; a forwarder has thousands of MNs.
        self._links_of: dict[str, int | list[int]] = {}
        self._mns_of: dict[int, str | set[str]] = {}
        self._moved: dict[int, dict[str, float]] = {}  # link -> MN -> superseded since
        self._conflicting: dict[int, set[str]] = {}
        self._max_identities = max_identities
        self._identities = 0
        self.conflicts: dict[str, int] = {}

    @property
    def moved(self) -> dict[int, dict[str, float]]:
        """Link -> its MNs that have a newer link -> since when; always the same dict."""
        return self._moved

    @property
    def links(self) -> int:
        """Links on which an MN spoke."""
        return len(self._mns_of)

    def mns(self, link: int) -> frozenset[str]:
        """The MNs that spoke on a link."""
        known = self._mns_of.get(link, ())
        return frozenset((known,) if isinstance(known, str) else known)

    def heard(self, link: int, mn: str, now: float) -> Heard:
        """A good frame of ``mn`` came on ``link``."""
        known = self._mns_of.get(link)
        if known == mn or (isinstance(known, set) and mn in known):
            if self._moved and mn in self._moved.get(link, ()):
                self._note_conflict(link, mn)
                return Heard.CONFLICT
            return Heard.KNOWN
        if self._identities >= self._max_identities:
            return Heard.UNTRACKED
        self._identities += 1
        if known is None:
            self._mns_of[link] = mn
        elif isinstance(known, set):
            known.add(mn)
        else:
            self._mns_of[link] = {known, mn}
        links = self._links_of.setdefault(mn, link)
        if links is link:
            return Heard.NEW
        if isinstance(links, int):
            links = self._links_of[mn] = [links]
        insort(links, link)
        if links[-1] != link:
            self.supersede(mn, link, now)
        else:
            self.supersede(mn, links[-2], now)
        return Heard.NEW

    def supersede(self, mn: str, link: int, now: float) -> bool:
        """``mn`` has a newer link than ``link``, here or on another worker.

        Whether this was news: links that are gone, marked already, or known to be in conflict
        stay as they are.
        """
        known = self._mns_of.get(link)
        speaks = known == mn or (isinstance(known, set) and mn in known)
        if not speaks or mn in self._conflicting.get(link, ()):
            return False
        moved = self._moved.setdefault(link, {})
        if mn in moved:
            return False
        moved[mn] = now
        return True

    def left(self, link: int) -> frozenset[str]:
        """The link is gone; the MNs it carried.

        Where it was the newest link of an MN, the next older one is the route again.
        """
        mns = self.mns(link)
        self._mns_of.pop(link, None)
        self._moved.pop(link, None)
        self._conflicting.pop(link, None)
        self._identities -= len(mns)
        for mn in mns:
            links = self._links_of[mn]
            if isinstance(links, int):
                del self._links_of[mn]
                continue
            del links[bisect_left(links, link)]
            if link > links[-1]:
                self._restore(links[-1], mn)
            if len(links) == 1:
                self._links_of[mn] = links[0]
        return mns

    def route(self, mn: str) -> int | None:
        """The newest link of ``mn`` on this worker, None when there is none."""
        links = self._links_of.get(mn)
        return links[-1] if isinstance(links, list) else links

    def links_of(self, mn: str) -> tuple[int, ...]:
        """All links of ``mn`` on this worker, newest last."""
        links = self._links_of.get(mn)
        if links is None:
            return ()
        return (links,) if isinstance(links, int) else tuple(links)

    def superseded(
        self, now: float, timeout_s: float, last_byte_at: Callable[[int], float]
    ) -> list[int]:
        """Links to close: all MNs moved, and no byte for ``timeout_s`` since then."""
        return [
            link
            for link, moved in self._moved.items()
            if self._all_moved(link, moved)
            and now - max(last_byte_at(link), *moved.values()) >= timeout_s
        ]

    def identities(self) -> Iterator[tuple[str, int]]:
        """Each (MN, link)."""
        for link, known in self._mns_of.items():
            for mn in (known,) if isinstance(known, str) else known:
                yield mn, link

    def _all_moved(self, link: int, moved: dict[str, float]) -> bool:
        known = self._mns_of[link]
        return len(moved) == (1 if isinstance(known, str) else len(known))

    def _note_conflict(self, link: int, mn: str) -> None:
        self._restore(link, mn)
        self._conflicting.setdefault(link, set()).add(mn)
        name = mn if mn in self.conflicts or len(self.conflicts) < MAX_CONFLICTS else ""
        self.conflicts[name] = self.conflicts.get(name, 0) + 1

    def _restore(self, link: int, mn: str) -> None:
        moved = self._moved.get(link)
        if moved is not None:
            moved.pop(mn, None)
            if not moved:
                del self._moved[link]
