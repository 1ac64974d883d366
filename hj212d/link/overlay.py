"""The devices that the hub tells: what its registry says of them goes before the orders.

They come in pieces, in the order in which they changed; a piece is small enough that links do not
notice. Links of a device that is different now are judged anew. Tests: tests/link/test_overlay.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

import msgspec

from hj212d.link.admission import Admission
from hj212d.link.links import Links
from hj212d.link.sessions import Sessions
from hj212d.link.state import LinkState
from hj212d.wire.settings import DeviceSettings

_NOTHING: list[str] = []  # one list for the many that are empty

_log = logging.getLogger("hj212d.link")


class DeviceOverlay:
    """Takes devices in. ``complete`` is set once a whole overlay was told."""

    def __init__(self, admission: Admission, sessions: Sessions, links: Links) -> None:
        self.complete = asyncio.Event()
        self._admission = admission
        self._sessions = sessions
        self._links = links
        self._told: set[str] = set()  # of the overlay that is coming in

    def begin(self) -> None:
        """A new connection to the hub: it tells the whole overlay from its start."""
        self._told = set()

    def take(self, devices: Iterable[DeviceSettings], more: bool) -> None:
        """A piece of the overlay; those that are not in any piece are lifted with the last."""
        different = []
        for device in devices:
            self._told.add(device.mn)
            if self._put(device):
                different.append(device.mn)
        if not more:
            different += self._admission.lift_all_but(self._told)
            self._told = set()
            self.complete.set()
        self._judge_anew(different)

    def change(self, device: DeviceSettings) -> None:
        """One device is different now."""
        if self._put(device):
            self._judge_anew([device.mn])

    def _put(self, device: DeviceSettings) -> bool:
        """Whether this device is different from before; one that cannot be used is not."""
        compact = msgspec.structs.replace(
            device,
            name="",
            keys=device.keys or _NOTHING,
            tolerate=device.tolerate or _NOTHING,
            refuse=device.refuse or _NOTHING,
            allow=device.allow or _NOTHING,
        )
        try:
            return self._admission.lay_over(compact)
        except (KeyError, ValueError) as fault:
            _log.error('event=device_unusable mn=%s error="%s"', device.mn, fault)
            return False

    def _judge_anew(self, mns: Iterable[str]) -> None:
        """The next frames of these MNs take the ordinary way, by the new rules."""
        links: list[LinkState] = []
        for mn in mns:
            for number in self._sessions.links_of(mn):
                link = self._links.get(number)
                if link is not None:
                    if link.mn == mn:
                        link.take_badge()
                    links.append(link)
        if links:
            self._links.outdate(links)
