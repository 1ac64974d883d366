"""Marks of readings, and digits and codes of factors."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.instruments import conditions
from bench.instruments.factors import FACTORS
from hj212d.wire import tables

NOON = 1_784_001_600.0  # 2026-07-14 12:00 in Beijing


def test_marks_come_in_spells_and_seldom() -> None:
    """Over four weeks: mostly normal, a calibration each night, some maintenance and faults."""
    step = 240
    spells: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for seed in range(30):
        before = ""
        for t in range(int(NOON), int(NOON) + 28 * 86400, step):
            state = conditions.mark(seed, "w01018", float(t))
            seen[state] += 1
            spells[state] += state != before
            before = state
    total = sum(seen.values())
    assert seen["N"] > 0.97 * total
    assert 0.9 < spells["C"] / (30 * 28) < 1.1
    assert set(seen) == {"N", "C", "M", "D", "B"}
    assert seen["D"] / spells["D"] > 5  # consecutive looks: a fault lasts


def test_what_an_abnormal_instrument_shows() -> None:
    """Span gas during calibration, nought without a signal, the end of the range beyond it."""
    factor = FACTORS["w01018"]
    assert conditions.reported(factor, 30.0, "N") == (30.0, "N")
    assert conditions.reported(factor, 30.0, "C") == (400.0, "C")
    assert conditions.reported(factor, 30.0, "B") == (0.0, "B")
    assert conditions.reported(factor, 700.0, "N") == (500.0, "T")
    assert conditions.reported(factor, 700.0, "M") == (500.0, "M")


@pytest.mark.parametrize(
    ("code", "marks", "expected"),
    [
        ("w01018", "NNNN", "N"),
        ("w01018", "NNND", "D"),
        ("a21026", "NNND", "N"),
        ("a21026", "NNDC", "C"),
        ("a21026", "NDDC", "D"),
    ],
)
def test_mark_of_a_period(code: str, marks: str, expected: str) -> None:
    """One bad value spoils a period of water, more than a quarter one of gas."""
    assert conditions.period_mark(code, list(marks)) == expected


def decimals(data_type: str) -> int:
    """Of the standard's notation: N5.2 has two, N4 none."""
    return int(data_type.partition(".")[2] or 0)


@pytest.mark.parametrize("code", FACTORS)
def test_digits_and_old_codes_are_those_of_the_standard(code: str) -> None:
    """The simulator prints what annex B of the standard says; legacy codes agree as well."""
    factor, standard = FACTORS[code], tables.factor(code)
    assert standard is not None
    assert factor.legacy in (standard.legacy_code, "")
    if standard.data_type:
        assert factor.decimals == decimals(standard.data_type)
    if standard.data_type_2025 and factor.decimals_2025 is not None:
        assert factor.decimals_2025 == decimals(standard.data_type_2025)
