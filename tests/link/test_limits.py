"""hj212d/link/limits.py: shares of one peer address over a clock we set."""

from hj212d.link.closes import Close
from hj212d.link.limits import AddressLimits, PeerAddress


def opened(limits: AddressLimits, ip: str, now: float) -> PeerAddress:
    """A link that must be let in."""
    address = limits.open(ip, now)
    assert isinstance(address, PeerAddress)
    return address


def test_links_of_one_address_are_limited_and_given_back() -> None:
    """Above the limit the next link is refused; when one ends there is room; others are free."""
    limits = AddressLimits(max_links=2, links_per_s=1000, bytes_per_s=1000)
    first = opened(limits, "192.0.2.1", 0.0)
    assert opened(limits, "192.0.2.1", 0.0) is first
    assert limits.open("192.0.2.1", 0.0) is Close.ADDRESS_LINKS
    opened(limits, "192.0.2.2", 0.0)
    limits.close(first)
    opened(limits, "192.0.2.1", 0.0)


def test_new_links_a_second_are_limited() -> None:
    """A burst of one second's worth passes, then the rate counts."""
    limits = AddressLimits(max_links=1000, links_per_s=2, bytes_per_s=1000)
    opened(limits, "192.0.2.1", 0.0)
    opened(limits, "192.0.2.1", 0.0)
    assert limits.open("192.0.2.1", 0.1) is Close.ADDRESS_RATE
    opened(limits, "192.0.2.1", 0.6)


def test_slow_rates_let_the_first_link_in() -> None:
    """A rate below one a second still admits one link, and the next after its time."""
    limits = AddressLimits(max_links=1000, links_per_s=0.1, bytes_per_s=1000)
    opened(limits, "192.0.2.1", 0.0)
    assert limits.open("192.0.2.1", 9.0) is Close.ADDRESS_RATE
    opened(limits, "192.0.2.1", 11.0)


def test_bytes_beyond_the_share_must_be_waited_for() -> None:
    """The wait is as long as the debt takes at the rate, and over after it."""
    limits = AddressLimits(max_links=10, links_per_s=10, bytes_per_s=1000)
    address = opened(limits, "192.0.2.1", 0.0)
    assert address.spend(1000, 0.0) == 0.0
    assert address.spend(500, 0.0) == 0.5
    assert address.spend(1, 10.0) == 0.0


def test_limits_may_change_at_any_time() -> None:
    """New limits count for addresses that are there already."""
    limits = AddressLimits(max_links=1, links_per_s=1000, bytes_per_s=1000)
    address = opened(limits, "192.0.2.1", 0.0)
    limits.set(max_links=2, links_per_s=1000, bytes_per_s=10)
    opened(limits, "192.0.2.1", 0.0)
    assert address.spend(30, 0.0) == 2.0


def test_addresses_are_forgotten_when_nothing_is_owed() -> None:
    """Memory goes back: without links, and once the buckets are full; not a moment before."""
    limits = AddressLimits(max_links=10, links_per_s=1, bytes_per_s=1000)
    address = opened(limits, "192.0.2.1", 0.0)
    limits.forget(100.0)
    assert len(limits) == 1
    limits.close(address)
    address.spend(2000, 100.0)
    limits.forget(100.5)
    assert len(limits) == 1
    limits.forget(103.0)
    assert len(limits) == 0
