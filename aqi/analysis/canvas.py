"""A sheet for charts: one figure, one font with Chinese glyphs, a title, a caption, a PNG.

What is drawn on it is the pictures' own. Tests: tests/aqi/test_analysis_pictures.py.
"""

from __future__ import annotations

import io
from typing import Any

from aqi.extras import needed

INK, FAINT, RULE = "#222222", "#8a8a8a", "#d5d8dc"
# Line colours that stay apart for colour-blind eyes (Okabe and Ito 2008).
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")


class Canvas:
    """``font``: path of a font with Chinese glyphs; sizes in inches."""

    def __init__(self, font: str, width: float, height: float, dpi: int = 120) -> None:
        self._font = font
        self.width, self.height = width, height
        self.figure = needed("matplotlib.figure").Figure(
            figsize=(width, height), dpi=dpi, facecolor="white"
        )

    def font(self, size: float) -> Any:
        """The given font in a size."""
        return needed("matplotlib.font_manager").FontProperties(fname=self._font, size=size)

    def axes(self, left: float, bottom: float, width: float, height: float, **how: Any) -> Any:
        """Axes at these inches from the lower left corner."""
        return self.figure.add_axes(
            (left / self.width, bottom / self.height, width / self.width, height / self.height),
            **how,
        )

    def title(self, text: str, below: str = "") -> None:
        """The title at the upper left, a smaller line under it."""
        self._line(0.4, 0.48, text, 15, INK)
        self._line(0.4, 0.76, below, 10, "#555555")

    def caption(self, lines: list[str]) -> None:
        """Lines at the lower left, the last one lowest."""
        for number, text in enumerate(reversed(lines)):
            self._line(0.4, self.height - 0.16 - number * 0.2, text, 8.5, "#555555")

    def plain(self, axes: Any) -> None:
        """Thin rules, no box, the given font on all numbers."""
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("bottom", "left"))
            spine.set_color(RULE)
        axes.grid(axis="y", color=RULE, lw=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(color=RULE, length=3)
        self.numbers(axes)

    def numbers(self, axes: Any) -> None:
        """The given font on the numbers of axes."""
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_fontproperties(self.font(8.5))
            label.set_color("#555555")

    def png(self) -> bytes:
        """The finished picture."""
        needed("matplotlib.backends.backend_agg").FigureCanvasAgg(self.figure)
        file = io.BytesIO()
        self.figure.savefig(file, format="png", metadata={"Software": "hj212d"})
        return file.getvalue()

    def _line(self, left: float, down: float, text: str, size: float, colour: str) -> None:
        self.figure.text(
            left / self.width,
            1 - down / self.height,
            text,
            fontproperties=self.font(size),
            color=colour,
            va="baseline",
        )
