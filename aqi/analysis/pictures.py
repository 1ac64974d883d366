"""Shares, patterns and calendars as PNG. Counting is done in the files of their own.

Tests: tests/aqi/test_analysis_pictures.py.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aqi.analysis.calendar_table import Day, days_by_level
from aqi.analysis.canvas import INK, LINES, RULE, Canvas
from aqi.analysis.patterns import Cycle, Pattern
from aqi.analysis.primary_share import Shares
from aqi.extras import needed
from aqi.standards import levels, missing_colour

_POLLUTANT_COLOURS = {
    "PM2.5": "#E69F00",
    "PM10": "#8C6D31",
    "SO2": "#CC79A7",
    "NO2": "#56B4E9",
    "CO": "#7F7F7F",
    "O3": "#009E73",
}
_CYCLES: dict[Cycle, str] = {
    "hour": "时刻（时标为该小时结束，北京时间）",
    "weekday": "星期",
    "month": "月份",
    "weekhour": "一周内的小时",
}
_WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")


def share_picture(shares: Shares, font: str, title: str, when: str) -> bytes:
    """The share pie of primary pollutants, largest first, with counts."""
    sheet = Canvas(font, 8.0, 6.0)
    axes = sheet.axes(0.5, 0.85, 4.2, 4.2)
    order = sorted(shares.counts.items(), key=lambda item: -item[1])
    names = [name for name, _ in order]
    counts = [float(count) for _, count in order]
    if counts:
        wedges = axes.pie(
            counts,
            colors=[_POLLUTANT_COLOURS[name] for name in names],
            startangle=90,
            counterclock=False,
            wedgeprops={"width": 0.42, "edgecolor": "white", "linewidth": 1.5},
        )[0]
        parts = shares.parts()
        words = [
            f"{name}   {parts[name]:.1%}（{count:g}）"
            for name, count in zip(names, counts, strict=True)
        ]
        sheet.figure.legend(
            wedges,
            words,
            prop=sheet.font(11),
            loc="center left",
            bbox_to_anchor=(5.0 / sheet.width, 0.5),
            frameon=False,
            labelspacing=0.9,
        )
    else:
        axes.set_axis_off()
    axes.text(
        0 if counts else 0.5,
        0 if counts else 0.5,
        f"{shares.polluted}\nAQI > {shares.above}" if counts else "无首要污染物",
        ha="center",
        va="center",
        fontproperties=sheet.font(13),
        color=INK,
    )
    rule = "并列时各计一次" if shares.ties == "each" else "并列时平分"
    sheet.title(title, when)
    sheet.caption(
        [
            f"AQI > {shares.above}：{shares.polluted} 个时段（并列 {shares.tied}，{rule}）；"
            f"AQI ≤ {shares.above}：{shares.clean}；无 AQI：{shares.without}"
        ]
    )
    return sheet.png()


def pattern_picture(
    made: Mapping[str, Pattern], font: str, title: str, when: str, *, unit: str
) -> bytes:
    """Lines of means with the band of their quartiles; one pollutant or several of one unit."""
    sheet = Canvas(font, 9.6, 5.2)
    axes = sheet.axes(0.85, 1.05, 8.3, 2.95)
    for number, (what, one) in enumerate(made.items()):
        colour = LINES[number % len(LINES)]
        axes.fill_between(one.keys, one.low, one.high, color=colour, alpha=0.14, lw=0)
        axes.plot(one.keys, one.mean, color=colour, lw=1.8, marker="o", ms=3.5, label=what)
    first = next(iter(made.values()))
    axes.set_xlim(first.keys[0] - 0.5, first.keys[-1] + 0.5)
    axes.set_ylim(bottom=0)
    axes.set_xticks(*_key_words(first.cycle))
    axes.set_xlabel(_CYCLES[first.cycle], fontproperties=sheet.font(9), color="#555555")
    axes.set_ylabel(unit, fontproperties=sheet.font(9), color="#555555")
    sheet.plain(axes)
    if len(made) > 1:
        sheet.figure.legend(
            *axes.get_legend_handles_labels(),
            prop=sheet.font(9.5),
            loc="upper right",
            ncols=6,
            bbox_to_anchor=(1 - 0.4 / sheet.width, 1 - 0.75 / sheet.height),
            frameon=False,
        )
    sheet.title(title, when)
    counts = np.concatenate([one.n for one in made.values()])
    sheet.caption([f"线为平均值，带为四分位区间；每点 {counts.min()} 至 {counts.max()} 个有效值"])
    return sheet.png()


def _key_words(cycle: Cycle) -> tuple[list[int], list[str]]:
    if cycle == "hour":
        return list(range(1, 25)), [str(hour) for hour in range(1, 25)]
    if cycle == "weekday":
        return list(range(1, 8)), [f"周{name}" for name in _WEEKDAYS]
    if cycle == "month":
        return list(range(1, 13)), [f"{month}月" for month in range(1, 13)]
    return [1 + 24 * day for day in range(7)], [f"周{name}" for name in _WEEKDAYS]


def calendar_picture(months: Mapping[str, list[Day]], font: str, title: str, when: str) -> bytes:
    """Months in rows of four; each day a square in the colour of its level, with its value."""
    rows = -(-len(months) // 4)
    sheet = Canvas(font, 12.0, 1.75 + rows * 2.55)
    patches = needed("matplotlib.patches")
    colours = {level.level: level.hex for level in levels()}
    for number, (month, days) in enumerate(months.items()):
        row, column = divmod(number, 4)
        axes = sheet.axes(
            0.4 + column * 2.85, sheet.height - 1.15 - (row + 1) * 2.55 + 0.25, 2.6, 2.1
        )
        axes.set_xlim(-0.05, 7.05)
        axes.set_ylim(6.05, -0.85)
        axes.set_axis_off()
        axes.text(
            0, -1.0, _month_words(month), fontproperties=sheet.font(10.5), color=INK, va="bottom"
        )
        for place, name in enumerate(_WEEKDAYS):
            axes.text(
                place + 0.5,
                -0.12,
                name,
                ha="center",
                va="bottom",
                fontproperties=sheet.font(7.5),
                color="#8a8a8a",
            )
        for day in days:
            colour = colours[day.level] if day.level else missing_colour()
            axes.add_patch(
                patches.Rectangle(
                    (day.weekday + 0.04, day.week + 0.05), 0.92, 0.9, facecolor=colour, alpha=0.85
                )
            )
            dark = (day.level or 0) >= 5
            ink = "white" if dark else INK
            axes.text(
                day.weekday + 0.12,
                day.week + 0.36,
                str(day.day.day),
                fontproperties=sheet.font(5.5),
                color=ink,
                alpha=0.75,
            )
            axes.text(
                day.weekday + 0.54,
                day.week + 0.8,
                "" if day.value is None else str(day.value),
                ha="center",
                fontproperties=sheet.font(8),
                color=ink,
            )
    sheet.title(title, when)
    counts = days_by_level(months)
    handles = [
        patches.Patch(facecolor=level.hex, edgecolor=RULE, linewidth=0.5, alpha=0.85)
        for level in levels()
    ]
    words = [f"{level.category} {counts[level.level]} 天" for level in levels()]
    handles.append(patches.Patch(facecolor=missing_colour(), edgecolor=RULE, linewidth=0.5))
    words.append(f"无数据 {counts[0]} 天")
    sheet.figure.legend(
        handles,
        words,
        prop=sheet.font(9),
        loc="lower left",
        bbox_to_anchor=(0.32 / sheet.width, 0.08 / sheet.height),
        ncols=7,
        frameon=False,
    )
    return sheet.png()


def _month_words(month: str) -> str:
    year, number = month.split("-")
    return f"{year}年{int(number)}月"
