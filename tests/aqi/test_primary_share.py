"""Shares of primary pollutants, and how ties count."""

from __future__ import annotations

from fractions import Fraction

import pytest

from aqi.analysis.primary_share import primary_shares

ROWS = [
    (120, "PM2.5"),
    (80, "O3"),
    (90, "PM10;PM2.5"),
    (60, "O3"),
    (50, ""),
    (30, ""),
    (None, ""),
]


def test_ties_count_for_each() -> None:
    """Two primaries of one day are two counts, and the answer says so."""
    shares = primary_shares(ROWS)
    assert shares.ties == "each"
    assert shares.counts == {"PM2.5": 2, "PM10": 1, "O3": 2}
    assert (shares.polluted, shares.clean, shares.without, shares.tied) == (4, 2, 1, 1)
    assert shares.parts() == pytest.approx({"PM2.5": 0.4, "PM10": 0.2, "O3": 0.4})


def test_ties_are_shared() -> None:
    """Each gets its part, and the counts add up to the days."""
    shares = primary_shares(ROWS, ties="shared")
    assert shares.counts == {"PM2.5": Fraction(3, 2), "PM10": Fraction(1, 2), "O3": 2}
    assert sum(shares.counts.values()) == shares.polluted == 4


def test_only_polluted_days() -> None:
    """Above 100 one day is left."""
    shares = primary_shares(ROWS, above=100)
    assert shares.counts == {"PM2.5": 1}
    assert (shares.above, shares.polluted, shares.clean) == (100, 1, 5)


def test_nothing() -> None:
    """No rows, no parts."""
    assert primary_shares([]).parts() == {}
    assert primary_shares([(40, "PM2.5")]).counts == {}
