"""Missing slots: shifted clocks, changed intervals, and what lies together."""

from __future__ import annotations

import numpy as np
import pytest

from hj212d.hub.completeness.expected import ALWAYS, SECOND_US, Rhythm, Step, registered
from hj212d.hub.completeness.gaps import Gap, grouped, missing, offset, without

MINUTE = 60 * SECOND_US
HOUR = 60 * MINUTE
START = 20_000 * 24 * HOUR - 8 * HOUR  # midnight in Beijing
MINUTES = registered("minute", 60)


def every_minute(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """So many minutes from the start on."""
    return START + MINUTE * np.arange(count)


@pytest.mark.parametrize("shift_s", [0, 7, 29, -7, -29])
def test_a_shifted_clock_misses_nothing(shift_s: int) -> None:
    """Minutes that are all off by some seconds stand for their slots, at both ends of a day."""
    times = every_minute(1440) + shift_s * SECOND_US
    assert missing(MINUTES, times, START, START + 24 * HOUR).tolist() == []
    absent = missing(MINUTES, np.delete(times, [0, 720, 1439]), START, START + 24 * HOUR)
    assert ((absent - START) // MINUTE).tolist() == [0, 720, 1439]


def test_two_times_in_a_slot_are_one_value() -> None:
    """What is there twice does not stand for what is missing."""
    times = np.sort(np.append(np.delete(every_minute(10), 5), START + 8 * MINUTE + SECOND_US))
    absent = missing(MINUTES, times, START, START + 10 * MINUTE)
    assert absent.tolist() == [START + 5 * MINUTE]


def test_nothing_there() -> None:
    """Without any value every slot is missing."""
    nothing = np.zeros(0, np.int64)
    assert len(missing(MINUTES, nothing, START, START + HOUR)) == 60
    assert offset(nothing, MINUTE) == 0
    assert grouped(MINUTES, nothing) == []


def test_a_changed_interval() -> None:
    """Before the change ten-minute slots are looked for, after it single minutes."""
    noon = START + 12 * HOUR
    rhythm = Rhythm("minute", (Step(ALWAYS, 600, "registry"), Step(noon, 60, "registry")))
    times = rhythm.slots(START, START + 24 * HOUR)
    gone = [START, noon - 10 * MINUTE, noon, START + 24 * HOUR - MINUTE]
    absent = missing(rhythm, times[~np.isin(times, gone)], START, START + 24 * HOUR)
    assert absent.tolist() == gone
    assert grouped(rhythm, absent) == [
        Gap("minute", START, START + 10 * MINUTE, 1),
        Gap("minute", noon - 10 * MINUTE, noon + MINUTE, 2),
        Gap("minute", gone[-1], START + 24 * HOUR, 1),
    ]


def test_neighbours_are_one_gap() -> None:
    """A few values between two holes do not part them; more do; a cut always does."""
    absent = START + MINUTE * np.array([0, 1, 7, 14, 15])
    whole = [
        Gap("minute", START, START + 8 * MINUTE, 3),
        Gap("minute", START + 14 * MINUTE, START + 16 * MINUTE, 2),
    ]
    assert grouped(MINUTES, absent) == whole
    assert grouped(MINUTES, absent, cuts=[START + 5 * MINUTE, START + HOUR]) == [
        Gap("minute", START, START + 2 * MINUTE, 2),
        Gap("minute", START + 7 * MINUTE, START + 8 * MINUTE, 1),
        whole[1],
    ]


def test_what_is_not_looked_for() -> None:
    """Slots in ranges are left out, the end of a range is not in it."""
    absent = every_minute(6)
    kept = without(absent, [(START, START + 2 * MINUTE), (START + 4 * MINUTE, START + HOUR)])
    assert ((kept - START) // MINUTE).tolist() == [2, 3]
