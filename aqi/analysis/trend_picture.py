"""A trend as PNG: the values, the line of Theil and Sen, and what the tests say below.

Tests: tests/aqi/test_analysis_pictures.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aqi.analysis.canvas import FAINT, LINES, Canvas
from aqi.analysis.trend_tests import MonotonicTrend
from aqi.trend import Trend

_WORDS = {"rising": "上升", "falling": "下降", "none": "无显著趋势", "too_few": "数据不足"}


def trend_picture(
    points: Sequence[tuple[float, float | None, float | None]],
    spearman: Trend,
    found: MonotonicTrend,
    font: str,
    title: str,
    when: str,
    *,
    unit: str,
    deseasoned: bool,
) -> bytes:
    """``points``: year with its fraction, value, and what was tested; a value that does not count
    is a hollow point."""
    sheet = Canvas(font, 9.6, 5.4)
    axes = sheet.axes(0.85, 1.15, 8.3, 3.05)
    years, values, tested = (
        np.array([np.nan if each is None else each for each in column], np.float64)
        for column in zip(*points, strict=True)
    )
    counts = ~np.isnan(tested)
    axes.plot(years, np.where(counts, values, np.nan), color=LINES[4], lw=1.2, zorder=1)
    axes.scatter(years[counts], values[counts], color=LINES[0], s=18, zorder=3)
    left = ~counts & ~np.isnan(values)
    axes.scatter(years[left], values[left], facecolor="white", edgecolor=FAINT, s=18, zorder=2)
    if not np.isnan(found.slope):
        ends = years[counts][[0, -1]]
        axes.plot(ends, found.start + found.slope * ends, color=LINES[1], lw=2, zorder=4)
    axes.set_ylabel(unit, fontproperties=sheet.font(9), color="#555555")
    axes.ticklabel_format(axis="x", useOffset=False)
    axes.locator_params(axis="x", integer=bool(np.ptp(years) > 2))
    sheet.plain(axes)
    sheet.title(title, when)
    sheet.caption([_sen(found, unit), _tests(spearman, found, deseasoned)])
    return sheet.png()


def _sen(found: MonotonicTrend, unit: str) -> str:
    if np.isnan(found.slope):
        return "空心点不参与检验"
    return (
        f"Theil-Sen 斜率每年 {found.slope:+.3g} {unit}（95 %：{found.low:+.3g} 至 "
        f"{found.high:+.3g}）；空心点不参与检验"
    )


def _tests(spearman: Trend, found: MonotonicTrend, deseasoned: bool) -> str:
    words = f"秩相关（HJ 663）：{_WORDS[spearman.direction]}"
    if spearman.r is not None:
        words += f"，r = {spearman.r:.3f}，临界值 {spearman.critical:.3f}"
    words += f"；Mann-Kendall：{_WORDS[found.direction]}"
    if not np.isnan(found.p):
        words += f"，p = {found.p:.3g}"
    return words + ("；已去除季节变化" if deseasoned else "")
