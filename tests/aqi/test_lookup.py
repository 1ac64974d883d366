"""Sub-indices of arrays are those of single values."""

from __future__ import annotations

import exact_index
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from aqi.iaqi import iaqi
from aqi.lookup import NONE, iaqi_array
from aqi.standards import HJ633_2012, HJ633_2026, Standard

VERSIONS = [(2012, HJ633_2012), (2026, HJ633_2026)]
COLUMNS = list(exact_index.COLUMNS)


@pytest.mark.parametrize(("year", "standard"), VERSIONS)
@pytest.mark.parametrize(("pollutant", "average"), COLUMNS)
def test_arrays_of_every_concentration(
    year: int, standard: Standard, pollutant: str, average: str
) -> None:
    """To a tenth past the last node, against fractions."""
    texts = exact_index.every_concentration(pollutant, average)
    expected = [exact_index.sub_index(year, pollutant, average, text) for text in texts]
    found = iaqi_array(standard, pollutant, average, np.array(texts, dtype=np.float64))
    assert found.dtype == np.int16
    assert found.tolist() == [NONE if one is None else one for one in expected]


@given(
    st.sampled_from(VERSIONS),
    st.sampled_from(COLUMNS),
    arrays.arrays(np.float64, 12, elements=st.floats(-10, 4500)),
)
def test_arrays_of_any_floats(
    version: tuple[int, Standard], column: tuple[str, str], values: np.ndarray
) -> None:
    """One by one and together."""
    single = [iaqi(version[1], *column, one) for one in values.tolist()]
    expected = [NONE if one is None else one for one in single]
    assert iaqi_array(version[1], *column, values).tolist() == expected


def test_arrays_of_ties_of_co() -> None:
    """Hundredths that end in 5 are ties as they read, whatever their binary numbers."""
    texts = [f"{hundredths / 100:.2f}" for hundredths in range(5, 15_000, 10)]
    found = iaqi_array(HJ633_2026, "CO", "1h", np.array([float(text) for text in texts]))
    assert found.tolist() == [exact_index.sub_index(2026, "CO", "1h", text) for text in texts]


def test_single_precision_reads_the_same() -> None:
    """A file's float32 of 2.15 is a tie as well."""
    texts = [f"{hundredths / 100:.2f}" for hundredths in range(15_000)]
    found = iaqi_array(HJ633_2026, "CO", "1h", np.array(texts, dtype=np.float32))
    assert found.tolist() == [exact_index.sub_index(2026, "CO", "1h", text) for text in texts]


def test_nothing_in_arrays() -> None:
    """Missing, negative, infinite: none, in the shape of the array."""
    values = np.array([[np.nan, -0.4], [np.inf, -np.inf], [0.0, 1e300]])
    found = iaqi_array(HJ633_2026, "PM2.5", "24h", values)
    assert found.tolist() == [[NONE, NONE], [NONE, NONE], [0, 500]]
