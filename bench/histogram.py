"""Latencies as the load generator counts them: logarithmic buckets, 128 to a doubling.

A percentile is right to 0.4 %. bench/native/histogram.h is the other half.
Test: tests/bench/test_histogram.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

OCTAVE = 128
_OCTAVE_BITS = 7
PERCENTILES = (50.0, 90.0, 99.0, 99.9, 100.0)


def bucket(ns: int) -> int:
    """Number of the bucket that counts ``ns`` nanoseconds."""
    ns = max(ns, 0)
    if ns < OCTAVE:
        return ns
    octave = ns.bit_length() - 1 - _OCTAVE_BITS
    return (octave + 1) * OCTAVE + (ns >> octave) % OCTAVE


def middle_ns(number: int) -> float:
    """The middle of what a bucket counts, in nanoseconds."""
    if number < OCTAVE:
        return number
    octave, place = divmod(number, OCTAVE)
    width = 1 << (octave - 1)
    return (OCTAVE + place) * width + (width - 1) / 2


class Histogram:
    """Counts by bucket; empty at first."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Count more: buckets and how often, as the generator prints them."""
        for number, count in pairs:
            self._counts[number] += count

    def merge(self, other: Histogram) -> None:
        """Count what another counted."""
        self._counts.update(other._counts)

    @property
    def total(self) -> int:
        """How many were counted."""
        return self._counts.total()

    def percentile_ms(self, percent: float) -> float:
        """The value that ``percent`` of all do not exceed, in milliseconds; 0 when empty."""
        total = self.total
        wanted = max(1, -(-total * percent // 100))
        passed = 0
        for number in sorted(self._counts):
            passed += self._counts[number]
            if passed >= wanted:
                return middle_ns(number) / 1e6
        return 0.0

    def summary_ms(self) -> dict[str, float]:
        """The usual percentiles in milliseconds: {"p50", "p90", "p99", "p99.9", "max"}."""
        found = {f"p{percent:g}": self.percentile_ms(percent) for percent in PERCENTILES}
        found["max"] = found.pop("p100")
        return {name: round(value, 3) for name, value in found.items()}
