"""A surface as PNG: colours of levels, stations with their values, legend and error in Chinese.

Drawn with matplotlib's Agg, without a display and without a map of anybody else's underneath;
borders may be laid over it from a GeoJSON. Tests: tests/aqi/test_map_picture.py.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aqi.extras import needed
from aqi.maps.bands import band_at, bands_of_index, smooth_index
from aqi.maps.contours import polygons
from aqi.maps.plane import Plane
from aqi.maps.surface import Surface
from aqi.standards import STANDARDS, missing_colour

Floats = NDArray[np.float64]
Style = Literal["levels", "smooth"]

_WIDTH_IN = 10.0
_MAP_LEFT_IN, _MAP_WIDTH_IN = 0.75, 7.35
_TOP_IN, _CAPTION_IN, _LINE_IN = 0.85, 0.52, 0.21
_LEAST_HEIGHT_IN, _MOST_HEIGHT_IN = 3.4, 9.5
_MOST_LABELS = 60
_MOST_NOTES = 4
_INK, _FAINT = "#222222", "#8a8a8a"


@dataclass(frozen=True)
class Dress:
    """How a picture looks, beside its numbers.

    ``font``: path of a font with Chinese glyphs; ``title`` "杭州市 PM2.5", ``when`` the period in
    Beijing time; ``borders``: lines in degrees (WGS-84) as arrays of rows lon, lat; ``style``
    "levels": one colour a level, "smooth": colours run into each other.
    """

    font: str
    title: str = ""
    when: str = ""
    style: Style = "levels"
    borders: Sequence[Floats] = field(default_factory=tuple)
    dpi: int = 120


def draw(surface: Surface, dress: Dress) -> bytes:
    """The PNG. ExtraMissing without matplotlib; OSError when the font cannot be read."""
    pen = _Pen(surface, dress)
    pen.ground()
    pen.borders()
    pen.stations()
    pen.scale_bar()
    pen.legend()
    pen.words()
    return pen.png()


def borders_of(text: str) -> list[Floats]:
    """The lines of a GeoJSON's polygons and line strings, degrees; ValueError when it is none."""
    try:
        whole = json.loads(text)
        lines: list[Floats] = []
        _collect(whole, lines)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the borders are no GeoJSON: {error}") from error
    if not lines:
        raise ValueError("the borders hold no polygon and no line")
    return lines


def _collect(part: Any, lines: list[Floats]) -> None:
    kind = part["type"]
    if kind == "FeatureCollection":
        for one in part["features"]:
            _collect(one, lines)
    elif kind == "Feature":
        if part["geometry"]:
            _collect(part["geometry"], lines)
    elif kind == "GeometryCollection":
        for one in part["geometries"]:
            _collect(one, lines)
    elif kind in ("LineString", "MultiLineString", "Polygon", "MultiPolygon"):
        depth = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}[kind]
        lines += _rings(part["coordinates"], depth)


def _rings(coordinates: Any, depth: int) -> list[Floats]:
    if depth == 0:
        return [np.array([point[:2] for point in coordinates], dtype=np.float64).reshape(-1, 2)]
    return [ring for one in coordinates for ring in _rings(one, depth - 1)]


