"""hj212d/link/numbers.py: unique, growing, small enough for a signed 64-bit column."""

import pytest

from hj212d.link.numbers import MAX_SLOT, LinkNumbers, opened_us

NOW_US = 1_800_000_000_000_000


def test_numbers_grow_and_tell_their_time() -> None:
    """Each number is larger than the one before, within one microsecond and over time."""
    numbers = LinkNumbers(3)
    made = [numbers.next(NOW_US), numbers.next(NOW_US), numbers.next(NOW_US + 5)]
    assert made == sorted(set(made))
    assert [opened_us(number) - NOW_US for number in made] == [0, 1, 5]


def test_a_later_link_is_newer_whatever_its_worker() -> None:
    """Age can be compared between workers: the link that opened later has the larger number."""
    assert LinkNumbers(200).next(NOW_US) < LinkNumbers(0).next(NOW_US + 1)


def test_workers_never_share_a_number() -> None:
    """At the same microsecond different slots give different numbers."""
    numbers = {LinkNumbers(slot).next(NOW_US) for slot in range(MAX_SLOT + 1)}
    assert len(numbers) == MAX_SLOT + 1


def test_clock_that_steps_back_repeats_nothing() -> None:
    """The clock may be set back: numbers go on growing."""
    numbers = LinkNumbers(0)
    first = numbers.next(NOW_US)
    assert numbers.next(NOW_US - 3_600_000_000) > first


def test_numbers_fit_a_signed_column() -> None:
    """In a thousand years a number is still below 2**63."""
    assert LinkNumbers(MAX_SLOT).next(NOW_US + 1000 * 366 * 86_400_000_000) < 2**63


def test_slot_that_does_not_fit_is_refused() -> None:
    """A slot beyond eight bits would make numbers of two workers equal."""
    with pytest.raises(ValueError, match="256"):
        LinkNumbers(256)
