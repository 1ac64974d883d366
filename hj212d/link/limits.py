"""Fair shares of one peer address: links held, new links a second, bytes a second.

Token buckets over a clock that is an argument; nothing is dropped here, the caller waits.
Tests: tests/link/test_limits.py.
"""

from __future__ import annotations

from hj212d.link.closes import Close
from hj212d.link.express import Allowance


class PeerAddress(Allowance):
    """What one address has used. Buckets hold at most what one second brings."""

    __slots__ = ("_opens", "_opens_at", "ip", "links")

    limits: AddressLimits

    def __init__(self, limits: AddressLimits, ip: str, now: float) -> None:
        super().__init__(limits, now)
        self.ip = ip
        self.links = 0
        self._opens = limits.burst_links
        self._opens_at = now

    def take_link(self, now: float) -> bool:
        """Whether one more link may open now by the rate; it is counted when it may."""
        limits = self.limits
        grown = self._opens + (now - self._opens_at) * limits.links_per_s
        self._opens = min(grown, limits.burst_links)
        self._opens_at = now
        if self._opens < 1.0:
            return False
        self._opens -= 1.0
        return True

    def forgettable(self, now: float) -> bool:
        """Whether a fresh entry would behave the same: no links, buckets full again."""
        limits = self.limits
        return (
            self.links == 0
            and self._opens + (now - self._opens_at) * limits.links_per_s >= limits.burst_links
            and self.unspent(now)
        )


class AddressLimits:
    """The limits, and the addresses in use. Limits may be set anew at any time."""

    def __init__(self, max_links: int, links_per_s: float, bytes_per_s: float) -> None:
        self._addresses: dict[str, PeerAddress] = {}
        self.set(max_links, links_per_s, bytes_per_s)

    def set(self, max_links: int, links_per_s: float, bytes_per_s: float) -> None:
        """Limits from now on; links that are open stay."""
        self.max_links = max_links
        self.links_per_s = links_per_s
        self.burst_links = max(1.0, links_per_s)
        self.bytes_per_s = bytes_per_s

    def open(self, ip: str, now: float) -> PeerAddress | Close:
        """Count a new link from ``ip``; the reason when it must be refused instead."""
        address = self._addresses.get(ip)
        if address is None:
            address = self._addresses[ip] = PeerAddress(self, ip, now)
        if address.links >= self.max_links:
            return Close.ADDRESS_LINKS
        if not address.take_link(now):
            return Close.ADDRESS_RATE
        address.links += 1
        return address

    def close(self, address: PeerAddress) -> None:
        """A link of this address ended."""
        address.links -= 1

    def forget(self, now: float) -> None:
        """Drop the addresses that nothing need be remembered of."""
        gone = [ip for ip, address in self._addresses.items() if address.forgettable(now)]
        for ip in gone:
            del self._addresses[ip]

    def __len__(self) -> int:
        """Addresses remembered."""
        return len(self._addresses)
