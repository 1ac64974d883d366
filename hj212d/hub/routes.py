"""Which link leads to which MN, over all workers; and who must hear that a newer link came.

Pure bookkeeping: link numbers decide age (a larger number is a newer link), nothing here knows a
socket or a clock. When the newest link leaves, an older one that is still there becomes the
route again. Changed on the event loop only; other threads may ask for the links of an MN.
Tests: tests/hub/test_routes.py.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from twisted.logger import Logger

MAX_ENTRIES = 1_000_000


class Route(msgspec.Struct, frozen=True, gc=False):
    """A link that carries an MN."""

    slot: int
    link: int
    peer: str = ""
    at_us: int = 0


class Superseded(msgspec.Struct, frozen=True, gc=False):
    """Tell worker ``slot`` that its ``link`` is not the newest of ``mn`` any more."""

    slot: int
    mn: str
    link: int


Hook = Callable[[str, int, int], object]


class Routes:
    """MN -> its links, newest last. Entries above ``max_entries`` are refused and counted.

    ``identified_hooks`` and ``left_hooks`` are called with MN, link and slot when a link of an MN
    is new and when it is gone; thousands of times in a row when a worker comes or goes.
    """

    _log = Logger()

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        # One link is the rule and costs no container.
        self._links: dict[str, Route | tuple[Route, ...]] = {}
        self._max_entries = max_entries
        self._entries = 0
        self._doubled = 0
        self.refused = 0
        self.identified_hooks: list[Hook] = []
        self.left_hooks: list[Hook] = []

    def identified(
        self, slot: int, mn: str, link: int, peer: str = "", at_us: int = 0
    ) -> list[Superseded]:
        """Note that ``mn`` speaks on ``link`` of worker ``slot``; the messages this calls for.

        Only links of other workers are told: within one worker the worker sees it itself.
        Repeating an identity, as a worker does after a reconnect, changes nothing but says again
        what is superseded.
        """
        known = self._links.get(mn)
        route = Route(slot, link, peer, at_us)
        if known is None:
            if self._entries >= self._max_entries:
                self.refused += 1
            else:
                self._entries += 1
                self._links[mn] = route
                self._tell(self.identified_hooks, mn, route)
            return []
        others = [other for other in _each(known) if other.link != link]
        new = len(others) == len(_each(known))
        if new and self._entries >= self._max_entries:
            self.refused += 1
            return []
        links = sorted([*others, route], key=lambda route: route.link)
        self._set(mn, links)
        if new:
            self._tell(self.identified_hooks, mn, route)
        newest = links[-1]
        if newest.link != link:
            return [] if newest.slot == slot else [Superseded(slot, mn, link)]
        return [Superseded(other.slot, mn, other.link) for other in others if other.slot != slot]

    def left(self, slot: int, mn: str, link: int) -> None:
        """Forget ``link`` as a way to ``mn``; nothing happens when it was not known."""
        self._forget(mn, lambda route: route.slot == slot and route.link == link)

    def forget_worker(self, slot: int) -> None:
        """Forget all links of a worker that is gone."""
        concerned = [
            mn
            for mn, known in self._links.items()
            if not isinstance(known, Route) or known.slot == slot
        ]
        for mn in concerned:
            self._forget(mn, lambda route: route.slot == slot)

    def route(self, mn: str) -> Route | None:
        """The newest link of ``mn``, None when there is none."""
        links = self.links_of(mn)
        return links[-1] if links else None

    def links_of(self, mn: str) -> tuple[Route, ...]:
        """All links of ``mn`` that live, newest last."""
        known = self._links.get(mn)
        return () if known is None else _each(known)

    def doubled(self) -> int:
        """MNs with more than one link right now: a changeover, or two devices that share one."""
        return self._doubled

    def __len__(self) -> int:
        """MNs that have a route."""
        return len(self._links)

    def mns(self) -> list[str]:
        """The MNs that have a route."""
        return list(self._links)

    def _forget(self, mn: str, gone: Callable[[Route], bool]) -> None:
        """Forget the links of ``mn`` that are gone."""
        links = self.links_of(mn)
        self._set(mn, [route for route in links if not gone(route)])
        for route in links:
            if gone(route):
                self._tell(self.left_hooks, mn, route)

    def _tell(self, hooks: list[Hook], mn: str, route: Route) -> None:
        """A hook that fails is our fault and is logged; the routes stay right."""
        for hook in hooks:
            try:
                hook(mn, route.link, route.slot)
            except Exception:  # noqa: BLE001 - see above
                self._log.failure("a hook failed on {mn}", mn=mn)

    def _set(self, mn: str, links: list[Route]) -> None:
        """The links of ``mn`` from now on, newest last."""
        before = len(self.links_of(mn))
        self._entries += len(links) - before
        self._doubled += (len(links) > 1) - (before > 1)
        if len(links) > 1:
            self._links[mn] = tuple(links)
        elif links:
            self._links[mn] = links[0]
        elif before:
            del self._links[mn]


def _each(known: Route | tuple[Route, ...]) -> tuple[Route, ...]:
    return (known,) if isinstance(known, Route) else known
