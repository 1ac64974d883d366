"""The three-year mean."""

from __future__ import annotations

import numpy as np

from aqi.exact import mean
from aqi.three_year import three_year_mean


def test_of_unrounded_statistics() -> None:
    """(34.4 + 35.6 + 35.8) / 3 = 35.27; a missing year leaves none."""
    years = [
        mean(np.array([[one], [other]])) for one, other in [(34.4, 1), (35.6, np.nan), (35.8, 3)]
    ]
    found = three_year_mean(years[2][0], years[1][0], years[0][0])
    np.testing.assert_array_equal(found.rounded(2), [35.27, np.nan])
