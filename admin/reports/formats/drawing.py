"""Charts as pictures, drawn by matplotlib with a font for Chinese; no display is needed.

Labels that would overlap are left out or turned, bars without values say so by their absence.
Tests: tests/admin/test_report_formats.py.
"""

from __future__ import annotations

import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from admin.fonts import Font
from admin.reports.document import Chart
from admin.reports.formats.widths import text_width

INCHES = (10.0, 4.6)
DPI = 150
_MOST_LABELS = 16
_FEW = 7  # fewer bars than these are not made wider
_ROOM = 105  # half-width characters of 9 points beside each other on the axis
# Told apart by people who do not see all colours (Okabe and Ito, and four more).
_COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#44AA99",
    "#999933", "#332288", "#7F7F7F",
)  # fmt: skip
_NO_COLOUR = "#C9C9C9"


def draw(chart: Chart, font: Font, height: float = INCHES[1]) -> bytes:
    """The chart as PNG, so many inches high; its letters stay as large."""
    figure = Figure(figsize=(INCHES[0], height), dpi=DPI)
    figure.set_layout_engine(ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    sizes = {size: FontProperties(fname=font.for_matplotlib(), size=size) for size in (9, 10, 13)}
    axes.set_title(chart.heading, fontproperties=sizes[13], pad=10)
    if chart.kind == "pie":
        _pie(axes, chart, sizes[10])
    else:
        _axes(axes, chart, sizes)
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


def _axes(axes: Any, chart: Chart, sizes: dict[int, FontProperties]) -> None:
    match chart.kind:
        case "line":
            _lines(axes, chart)
        case "bar":
            _bars(axes, chart)
        case _:
            _stacked(axes, chart)
    axes.set_ylabel(chart.axis, fontproperties=sizes[10])
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.yaxis.set_major_locator(MaxNLocator(7))
    axes.grid(axis="y", color="#E0E0E0", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    _ticks(axes, chart.labels, sizes[9])
    for label in axes.get_yticklabels():
        label.set_fontproperties(sizes[9])
    if len(chart.series) > 1:
        axes.legend(
            prop=sizes[9],
            frameon=False,
            loc="upper left",
            bbox_to_anchor=(1.0, 1.0),
            borderaxespad=0.3,
        )


def _lines(axes: Any, chart: Chart) -> None:
    places = range(len(chart.labels))
    marker = "o" if len(chart.labels) <= 40 else ""
    for number, series in enumerate(chart.series):
        values = [float("nan") if value is None else value for value in series.values]
        axes.plot(
            places,
            values,
            label=series.name,
            color=series.colour or _colour(number),
            linewidth=1.6,
            marker=marker,
            markersize=3.5,
        )
    axes.margins(x=0.02)


def _bars(axes: Any, chart: Chart) -> None:
    width = 0.8 * min(1.0, max(2, len(chart.labels)) / _FEW) / len(chart.series)
    for number, series in enumerate(chart.series):
        shift = width * (number + 0.5 - len(chart.series) / 2)
        places = [at + shift for at in range(len(chart.labels))]
        heights = [value or 0.0 for value in series.values]
        bars = axes.bar(
            places,
            heights,
            width * 0.92,
            label=series.name,
            color=series.colours or series.colour or _colour(number),
            edgecolor="#8A8A8A" if series.colours else "none",
            linewidth=0.5,
        )
        if len(chart.labels) * len(chart.series) <= 20:
            texts = ["NA" if value is None else f"{value:.10g}" for value in series.values]
            axes.bar_label(bars, texts, padding=2, fontsize=8)
    axes.set_xlim(-0.6, len(chart.labels) - 0.4)


def _stacked(axes: Any, chart: Chart) -> None:
    below = [0.0] * len(chart.labels)
    for number, series in enumerate(chart.series):
        heights = [value or 0.0 for value in series.values]
        if not any(heights):
            continue
        axes.bar(
            range(len(chart.labels)),
            heights,
            0.7 * min(1.0, max(2, len(chart.labels)) / _FEW),
            bottom=below,
            label=series.name,
            color=series.colour or (_NO_COLOUR if chart.kind == "stacked" else _colour(number)),
            edgecolor="#8A8A8A",
            linewidth=0.4,
        )
        below = [low + height for low, height in zip(below, heights, strict=True)]
    axes.set_xlim(-0.6, len(chart.labels) - 0.4)


def _pie(axes: Any, chart: Chart, font: FontProperties) -> None:
    pairs = zip(chart.labels, chart.series[0].values, strict=True)
    parts = [(label, value) for label, value in pairs if value]
    whole = sum(value for _, value in parts)
    wedges, *_ = axes.pie(
        [value for _, value in parts],
        colors=[_colour(number) for number in range(len(parts))],
        startangle=90,
        counterclock=False,
        wedgeprops={"linewidth": 1, "edgecolor": "white"},
    )
    names = [f"{label}  {value:g}（{100 * value / whole:.1f}%）" for label, value in parts]
    axes.legend(
        wedges, names, prop=font, frameon=False, loc="center left", bbox_to_anchor=(1.02, 0.5)
    )


def _ticks(axes: Any, labels: list[str], font: FontProperties) -> None:
    """As many labels as there is room for; long names are turned before any is left out."""
    widest = max((text_width(label) for label in labels), default=1)
    turned = widest * len(labels) > _ROOM and widest > 5
    room = _ROOM // (2.4 if turned else widest + 1.5)
    step = max(1, -(-len(labels) // int(max(1, min(room, 2.5 * _MOST_LABELS)))))
    axes.set_xticks(range(0, len(labels), step), labels[::step])
    for label in axes.get_xticklabels():
        label.set_fontproperties(font)
        if turned:
            label.set(rotation=40, ha="right", rotation_mode="anchor")


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]
