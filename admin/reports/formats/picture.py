"""PNG and JPG: the title, the facts and the charts of a report below each other.

Tests: tests/admin/test_report_formats.py.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from admin.fonts import Font
from admin.reports.document import Document
from admin.reports.formats.drawing import DPI, INCHES, draw
from admin.reports.rendering import CannotRender, Options, Tell

_MARGIN = 40
_TITLE = 44
_SMALL = 22
_GREY = "#505050"


def write(document: Document, path: Path, options: Options, tell: Tell) -> None:
    """One picture; CannotRender when the report has no chart with values."""
    assert options.font is not None
    charts = document.charts
    if not charts:
        raise CannotRender(
            f"there is nothing to draw: template {document.template} gave no chart with values"
        )
    drawn = []
    for number, chart in enumerate(charts, 1):
        drawn.append(Image.open(io.BytesIO(draw(chart, options.font))).convert("RGB"))
        tell(number, len(charts))
    head = _head(document, options.font)
    whole = Image.new("RGB", (head.width, head.height + sum(one.height for one in drawn)), "white")
    at = 0
    for one in (head, *drawn):
        whole.paste(one, (0, at))
        at += one.height
    kind = "JPEG" if path.suffix != ".png" and ".jpg" in path.name else "PNG"
    whole.save(path, kind, dpi=(DPI, DPI), quality=92)


def _head(document: Document, font: Font) -> Image.Image:
    width = int(INCHES[0] * DPI)
    lines = [f"{label}：{text}" for label, text in document.facts]
    height = 2 * _MARGIN + int(_TITLE * 1.5) + len(lines) * int(_SMALL * 1.6)
    head = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(head)
    large = ImageFont.truetype(str(font.path), _TITLE, index=font.face)
    small = ImageFont.truetype(str(font.path), _SMALL, index=font.face)
    title = _cut(document.title, large, width - 2 * _MARGIN)
    pen.text((width / 2, _MARGIN), title, "black", large, anchor="ma")
    at = _MARGIN + int(_TITLE * 1.5)
    for line in lines:
        pen.text((_MARGIN, at), _cut(line, small, width - 2 * _MARGIN), _GREY, small)
        at += int(_SMALL * 1.6)
    return head


def _cut(text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    """What fits on the line, with … where it does not."""
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text + "…"
