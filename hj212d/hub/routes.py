"""Which link leads to which MN, over all workers; and who must hear that a newer link came.

Pure bookkeeping: link numbers decide age (a larger number is a newer link), nothing here knows a
socket or a clock. When the newest link leaves, an older one that is still there becomes the
route again. Tests: tests/hub/test_routes.py.
"""

from __future__ import annotations

import msgspec

MAX_ENTRIES = 1_000_000


class Route(msgspec.Struct, frozen=True, gc=False):
    """A link that carries an MN."""

    slot: int
    link: int
    peer: str = ""
    at_us: int = 0


class Superseded(msgspec.Struct, frozen=True):
    """Tell worker ``slot`` that its ``link`` is not the newest of ``mn`` any more."""

    slot: int
    mn: str
    link: int


class Routes:
    """MN -> its links, newest last. Entries above ``max_entries`` are refused and counted."""

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._links: dict[str, list[Route]] = {}
        self._max_entries = max_entries
        self._entries = 0
        self.refused = 0

    def identified(
        self, slot: int, mn: str, link: int, peer: str = "", at_us: int = 0
    ) -> list[Superseded]:
        """Note that ``mn`` speaks on ``link`` of worker ``slot``; the messages this calls for.

        Only links of other workers are told: within one worker the worker sees it itself.
        Repeating an identity, as a worker does after a reconnect, changes nothing but says again
        what is superseded.
        """
        links = self._links.setdefault(mn, [])
        known = next((at for at, route in enumerate(links) if route.link == link), None)
        if known is not None:
            links.pop(known)
            self._entries -= 1
        elif self._entries >= self._max_entries:
            self.refused += 1
            if not links:
                del self._links[mn]
            return []
        links.append(Route(slot, link, peer, at_us))
        self._entries += 1
        links.sort(key=lambda route: route.link)
        newest = links[-1]
        if newest.link != link:
            return [] if newest.slot == slot else [Superseded(slot, mn, link)]
        return [
            Superseded(route.slot, mn, route.link) for route in links[:-1] if route.slot != slot
        ]

    def left(self, slot: int, mn: str, link: int) -> None:
        """Forget ``link`` as a way to ``mn``; nothing happens when it was not known."""
        links = self._links.get(mn)
        if links is None:
            return
        kept = [route for route in links if (route.slot, route.link) != (slot, link)]
        self._entries -= len(links) - len(kept)
        if kept:
            self._links[mn] = kept
        else:
            del self._links[mn]

    def forget_worker(self, slot: int) -> None:
        """Forget all links of a worker that is gone."""
        for mn in [mn for mn, links in self._links.items() if any(r.slot == slot for r in links)]:
            for route in self._links.get(mn, []):
                if route.slot == slot:
                    self.left(slot, mn, route.link)

    def route(self, mn: str) -> Route | None:
        """The newest link of ``mn``, None when there is none."""
        links = self._links.get(mn)
        return links[-1] if links else None

    def links_of(self, mn: str) -> list[Route]:
        """All links of ``mn`` that live, newest last."""
        return list(self._links.get(mn, ()))

    def doubled(self) -> int:
        """MNs with more than one link right now: a changeover, or two devices that share one."""
        return sum(1 for links in self._links.values() if len(links) > 1)

    def __len__(self) -> int:
        """MNs that have a route."""
        return len(self._links)

    def items(self) -> list[tuple[str, list[Route]]]:
        """Each MN with its links, newest last."""
        return [(mn, list(links)) for mn, links in self._links.items()]