class _Pen:
    """One figure and the steps that fill it."""

    def __init__(self, surface: Surface, dress: Dress) -> None:
        self.surface = surface
        self.dress = dress
        left, right, bottom, top = surface.grid.extent()
        aspect = (top - bottom) / (right - left)
        map_height = float(np.clip(_MAP_WIDTH_IN * aspect, _LEAST_HEIGHT_IN, _MOST_HEIGHT_IN))
        self.notes = [note.chinese() for note in surface.notes[:_MOST_NOTES]]
        if len(surface.notes) > _MOST_NOTES:
            self.notes.append(f"另有 {len(surface.notes) - _MOST_NOTES} 条说明")
        below = _CAPTION_IN + _LINE_IN * (2 + len(self.notes))
        self.height = map_height + _TOP_IN + below
        self.figure = needed("matplotlib.figure").Figure(
            figsize=(_WIDTH_IN, self.height), dpi=dress.dpi, facecolor="white"
        )
        self.axes = self.figure.add_axes(
            (
                _MAP_LEFT_IN / _WIDTH_IN,
                below / self.height,
                _MAP_WIDTH_IN / _WIDTH_IN,
                map_height / self.height,
            )
        )
        # Metres are as long upwards as sideways: what the frame has too much of is empty ground.
        wide = max(right - left, (top - bottom) * _MAP_WIDTH_IN / map_height)
        high = wide * map_height / _MAP_WIDTH_IN
        self.axes.set_xlim((left + right - wide) / 2, (left + right + wide) / 2)
        self.axes.set_ylim((bottom + top - high) / 2, (bottom + top + high) / 2)
        self.axes.autoscale(False)
        self.axes.set_facecolor("#f4f5f7")

    def font(self, size: float) -> Any:
        """The given font in a size."""
        return needed("matplotlib.font_manager").FontProperties(fname=self.dress.font, size=size)

    def ground(self) -> None:
        """The field itself, and the rim of the network."""
        patches = needed("matplotlib.patches")
        areas = polygons(self.surface)
        if self.dress.style == "levels":
            for band, area in areas:
                self.axes.add_patch(
                    patches.PathPatch(
                        _path(area), facecolor=band.colour, edgecolor="none", alpha=0.82, zorder=1
                    )
                )
                self.axes.add_patch(
                    patches.PathPatch(
                        _path(area), facecolor="none", edgecolor="white", lw=0.5, zorder=2
                    )
                )
        elif areas:
            self._smooth_ground()
        if areas:
            rim = patches.PathPatch(
                _path(self.surface.reach), facecolor="none", edgecolor=_FAINT, lw=0.8, zorder=3
            )
            self.axes.add_patch(rim)

    def _smooth_ground(self) -> None:
        surface = self.surface
        index = surface.values
        if surface.what != "AQI":
            standard = STANDARDS[surface.standard]
            index = smooth_index(standard, surface.what, surface.mode, index)
        image = self.axes.imshow(
            np.ma.masked_invalid(index),
            extent=surface.grid.extent(),
            origin="lower",
            cmap=_running_colours(),
            vmin=0,
            vmax=400,
            interpolation="bilinear",
            alpha=0.85,
            zorder=1,
            aspect="auto",
        )
        image.set_clip_path(
            needed("matplotlib.patches").PathPatch(
                _path(surface.reach), transform=self.axes.transData
            )
        )

    def borders(self) -> None:
        """Lines of administration, above the colours."""
        plane = self.surface.grid.plane
        for line in self.dress.borders:
            x, y = plane.forward(line[:, 0], line[:, 1])
            self.axes.plot(x, y, color="#4a4a4a", lw=0.7, zorder=4)

    def stations(self) -> None:
        """Dots in the colour of their own value; numbers when there is room for them."""
        surface = self.surface
        have = ~np.isnan(surface.measured)
        size = 34 if len(surface.names) <= _MOST_LABELS else 14
        points = surface.points
        self.axes.scatter(
            points[~have, 0], points[~have, 1], marker="x", s=size, c=_FAINT, lw=1.2, zorder=5
        )
        colours = []
        for value in surface.measured[have]:
            # Judged as it is published: rounded first.
            band = band_at(surface.bands, float(surface.show(float(value))))
            colours.append(missing_colour() if band is None else band.colour)
        self.axes.scatter(
            points[have, 0],
            points[have, 1],
            s=size,
            c=colours,
            edgecolors="black",
            lw=0.9,
            zorder=6,
        )
        if len(surface.names) > _MOST_LABELS:
            return
        outline = needed("matplotlib.patheffects").withStroke(linewidth=2.2, foreground="white")
        spots = points[have]
        for spot, value in zip(spots, surface.measured[have], strict=True):
            up = not self._crowded_above(spot, spots)
            self.axes.annotate(
                surface.show(float(value)),
                spot,
                xytext=(0, 6 if up else -6),
                textcoords="offset points",
                ha="center",
                va="bottom" if up else "top",
                fontproperties=self.font(8.5),
                color=_INK,
                path_effects=[outline],
                zorder=7,
            )

    def _crowded_above(self, spot: Floats, spots: Floats) -> bool:
        """Another station stands where the number would."""
        left, right = self.axes.get_xlim()
        metres_an_inch = (right - left) / _MAP_WIDTH_IN
        off = (spots - spot) / metres_an_inch
        near = (np.abs(off[:, 0]) < 0.25) & (off[:, 1] >= 0) & (off[:, 1] < 0.28)
        return bool((near & (np.hypot(off[:, 0], off[:, 1]) > 0)).any())

    def scale_bar(self) -> None:
        """A length in km, and degrees along the rim."""
        left, right = self.axes.get_xlim()
        bottom, top = self.axes.get_ylim()
        metres = _round_length((right - left) * 0.2)
        x, y = left + 0.03 * (right - left), bottom + 0.035 * (top - bottom)
        self.axes.plot(
            [x, x + metres], [y, y], color=_INK, lw=2.4, zorder=8, solid_capstyle="butt"
        )
        text = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
        self.axes.annotate(
            text,
            (x + metres / 2, y),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontproperties=self.font(8),
            color=_INK,
            zorder=8,
        )
        plane = self.surface.grid.plane
        along, along_words = _ticks(plane, (left, right), bottom, east=True)
        up, up_words = _ticks(plane, (bottom, top), left, east=False)
        self.axes.set_xticks(along, along_words)
        self.axes.set_yticks(up, up_words)
        for label in (*self.axes.get_xticklabels(), *self.axes.get_yticklabels()):
            label.set_fontproperties(self.font(8))
            label.set_color(_FAINT)
        self.axes.tick_params(color=_FAINT, length=3)
        for edge in self.axes.spines.values():
            edge.set_color("#b5b5b5")

    def legend(self) -> None:
        """The levels from bad to good, with their range, and what a cross means."""
        surface = self.surface
        patches, lines = needed("matplotlib.patches"), needed("matplotlib.lines")
        handles: list[Any] = [
            patches.Patch(facecolor=band.colour, edgecolor="#888888", lw=0.4)
            for band in reversed(surface.bands)
        ]
        whole = surface.what == "AQI"
        words = [f"{band.category}  {band.range_text(whole)}" for band in reversed(surface.bands)]
        dot = {"marker": "o", "markeredgecolor": "black", "markersize": 6, "linestyle": "none"}
        handles.append(lines.Line2D([], [], markerfacecolor="white", **dot))
        words.append("站点（实测值）")
        if np.isnan(surface.measured).any():
            handles.append(lines.Line2D([], [], color=_FAINT, marker="x", linestyle="none"))
            words.append("站点（无有效值）")
        unit = f"（{surface.unit}）" if surface.unit else ""
        box = self.figure.legend(
            handles,
            words,
            title=f"{surface.what}{unit}",
            prop=self.font(9.5),
            title_fontproperties=self.font(10.5),
            loc="upper left",
            bbox_to_anchor=(
                (_MAP_LEFT_IN + _MAP_WIDTH_IN + 0.12) / _WIDTH_IN,
                1 - (_TOP_IN - 0.06) / self.height,
            ),
            frameon=False,
            alignment="left",
            handlelength=1.5,
            handleheight=1.2,
            labelspacing=0.55,
        )
        box.get_title().set_color(_INK)

    def words(self) -> None:
        """Title above; method, error and notes below."""
        surface, dress = self.surface, self.dress
        self._line(_TOP_IN - 0.38, dress.title or f"{surface.what} 分布图", 16, _INK)
        self._line(_TOP_IN - 0.12, dress.when, 10.5, "#555555")
        unit = f" {surface.unit}" if surface.unit else ""
        loo = "留一交叉检验：站点不足，无法给出误差"
        if surface.score.n:
            loo = (
                f"留一交叉检验（{surface.score.n} 站）：RMSE {surface.score.rmse:.1f}{unit}，"
                f"MAE {surface.score.mae:.1f}{unit}，偏差 {surface.score.bias:+.1f}{unit}"
            )
        if surface.level_hits is not None and surface.score.n:
            loo += f"，级别一致 {surface.level_hits}/{surface.score.n}"
        how = (
            f"插值：{surface.how[0]}；先插值浓度再计算指数"
            if surface.what == "AQI"
            else f"插值：{surface.how[0]}"
        )
        how += (
            f"；分级依据 {surface.standard}；{surface.grid.plane.name}，"
            f"网格 {_metres(surface.grid.cell_m)}"
        )
        lines = [loo, how, *(f"※ {note}" for note in self.notes)]
        for number, text in enumerate(reversed(lines)):
            colour = "#a04000" if text.startswith("※") else "#444444"
            self._line(self.height - 0.16 - number * _LINE_IN, text, 8.5, colour)

    def _line(self, down_in: float, text: str, size: float, colour: str) -> None:
        self.figure.text(
            _MAP_LEFT_IN / _WIDTH_IN,
            1 - down_in / self.height,
            text,
            fontproperties=self.font(size),
            color=colour,
            va="baseline",
        )

    def png(self) -> bytes:
        """The finished picture."""
        needed("matplotlib.backends.backend_agg").FigureCanvasAgg(self.figure)
        file = io.BytesIO()
        self.figure.savefig(file, format="png", metadata={"Software": "hj212d"})
        return file.getvalue()


