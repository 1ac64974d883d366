"""When a value is late: received longer than allowed after the end of the period it stands for.

The one table of the rule, by the period of samples. DataTime is the start of the period
(HJ 212-2017, 6.6.4; 2025 the same). How long a minute period is no frame says; it is taken for the
longest that can begin at its DataTime, so that nobody is called late who was not. Stores keep the
second of receipt, so that is what is compared. Tests: tests/hub/test_lateness.py.
"""

from __future__ import annotations

LATE_AFTER_S = 600.0  # the default of hub.late_after_s

# The intervals of minute data, in minutes (HJ 212-2017, CN 1064).
INTERVALS_MIN = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)

MINUTE = "minute"
# Minute of the hour -> seconds of the longest interval that can begin there.
MINUTE_LENGTHS_S = tuple(
    60 * max(interval for interval in INTERVALS_MIN if minute % interval == 0)
    for minute in range(60)
)
# Period of samples -> seconds from DataTime to its end. Measurements whose length the standard
# leaves open (2013, 2052, 2062) have an hour. What is not here is never late.
LENGTHS_S = {
    "realtime": 0,
    "state": 0,
    "hour": 3600,
    "day": 86_400,
    "runtime": 86_400,
    "cn2013": 3600,
    "cn2052": 3600,
    "cn2062": 3600,
    "cn2111": 300,
}


def minute_length_sql(minute: str) -> str:
    """SQL for MINUTE_LENGTHS_S; ``minute``: SQL for the minute of the hour of data_time."""
    cases = " ".join(
        f"WHEN {minute} % {interval} = 0 THEN {60 * interval}"
        for interval in reversed(INTERVALS_MIN)
    )
    return f"CASE {cases} END"


def length_sql(period: str) -> str:
    """SQL for LENGTHS_S; NULL for minutes, and for what is never late."""
    cases = " ".join(f"WHEN '{name}' THEN {length}" for name, length in LENGTHS_S.items())
    return f"CASE {period} {cases} END"
