"""Pictures of roses, shares, patterns and calendars: opened again, looked at by their colours."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from PIL import Image

from admin.fonts import find_font
from aqi.analysis.calendar_table import calendar_table
from aqi.analysis.patterns import patterns
from aqi.analysis.pictures import calendar_picture, pattern_picture, share_picture
from aqi.analysis.primary_share import primary_shares
from aqi.analysis.rose_picture import polar_picture, rose_picture
from aqi.analysis.roses import polar_frequency, pollution_rose, vector_mean, wind_rose
from aqi.analysis.trend_picture import trend_picture
from aqi.analysis.trend_tests import monotonic_trend
from aqi.trend import trend

RANDOM = np.random.default_rng(8)
DIRECTION, SPEED = RANDOM.normal(90, 40, 500) % 360, RANDOM.gamma(2, 1, 500)
VALUES = RANDOM.random(500) * 100


@pytest.fixture(scope="module")
def font() -> str:
    """A font that draws Chinese."""
    return find_font().for_matplotlib()


def pixels(png: bytes) -> Any:
    """Rows, columns and three colours."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def share(image: Any, colour: str, off: int = 30) -> float:
    """The part of the picture that has about this colour."""
    rgb = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
    return float((np.abs(image - rgb).sum(axis=2) < off).mean())


def test_wind_rose(font: str) -> None:
    """Bars lie to the east, whence the wind comes."""
    rose = wind_rose(DIRECTION, SPEED)
    png = rose_picture(
        rose, font, "风玫瑰图", "2026年", calm_ms=0.5, wind=vector_mean(DIRECTION, SPEED)
    )
    image = pixels(png)
    assert image.shape == (888, 1032, 3)
    blue = (np.abs(image - [0x94, 0xC4, 0xDF]).sum(axis=2) < 30)[:, :760]
    assert blue[:, 400:].sum() > 5 * blue[:, :400].sum()


def test_pollution_rose_and_polar_frequency(font: str) -> None:
    """Colours of the classes are the given ones; a picture of nothing is one, too."""
    rose = pollution_rose(DIRECTION, SPEED, VALUES, (35, 75), what="PM2.5")
    colours = ("#00E400", "#FFFF00", "#FF7E00")
    png = rose_picture(rose, font, "污染玫瑰图", "", unit="μg/m³", calm_ms=0.5, colours=colours)
    for colour in colours:
        assert share(pixels(png), colour) > 0.005
    found = polar_frequency(DIRECTION, SPEED, VALUES)
    image = pixels(
        polar_picture(found.counts, found.mean, found.edges, font, "风向风速", "", unit="μg/m³")
    )
    assert share(image, "#e6e6e6", 10) > 0.1
    empty = rose_picture(wind_rose([], []), font, "风玫瑰图", "", calm_ms=0.5)
    assert share(pixels(empty), "#ffffff", 5) > 0.9


def test_share_pie(font: str) -> None:
    """A half is a half of the ring; without pollution there is a sentence."""
    rows = [(80, "PM2.5")] * 5 + [(80, "O3")] * 5
    image = pixels(share_picture(primary_shares(rows), font, "首要污染物", "2026年"))
    orange, green = share(image, "#E69F00"), share(image, "#009E73")
    assert orange > 0.03
    assert orange == pytest.approx(green, rel=0.1)
    clean = pixels(share_picture(primary_shares([]), font, "首要污染物", "2026年"))
    assert share(clean, "#ffffff", 5) > 0.95


@pytest.mark.parametrize("cycle", ["hour", "weekday", "month", "weekhour"])
def test_patterns(font: str, cycle: Any) -> None:
    """Two lines in two colours; gaps where there are no values."""
    starts = np.datetime64("2026-01-01", "us") + np.arange(500) * np.timedelta64(1, "h")
    made = patterns(starts, {"PM2.5": VALUES, "O3": VALUES / 2}, cycle)
    image = pixels(pattern_picture(made, font, "变化", "2026年", unit="μg/m³"))
    assert image.shape == (624, 1152, 3)
    assert share(image, "#0072B2") > 0.0001
    assert share(image, "#D55E00") > 0.0001


@pytest.mark.parametrize("count", [12, 3])
def test_trend(font: str, count: int) -> None:
    """Points and a line; without a line where there are too few."""
    years = [2020 + n / 12 for n in range(count)]
    values: list[float | None] = [50 - n + n % 2 for n in range(count)]
    points = [(year, one, one) for year, one in zip(years, values, strict=True)]
    points += [(years[-1] + 1 / 12, 60.0, None), (years[-1] + 2 / 12, None, None)]
    found = monotonic_trend(years, [float(one or 0) for one in values])
    drawn = trend_picture(
        points, trend(values), found, font, "趋势", "2020年", unit="μg/m³", deseasoned=True
    )
    image = pixels(drawn)
    assert image.shape == (648, 1152, 3)
    assert share(image, "#0072B2") > 0.0001
    assert (share(image, "#D55E00") > 0.0005) == (count == 12)


def test_calendar(font: str) -> None:
    """Two months in one row, a year in three; green days are green, missing ones grey."""
    days: dict[date, int | None] = {date(2026, 3, 1) + timedelta(n): 30 for n in range(40)}
    two = pixels(
        calendar_picture(
            calendar_table(date(2026, 3, 1), date(2026, 4, 30), days), font, "日历", "2026年"
        )
    )
    year = pixels(
        calendar_picture(
            calendar_table(date(2026, 1, 1), date(2026, 12, 31), days), font, "日历", "2026年"
        )
    )
    assert two.shape[1] == year.shape[1] == 1440
    assert year.shape[0] > 2 * two.shape[0]
    assert share(two, "#26E826", 40) > 0.03
