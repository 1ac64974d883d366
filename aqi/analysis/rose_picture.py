"""Roses as PNG: bars stacked by class in 16 directions, calm hours as a number in the middle.

Counting is roses.py's. Tests: tests/aqi/test_analysis_pictures.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aqi.analysis.canvas import FAINT, INK, RULE, Canvas
from aqi.analysis.roses import SECTOR_NAMES_ZH, Rose, VectorMean
from aqi.extras import needed

_SLICES = 12
_SPEED_COLOURS = ("#d0e1f2", "#94c4df", "#4a98c9", "#1764ab", "#08306b", "#041533")


def rose_picture(
    rose: Rose,
    font: str,
    title: str,
    when: str,
    *,
    unit: str = "m/s",
    calm_ms: float,
    colours: Sequence[str] = _SPEED_COLOURS,
    wind: VectorMean | None = None,
) -> bytes:
    """The PNG of a wind or pollution rose; bars are shares of all hours, in percent.

    ``colours``: of the classes, the lowest first; ``wind``: the mean vector, for the caption.
    """
    sheet = Canvas(font, 8.6, 7.4)
    axes = sheet.axes(0.75, 1.15, 5.1, 5.1, projection="polar")
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    sectors = len(rose.counts)
    angles = np.arange(sectors) * 2 * np.pi / sectors
    shares = rose.shares() * 100
    top = _round_up(float(shares.sum(axis=1).max(initial=0.0)))
    # The bars stand on a small circle that holds the calm share.
    hole = 0.16 * top
    axes.bar(0.0, hole, width=2 * np.pi, color="white", zorder=2.5)
    foot = np.full(sectors, hole)
    for number in range(shares.shape[1]):
        colour = colours[min(number, len(colours) - 1)]
        axes.bar(
            angles,
            shares[:, number],
            width=2 * np.pi / sectors * 0.86,
            bottom=foot,
            color=colour,
            edgecolor="white",
            lw=0.6,
            zorder=3,
        )
        foot = foot + shares[:, number]
    axes.set_ylim(0, top + hole)
    marks = np.linspace(0, top, 5)[1:]
    axes.set_yticks(marks + hole, [""] * len(marks))
    # Where there is least to hide: between the two sectors with the shortest bars.
    sums = shares.sum(axis=1)
    free = (int((sums + np.roll(sums, -1)).argmin()) + 0.5) * 2 * np.pi / sectors
    _rim_words(sheet, axes, free, marks + hole, [f"{mark:g}%" for mark in marks])
    axes.set_xticks(angles, SECTOR_NAMES_ZH if sectors == 16 else [""] * sectors)
    axes.grid(color=RULE, lw=0.7)
    axes.spines["polar"].set_color(RULE)
    sheet.numbers(axes)
    calm = rose.calm / max(rose.n, 1) * 100
    axes.text(
        0,
        0,
        f"静风\n{calm:.1f}%",
        ha="center",
        va="center",
        fontproperties=sheet.font(8),
        color=INK,
        zorder=6,
    )
    _legend(sheet, rose, unit, colours)
    sheet.title(title, when)
    sheet.caption(_words(rose, calm_ms, unit, wind))
    return sheet.png()


def _rim_words(sheet: Canvas, axes: Any, angle: float, rims: Any, words: list[str]) -> None:
    """Numbers on the circles, readable over whatever lies there."""
    outline = needed("matplotlib.patheffects").withStroke(linewidth=2.2, foreground="white")
    for rim, word in zip(rims, words, strict=True):
        axes.text(
            angle,
            rim,
            word,
            ha="center",
            va="center",
            fontproperties=sheet.font(8),
            color="#555555",
            path_effects=[outline],
            zorder=7,
        )


def _legend(sheet: Canvas, rose: Rose, unit: str, colours: Sequence[str]) -> None:
    patches = needed("matplotlib.patches")
    names = rose.class_names()
    handles = [
        patches.Patch(
            facecolor=colours[min(n, len(colours) - 1)], edgecolor="#999999", linewidth=0.4
        )
        for n in range(len(names))
    ]
    box = sheet.figure.legend(
        handles[::-1],
        list(names)[::-1],
        title=unit,
        prop=sheet.font(9.5),
        title_fontproperties=sheet.font(10),
        loc="upper left",
        bbox_to_anchor=(6.75 / sheet.width, 1 - 1.1 / sheet.height),
        frameon=False,
        alignment="left",
        labelspacing=0.6,
    )
    box.get_title().set_color(INK)


def _words(rose: Rose, calm_ms: float, unit: str, wind: VectorMean | None) -> list[str]:
    line = f"有效 {rose.n} 小时，静风（< {calm_ms:g} m/s）{rose.calm} 小时"
    if rose.skipped:
        line += f"，缺测或异常 {rose.skipped} 小时"
    lines = [line]
    sums = rose.counts.sum(axis=1)
    if sums.any():
        often = int(sums.argmax())
        words = f"最多风向：{_name(often, len(sums))}（{sums[often] / rose.n:.1%}）"
        if rose.what != "speed":
            worst = int(np.nanargmax(rose.mean))
            words += (
                f"；平均浓度最高风向：{_name(worst, len(sums))}"
                f"（{rose.mean[worst]:.1f} {unit}，{sums[worst]} 小时）"
            )
        lines.append(words)
    if wind is not None and wind.n and not np.isnan(wind.direction):
        lines.append(
            f"矢量平均风：{wind.direction:.0f}°，{wind.speed:.1f} m/s，"
            f"稳定度 {wind.steadiness:.2f}"
        )
    return lines


def _name(sector: int, sectors: int) -> str:
    return SECTOR_NAMES_ZH[sector] if sectors == 16 else f"{sector * 360 / sectors:.0f}°"


def _round_up(percent: float) -> float:
    """The next end of the scale: four steps of whole or half numbers."""
    for top in (2.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 32.0, 40.0, 60.0, 80.0):
        if percent <= top:
            return top
    return 100.0


def polar_picture(
    counts: Any,
    mean: Any,
    edges: Sequence[float],
    font: str,
    title: str,
    when: str,
    *,
    unit: str,
    least_hours: int = 3,
) -> bytes:
    """The PNG of a polar frequency: colour is the mean value by direction and speed.

    Cells of fewer than ``least_hours`` are grey: a mean of one hour is no pattern.
    """
    sheet = Canvas(font, 8.6, 7.4)
    axes = sheet.axes(0.75, 1.15, 5.1, 5.1, projection="polar")
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    sectors = len(counts)
    width = 2 * np.pi / sectors
    rims = [0.0, *edges]
    rims.append(rims[-1] + (rims[-1] - rims[-2] if len(rims) > 1 else 1.0))
    seen = np.where(counts >= least_hours, mean, np.nan)
    colour_map = needed("matplotlib").colormaps["YlOrRd"].with_extremes(bad="#e6e6e6")
    axes.grid(False)
    # Cells are cut into slices, so that their rims are round.
    mesh = axes.pcolormesh(
        (np.arange(sectors * _SLICES + 1) / _SLICES - 0.5) * width,
        rims,
        np.ma.masked_invalid(np.repeat(seen.T, _SLICES, axis=1)),
        cmap=colour_map,
    )
    axes.vlines((np.arange(sectors) - 0.5) * width, 0, rims[-1], color="white", lw=0.6)
    axes.set_ylim(0, rims[-1])
    axes.set_yticks(rims[1:-1], [""] * len(edges))
    axes.grid(axis="y", color="white", lw=0.6)
    _rim_words(sheet, axes, 1.5 * width, rims[2:-1:2], [f"{edge:g}" for edge in rims[2:-1:2]])
    axes.set_xticks(
        np.arange(sectors) * width, SECTOR_NAMES_ZH if sectors == 16 else [""] * sectors
    )
    axes.spines["polar"].set_color(RULE)
    sheet.numbers(axes)
    bar = sheet.figure.colorbar(mesh, cax=sheet.axes(6.95, 2.0, 0.22, 3.2))
    bar.outline.set_edgecolor(FAINT)
    bar.ax.set_title(unit, fontproperties=sheet.font(9), color=INK)
    sheet.numbers(bar.ax)
    sheet.title(title, when)
    hours = int(counts.sum())
    sheet.caption(
        [f"半径为风速（m/s），颜色为平均值；少于 {least_hours} 小时的格为灰色；共 {hours} 小时"]
    )
    return sheet.png()
