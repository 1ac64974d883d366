"""The last so many hashes, and no older one."""

from __future__ import annotations

import pytest
from feed_rig import RECENTS
from hypothesis import given
from hypothesis import strategies as st

from hj212d.hub.forward.dedup import Recent


@pytest.mark.parametrize("kind", RECENTS)
def test_a_hash_is_new_once(kind: type[Recent]) -> None:
    """And then known."""
    recent = kind(10)
    assert 2**64 - 1 not in recent
    assert recent.add(2**64 - 1)
    assert not recent.add(2**64 - 1)
    assert 2**64 - 1 in recent
    assert len(recent) == 1


@pytest.mark.parametrize("kind", RECENTS)
def test_the_oldest_is_forgotten(kind: type[Recent]) -> None:
    """By the order in which they came first."""
    recent = kind(3)
    assert [recent.add(one) for one in (1, 2, 3, 1, 4)] == [True, True, True, False, True]
    assert [one in recent for one in (1, 2, 3, 4)] == [False, True, True, True]
    assert len(recent) == 3


@pytest.mark.parametrize("kind", RECENTS)
@given(
    size=st.integers(1, 40),
    # Few values that share their lower bits: long searches, gaps that must close.
    digests=st.lists(st.integers(1, 6).map(lambda n: n * 2**32 + n % 3) | st.integers(1, 90)),
)
def test_it_is_a_bounded_set(kind: type[Recent], size: int, digests: list[int]) -> None:
    """Against a plain list."""
    recent = kind(size)
    kept: list[int] = []
    for digest in digests:
        assert recent.add(digest) == (digest not in kept)
        if digest not in kept:
            kept = [*kept, digest][-size:]
        assert len(recent) == len(kept)
    for digest in set(digests):
        assert (digest in recent) == (digest in kept)
