"""Make-up of lost hours by HJ 75."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aqi.flue.hj75 import hj75
from aqi.flue.makeup import make_up


def history(hours: int = 2400) -> np.ndarray:
    """5 kg/h, 6 in the last 180 hours' first, 8 within 720, 9 within 2,160."""
    rates = np.full(hours, 5.0)
    rates[-180], rates[-700], rates[-2100] = 6.0, 8.0, 9.0
    return rates


def lost(rates: np.ndarray, hours: int, after: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """So many lost hours behind them, and some good ones."""
    all_of_them = np.concatenate((rates, np.full(hours, np.nan), np.full(after, 5.0)))
    return all_of_them, np.isfinite(all_of_them)


@pytest.mark.parametrize(
    ("percent", "hours", "wanted"),
    [
        (100, 24, 180),
        (90, 1, 180),
        (90, 25, 720),
        (89.9, 1, 2160),
        (75, 100, 2160),
        (74.9, 1, None),
    ],
)
def test_table(percent: float, hours: int, wanted: int | None) -> None:
    """Which valid hours are looked at, on the edges."""
    assert hj75().valid_hours(percent, hours) == wanted


@pytest.mark.parametrize(
    ("percent", "hours", "value"), [(95, 24, 6.0), (95, 25, 8.0), (80, 3, 9.0)]
)
def test_the_largest_of_the_valid_hours_before(percent: float, hours: int, value: float) -> None:
    """Six, eight or nine stand where the table says so; the original stays."""
    rates, valid = lost(history(), hours)
    found = make_up(rates, valid, percent)
    assert found.values[2400 : 2400 + hours].tolist() == [value] * hours
    assert np.isnan(found.original[2400 : 2400 + hours]).all()
    assert int(found.made_up.sum()) == hours
    (gap,) = found.gaps
    assert (gap.first, gap.hours, gap.value, gap.mark) == (2400, hours, value, "")
    assert gap.rule.startswith("HJ 75-2017 max")


def test_below_seventy_five_percent_nothing_is_made_up() -> None:
    """Manual monitoring."""
    rates, valid = lost(history(), 5)
    found = make_up(rates, valid, 70)
    assert found.gaps[0].mark == "manual"
    assert not found.made_up.any()
    assert np.isnan(found.values[2400:2405]).all()


def test_too_little_history_is_said() -> None:
    """100 valid hours where the rule wants 180, unless fewer will do."""
    rates, valid = lost(history(2400)[-100:], 5)
    found = make_up(rates, valid, 95)
    assert (found.gaps[0].mark, found.gaps[0].looked_at) == ("history", 100)
    some = make_up(rates, valid, 95, short_history=True)
    assert (some.gaps[0].mark, some.gaps[0].value, some.gaps[0].looked_at) == ("", 5.0, 100)
    assert make_up([np.nan], [False], 95, short_history=True).gaps[0].mark == "history"


def test_stopped_hours_emit_nothing_and_are_not_lost() -> None:
    """They are zero, and are not looked at."""
    rates, valid = lost(history(), 4)
    stopped = np.zeros(rates.size, bool)
    stopped[2402:2404] = True
    found = make_up(rates, valid, 95, stopped=stopped)
    assert found.values[2400:2404].tolist() == [6, 6, 0, 0]
    assert found.made_up[2400:2404].tolist() == [True, True, False, False]


def test_out_of_control_looks_back_from_the_last_good_calibration() -> None:
    """What was measured since then is in doubt."""
    rates, valid = lost(history(), 4)
    rates[2399] = 99.0
    control = ~valid
    doubted = make_up(rates, valid, 95, out_of_control=control, good_calibrations=[100, 2390])
    assert doubted.gaps[0].state == "out_of_control"
    assert doubted.gaps[0].value == 6.0
    assert make_up(rates, valid, 95).gaps[0].value == 99.0


def test_made_up_hours_are_never_looked_at() -> None:
    """The second gap sees the measured hours only."""
    rates = np.concatenate((np.full(180, 5.0), [np.nan], np.full(179, 4.0), [np.nan], [4.0]))
    found = make_up(rates, np.isfinite(rates), 95)
    assert [gap.value for gap in found.gaps] == [5.0, 5.0]
    rates[:180] = 3.0
    rates[100] = 7.0
    found = make_up(rates, np.isfinite(rates), 95)
    assert [gap.value for gap in found.gaps] == [7.0, 4.0]


def test_the_former_rule() -> None:
    """The mean of the two valid hours around a gap of up to a day."""
    rates = [4.0, np.nan, np.nan, 8.0]
    found = make_up(rates, np.isfinite(rates), 95, rule="HJ/T75-2007")
    assert found.values.tolist() == [4, 6, 6, 8]
    late = make_up([4.0, np.nan], [True, False], 95, rule="HJ/T75-2007")
    assert late.gaps[0].mark == "history"
    long, valid = lost(history(), 25)
    assert make_up(long, valid, 95, rule="HJ/T75-2007").gaps[0].mark == "long"


def test_each_quarter_has_its_own_capture() -> None:
    """The rate of a gap's first hour counts."""
    rates, valid = lost(history(), 3)
    percents = np.where(np.arange(rates.size) < 2400, 70.0, 80.0)
    assert make_up(rates, valid, percents).gaps[0].value == 9.0


@settings(max_examples=50)
@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, float("nan"), -1.0]), max_size=300))
def test_measured_hours_are_never_changed(rates: list[float]) -> None:
    """Whatever is lost, what was measured stays; gaps cover what is not."""
    values = np.array(rates, float)
    found = make_up(values, np.ones(values.size, bool), 95, short_history=True)
    good = values >= 0
    assert (found.values[good] == values[good]).all()
    assert sum(gap.hours for gap in found.gaps) == int((~good).sum())
    assert not (found.made_up & good).any()
