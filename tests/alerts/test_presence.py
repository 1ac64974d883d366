"""The presence rule at its boundary."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.presence import online, presence

SEEN_US = 1_780_000_000_000_000
SECOND = 1_000_000


@pytest.mark.parametrize(
    ("age_us", "expected"),
    [
        (0, "online"),
        (899 * SECOND, "online"),
        (900 * SECOND, "online"),
        (900 * SECOND + 1, "offline"),
        (901 * SECOND, "offline"),
        (-60 * SECOND, "online"),
    ],
)
def test_fifteen_minutes_belong_to_the_station(age_us: int, expected: str) -> None:
    """Exactly 900 s after the last good frame a station is still online, then no longer."""
    assert presence(SEEN_US, SEEN_US + age_us) == expected


def test_never_seen_is_offline() -> None:
    """A registered station that never sent a good frame is offline."""
    assert presence(None, SEEN_US) == "offline"


def test_limit_is_an_argument() -> None:
    """Another limit moves the boundary."""
    assert presence(SEEN_US, SEEN_US + 60 * SECOND, 60.0) == "online"
    assert presence(SEEN_US, SEEN_US + 60 * SECOND + 1, 60.0) == "offline"


@given(st.integers(0, 10**10), st.integers(0, 10**10), st.floats(0.001, 1e6))
def test_once_offline_stays_offline(age_us: int, more_us: int, after_s: float) -> None:
    """Without a new frame a station never comes back by waiting."""
    if presence(SEEN_US, SEEN_US + age_us, after_s) == "offline":
        assert presence(SEEN_US, SEEN_US + age_us + more_us, after_s) == "offline"


@given(st.lists(st.integers(0, 10**10) | st.none()), st.floats(0.001, 1e6))
def test_many_stations_at_once(ages_us: list[int | None], after_s: float) -> None:
    """A column of stations is judged like each of them alone."""
    seen = [None if age is None else SEEN_US - age for age in ages_us]
    never = np.iinfo(np.int64).min
    column = np.array([never if each is None else each for each in seen], np.int64)
    alone = [presence(each, SEEN_US, after_s) == "online" for each in seen]
    assert online(column, SEEN_US, after_s).tolist() == alone
