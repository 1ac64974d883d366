"""What can be asked about media other than air, and the columns of the answers.

Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
import pyarrow as pa

_TIME = pa.timestamp("us")

AssessLevel = Literal["hour", "day", "month", "quarter", "year"]
By = Literal["hour", "day", "month", "quarter", "span"]

MEDIA = ("flue", "wastewater", "water", "noise", "dust")

# One row per (mn, start, factor, stat). value, min, max in unit. stat is that of the mean. Values
# at the reference oxygen are "zs" whoever reckoned them; "range" is pH of a day, "class" the water
# of a section (value 1 to 5, 6 worse than V), "difference" dust less that of its county,
# "exceedances" how often it was above its limit (dust of a day, a stack's hours of a day or a
# month), "lmax night" the loudest moment of a night, "tli" the trophic index of a lake.
# judged is what was compared, rounded, in limit_unit. exceeded is null where nobody can tell:
# mark says why (aqi/means/marks.py, aqi/judging.py), or there is no limit.
ASSESSED = pa.schema(
    [
        ("start", _TIME),
        ("end", _TIME),
        ("mn", pa.string()),
        ("name", pa.string()),
        ("medium", pa.string()),
        ("factor", pa.string()),
        ("item", pa.string()),
        ("stat", pa.string()),
        ("value", pa.float64()),
        ("min", pa.float64()),
        ("max", pa.float64()),
        ("unit", pa.string()),
        ("n", pa.int32()),
        ("need", pa.int32()),
        ("mark", pa.string()),
        ("judged", pa.float64()),
        ("limit", pa.string()),  # "<= 35", "6 - 9"
        ("limit_unit", pa.string()),
        ("limit_source", pa.string()),
        ("limit_own", pa.bool_()),  # of this outlet, not national
        ("exceeded", pa.bool_()),
        ("multiple", pa.float64()),  # by how much of the limit
        ("index", pa.float64()),  # S of surface water against its target class; above 1 missed
        ("grade", pa.int8()),  # class of surface water
        ("words", pa.string()),
        ("revision", pa.int32()),
        ("as_of", _TIME),
    ]
)

# One row per (river, start). method: "shares" of its sections' classes, "means" of fewer than five
# sections, whose class is grade; "none": no section has a class, as those in without.
RIVERS = pa.schema(
    [
        ("start", _TIME),
        ("end", _TIME),
        ("river", pa.string()),
        ("method", pa.string()),
        ("sections", pa.int32()),  # with a class
        ("without", pa.int32()),
        ("shares", pa.list_(pa.float64())),  # percent of classes I to V and worse
        ("good_share", pa.float64()),  # of I to III
        ("worse_share", pa.float64()),  # worse than V
        ("grade", pa.int8()),
        ("quality", pa.string()),
        ("words", pa.string()),
        ("main", pa.string()),  # main pollutants, by multiples or shares of sections
        ("mns", pa.string()),  # joined by ";"
        ("mark", pa.string()),
    ]
)

# One row per (mn, start, factor). kg is what was measured; made_up_kg stands in for hours that
# were lost, by rule; total_kg both. hours of the period are measured, made_up, missing or stopped.
# capture: of the quarter in which the period begins, percent, only where hours of flue gas are
# lost. reported_kg: the instrument's own
# sums of the same hours. mark: "" when no hour is missing, else "short" or "none", and why nothing
# stands in.
EMISSIONS = pa.schema(
    [
        ("start", _TIME),
        ("end", _TIME),
        ("mn", pa.string()),
        ("name", pa.string()),
        ("medium", pa.string()),
        ("factor", pa.string()),
        ("item", pa.string()),
        ("kg", pa.float64()),
        ("made_up_kg", pa.float64()),
        ("total_kg", pa.float64()),
        ("reported_kg", pa.float64()),
        ("flow_m3", pa.float64()),
        ("flow_from", pa.string()),  # "flow", "velocity", ""
        ("hours", pa.int32()),
        ("made_up", pa.int32()),
        ("missing", pa.int32()),
        ("stopped", pa.int32()),
        ("capture", pa.float64()),
        ("rule", pa.string()),
        ("mark", pa.string()),
        ("revision", pa.int32()),  # the largest of the period's hours, of what was measured
        ("as_of", _TIME),
    ]
)


class AssessQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which sites: ``mns``, or those whose region begins with ``region`` ("": all), of these
    ``media``. Moments are naive UTC, the end is not included; periods that overlap are answered
    whole. ``exceeded_only``: only rows above their limit. ``percentiles``: L10, L50 and L90 of
    noise from its readings, too, for hours and days of a few stations."""

    level: AssessLevel
    start: datetime
    end: datetime
    mns: tuple[str, ...] | None = None
    region: str = ""
    media: tuple[str, ...] = MEDIA
    exceeded_only: bool = False
    percentiles: bool = False


class EmissionQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which outlets, as above, of flue gas and waste water; ``by``: how long a row is."""

    by: By
    start: datetime
    end: datetime
    mns: tuple[str, ...] | None = None
    region: str = ""
    media: tuple[str, ...] = ("flue", "wastewater")


class RiverQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rivers of the sections that are chosen as above: those whose site says ``water.river``."""

    level: AssessLevel
    start: datetime
    end: datetime
    mns: tuple[str, ...] | None = None
    region: str = ""
