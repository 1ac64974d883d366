"""Means of the instruments against ours. Tests: tests/aqi/means/test_compare.py."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa

from aqi.means.rows import floats


class Tolerance(msgspec.Struct, frozen=True):
    """How far two means may differ and still be the same: the larger of the two bounds. A choice
    of this platform; 0.05 and 0.1 forgive what instruments round."""

    relative: float = 0.05
    absolute: float = 0.1


def compared(rows: pa.Table, tolerance: Tolerance | None = None) -> pa.Table:
    """``rows`` of which both sides are known, with ``difference`` (reported - computed),
    ``relative`` (to computed; null where that is zero) and ``within`` the tolerance.

    Directions differ by the shorter way round.
    """
    bounds = tolerance or Tolerance()
    reported, computed = floats(rows, "reported"), floats(rows, "computed")
    both = np.flatnonzero(~np.isnan(reported) & ~np.isnan(computed))
    found = rows.take(pa.array(both))
    difference = reported[both] - computed[both]
    turning = np.asarray(found["stat"].to_numpy(zero_copy_only=False) == "vector", bool)
    difference = np.where(turning, (difference + 180.0) % 360.0 - 180.0, difference)
    difference = np.round(difference, 9)
    size = np.abs(computed[both])
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(size > 0, difference / size, np.nan)
    allowed = np.maximum(bounds.absolute, np.where(turning, 0.0, bounds.relative * size))
    for name, values in (("difference", difference), ("relative", relative)):
        found = found.append_column(name, pa.array(values, pa.float64(), from_pandas=True))
    return found.append_column("within", pa.array(np.abs(difference) <= allowed))
