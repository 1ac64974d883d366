"""One sub-index: exact everywhere, against fractions and against aqi-hub."""

from __future__ import annotations

import exact_index
import pytest
from aqi_hub.aqi_cn.aqi import cal_iaqi_cn
from hypothesis import given
from hypothesis import strategies as st

from aqi.iaqi import iaqi
from aqi.standards import HJ633_2012, HJ633_2026, Standard

VERSIONS = [(2012, HJ633_2012), (2026, HJ633_2026)]
COLUMNS = list(exact_index.COLUMNS)


@pytest.mark.parametrize(("year", "standard"), VERSIONS)
@pytest.mark.parametrize(("pollutant", "average"), COLUMNS)
def test_every_concentration(year: int, standard: Standard, pollutant: str, average: str) -> None:
    """To a tenth past the last node, as text and as float."""
    wrong = [
        text
        for text in exact_index.every_concentration(pollutant, average)
        if not iaqi(standard, pollutant, average, text)
        == iaqi(standard, pollutant, average, float(text))
        == exact_index.sub_index(year, pollutant, average, text)
    ]
    assert wrong == []


@pytest.mark.parametrize("value", [None, -1, "-0.4", float("nan"), float("inf"), "-0.0001"])
def test_nothing_is_never_zero(value: object) -> None:
    """Missing, negative and not finite: no sub-index, though -0.4 would round to 0."""
    assert iaqi(HJ633_2026, "PM2.5", "24h", value) is None  # type: ignore[arg-type]


def test_measured_zero_is_zero() -> None:
    """Clean air has an index."""
    assert iaqi(HJ633_2026, "CO", "1h", 0.04) == iaqi(HJ633_2026, "CO", "1h", 0) == 0


def test_concentration_is_rounded_first() -> None:
    """Ties go to the even digit, then up the slope: CO 2.2 is exactly 55."""
    found = [iaqi(HJ633_2026, "PM2.5", "24h", one) for one in (35.5, 60.5, 61.5)]
    assert found == [52, 100, 102]
    assert [iaqi(HJ633_2026, "CO", "24h", one) for one in (2.05, 2.15, 2.2)] == [50, 55, 55]


@given(st.sampled_from(VERSIONS), st.sampled_from(COLUMNS), st.decimals(0, 4500, places=3))
def test_any_decimals(
    version: tuple[int, Standard], column: tuple[str, str], value: object
) -> None:
    """As fractions say, whatever the decimals."""
    year, standard = version
    expected = exact_index.sub_index(year, *column, str(value))
    assert iaqi(standard, *column, str(value)) == expected


@given(st.sampled_from(COLUMNS), st.floats(0, 5000), st.floats(0, 5000))
def test_more_is_never_better(column: tuple[str, str], one: float, other: float) -> None:
    """The sub-index of 2026 does not fall while the concentration rises."""
    low, high = (iaqi(HJ633_2026, *column, value) for value in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert low <= high


# Where aqi-hub 0.3.3 is known to be wrong: its 24 h column of SO2 carries the 1 h nodes below 800,
# and it rounds up from a float, so that exact whole numbers of CO come out one too high.
CO_TOO_HIGH = {
    "24h": "2.2",
    "1h": "65.4 66.9 68.4 69.9 71.4 72.9 74.4 75.9 129.3 130.8 132.3 133.8 135.3 136.8 138.3 "
    "139.8 141.3 142.8 144.3 145.8 147.3 148.8",
}


@pytest.mark.parametrize(("pollutant", "average"), COLUMNS)
def test_against_aqi_hub(pollutant: str, average: str) -> None:
    """The version of 2026 as that library has it, but for its two known defects."""
    item = f"{pollutant.replace('.', '')}_{average.upper()}"
    differing = {
        text: cal_iaqi_cn(item, float(text)) - ours
        for text in exact_index.every_concentration(pollutant, average)
        if (ours := iaqi(HJ633_2026, pollutant, average, text)) != cal_iaqi_cn(item, float(text))
    }
    if pollutant == "CO":
        assert differing == dict.fromkeys(CO_TOO_HIGH[average].split(), 1)
    elif (pollutant, average) == ("SO2", "24h"):
        assert len(differing) == 796
        assert all(0 < int(text) < 800 for text in differing)
    else:
        assert differing == {}
