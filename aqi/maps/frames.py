"""A sequence of maps as a moving picture (GIF or APNG) and as a list for a page.

Frames have one size and one scale of colours, because one atlas made them. Nothing is written
here. Tests: tests/aqi/test_map_frames.py.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

from aqi.extras import needed
from aqi.maps.contours import head
from aqi.maps.surface import Surface

Kind = Literal["gif", "png"]

FRAME_MS = 500
_LAST_FRAME_TIMES = 3  # the end stands longer, so that eyes find the beginning
_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Frame:
    """One time: UTC bounds, its label, the file it goes to, and the surface it shows."""

    start: datetime
    end: datetime
    label: str
    file: str
    surface: Surface


def animation(pictures: Sequence[bytes], kind: Kind = "gif", frame_ms: int = FRAME_MS) -> bytes:
    """PNG files of one width as one moving picture, endless; "png" is an APNG (more colours).

    Frames lower than the highest (they have fewer notes) are filled up with white. ValueError
    without a frame.
    """
    if not pictures:
        raise ValueError("an animation needs at least one frame")
    image = needed("PIL.Image")
    height = max(_height(one) for one in pictures)

    def frame(one: bytes) -> Any:
        """Opened when it is needed: ten days of whole pictures would fill the memory."""
        with image.open(io.BytesIO(one)) as opened:
            filled = _filled(opened.convert("RGB"), height)
        return filled.quantize(128, dither=image.Dither.NONE) if kind == "gif" else filled

    others = map(frame, pictures[1:])
    file = io.BytesIO()
    frame(pictures[0]).save(
        file,
        format=kind.upper(),
        save_all=True,
        # Pillow takes frames of a GIF one by one, those of an APNG only as a list.
        append_images=others if kind == "gif" else list(others),
        duration=[frame_ms] * (len(pictures) - 1) + [frame_ms * _LAST_FRAME_TIMES],
        loop=0,
    )
    return file.getvalue()


def manifest(
    frames: Sequence[Frame], animated: str = "", frame_ms: int = FRAME_MS
) -> dict[str, Any]:
    """What a page needs to play the frames: files, times (Beijing), errors, colours, bounds."""
    if not frames:
        raise ValueError("a list of frames needs at least one")
    first = frames[0].surface
    left, right, bottom, top = first.grid.extent()
    lon, lat = first.grid.plane.back([left, right, left, right], [bottom, bottom, top, top])
    return {
        "what": first.what,
        "unit": first.unit,
        "animation": animated,
        "frame_ms": frame_ms,
        "bounds": [round(float(v), 6) for v in (lon.min(), lat.min(), lon.max(), lat.max())],
        "legend": [
            {
                "level": band.level,
                "category": band.category,
                "range": band.range_text(first.what == "AQI"),
                "colour": band.colour,
            }
            for band in first.bands
        ],
        "frames": [
            {
                "file": frame.file,
                "start": _beijing(frame.start),
                "end": _beijing(frame.end),
                "label": frame.label,
            }
            | head(frame.surface)
            for frame in frames
        ],
    }


def _beijing(moment: datetime) -> str:
    """Naive moments are UTC."""
    return (
        (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(_BEIJING).isoformat()
    )


def _height(picture: bytes) -> int:
    with needed("PIL.Image").open(io.BytesIO(picture)) as opened:
        return int(opened.height)


def _filled(picture: Any, height: int) -> Any:
    if picture.height == height:
        return picture
    whole = needed("PIL.Image").new("RGB", (picture.width, height), "white")
    whole.paste(picture, (0, 0))
    return whole