def _path(area: Any) -> Any:
    """A polygon with holes, or several, as one path."""
    path, shapely = needed("matplotlib.path").Path, needed("shapely")
    rings = [
        path(np.asarray(ring.coords)[:, :2], closed=True)
        for one in shapely.get_parts(shapely.orient_polygons(area))
        for ring in (one.exterior, *one.interiors)
    ]
    return path.make_compound_path(*rings)


def _running_colours() -> Any:
    """The colours of the levels, each at the middle of its range of the index."""
    middles = (0.0, 25.0, 75.0, 125.0, 175.0, 250.0, 400.0)
    bands = bands_of_index()
    stops = [(0.0, bands[0].colour)]
    stops += [(at / 400.0, band.colour) for at, band in zip(middles[1:], bands, strict=True)]
    return needed("matplotlib.colors").LinearSegmentedColormap.from_list("aqi", stops, N=512)


def _round_length(metres: float) -> float:
    """1, 2 or 5 times a power of ten, not longer."""
    power = 10.0 ** np.floor(np.log10(metres))
    return float(max(step for step in (1, 2, 5) if step * power <= metres) * power)


def _metres(cell_m: float) -> str:
    return f"{cell_m / 1000:.1f} km" if cell_m >= 1000 else f"{cell_m:.0f} m"


def _ticks(
    plane: Plane, span: tuple[float, float], across: float, *, east: bool
) -> tuple[list[float], list[str]]:
    """Where round degrees cross a rim of the map, and their words."""
    along = np.linspace(*span, 400)
    other = np.full(400, across)
    lon, lat = plane.back(along, other) if east else plane.back(other, along)
    degrees = lon if east else lat
    low, high = float(degrees[0]), float(degrees[-1])
    if not high > low:
        return [], []
    step = next(
        (s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if (high - low) / s <= 7),
        10.0,
    )
    marks = np.arange(np.ceil(low / step) * step, high, step)
    decimals = 2 if step < 0.1 else 1 if step < 1 else 0
    letter = "E" if east else "N"
    return (
        [float(np.interp(mark, degrees, along)) for mark in marks],
        [f"{mark:.{decimals}f}°{letter}" for mark in marks],
    )
