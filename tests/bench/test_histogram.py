"""Percentiles out of logarithmic buckets."""

from __future__ import annotations

import random

import pytest

from bench.histogram import Histogram, bucket, middle_ns


def of(values: list[int]) -> Histogram:
    """A histogram that counted these."""
    histogram = Histogram()
    histogram.add((bucket(value), 1) for value in values)
    return histogram


@pytest.mark.parametrize("ns", [0, 1, 127, 128, 129, 255, 256, 1000, 123_456, 10**9, 2**47])
def test_a_bucket_stands_for_its_values(ns: int) -> None:
    """The middle of a bucket is within 0.4 % of what it counts."""
    assert middle_ns(bucket(ns)) == pytest.approx(ns, rel=0.004, abs=0.5)


def test_buckets_are_in_order_and_without_gaps() -> None:
    """Values that grow never fall into a lower bucket, nor skip one."""
    numbers = [bucket(ns) for ns in range(100_000)]
    assert set(numbers) == set(range(numbers[-1] + 1))
    assert numbers == sorted(numbers)


def test_percentiles_are_those_of_the_sorted_values() -> None:
    """To one per cent, for skewed values."""
    chance = random.Random(5)
    values = [int(chance.lognormvariate(13, 1.5)) for _ in range(20_000)]
    found, ranked = of(values), sorted(values)
    for percent in (1, 50, 90, 99, 99.9):
        exact = ranked[int(-(-len(values) * percent // 100)) - 1]
        assert found.percentile_ms(percent) == pytest.approx(exact / 1e6, rel=0.01)
    assert found.percentile_ms(100) == pytest.approx(ranked[-1] / 1e6, rel=0.01)


def test_a_few_values() -> None:
    """Of one value all percentiles are that value; of none they are 0."""
    assert of([5_000_000]).summary_ms()["p50"] == pytest.approx(5, rel=0.01)
    assert of([5_000_000]).summary_ms()["max"] == pytest.approx(5, rel=0.01)
    assert of([]).summary_ms() == {"p50": 0, "p90": 0, "p99": 0, "p99.9": 0, "max": 0}


def test_histograms_add_up() -> None:
    """Two processes count as one."""
    one, other = of([1000] * 3), of([9_000_000])
    one.merge(other)
    assert one.total == 4
    assert one.percentile_ms(75) == pytest.approx(0.001, rel=0.01)
    assert one.percentile_ms(76) == pytest.approx(9, rel=0.01)
