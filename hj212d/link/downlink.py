"""The way down: requests of the hub onto links, behind the answers that left before.

Nothing waits here for long: what a transport cannot take at once it holds, and a link whose peer
does not read is refused more. What requests mean is not known here.
Tests: tests/link/test_downlink.py.
"""

from __future__ import annotations

from hj212d.link.counters import Counters
from hj212d.link.links import Links
from hj212d.link.pauses import PEER

MAX_UNREAD_BYTES = 64 * 1024  # that may wait at one link; requests are 1 kB at most

NO_LINK = "no_link"
CLOSING = "closing"
CONGESTED = "congested"


class Downlink:
    """Sends requests on the links of one worker."""

    def __init__(self, links: Links, counters: Counters) -> None:
        self._links = links
        self._counters = counters

    def send(self, number: int, data: bytes) -> str:
        """Send bytes on a link; "" or why they were not sent: all of them or none."""
        link = self._links.get(number)
        if link is None:
            return NO_LINK
        transport = link.transport
        if transport is None or link.why is not None or transport.is_closing():
            return CLOSING
        unread = transport.get_write_buffer_size()
        if link.pauses & PEER or unread + len(data) > MAX_UNREAD_BYTES:
            return CONGESTED
        # Answers go past the transport while it holds nothing; now it may.
        link.held_back = True
        transport.write(data)
        self._counters.sent_total += 1
        return ""
