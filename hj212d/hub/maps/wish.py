"""Body of POST /api/maps, and the command that does it. Pure.

As with reports every value is one argument behind its own option. Tests:
tests/hub/maps/test_map_wish.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_Place = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:*-]{1,64}$")]
_Factor = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
_Moment = Annotated[str, Meta(pattern=r"^[0-9TZ :.+-]{8,40}$")]
_Title = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{0,80}$")]

_MOVING = ("gif", "apng")


class MapWish(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}
):
    """The options of `hj212d map`. ``format`` "gif" and "apng" are sequences and need from and to;
    the others are one time, ``at`` or the last one that is over."""

    factor: _Factor = "aqi"
    at: _Moment | None = None
    start: _Moment | None = None
    end: _Moment | None = None
    places: Annotated[list[_Place], Meta(max_length=3000)] = []
    level: Literal["hour", "day"] = "hour"
    method: Literal["idw", "kriging"] = "idw"
    log: bool = False
    cell_m: Annotated[float, Meta(gt=0, le=1e6)] | None = None
    buffer_m: Annotated[float, Meta(gt=0, le=1e6)] | None = None
    plane: Literal["utm", "cgcs2000"] = "utm"
    standard: Literal["auto", "HJ633-2012", "HJ633-2026"] = "auto"
    events: Literal["with", "without"] = "with"
    style: Literal["levels", "smooth"] = "levels"
    title: _Title = ""
    frame_ms: Annotated[int, Meta(ge=20, le=10_000)] = 500
    format: Literal["png", "geojson", "json", "npz", "gif", "apng"] = "png"

    def __post_init__(self) -> None:
        """ValueError: a sequence without its bounds, or one map with them."""
        if self.format in _MOVING:
            if self.at is not None or self.start is None or self.end is None:
                raise ValueError(f"{self.format} is a sequence: it needs from and to, and no at")
        elif self.start is not None or self.end is not None:
            raise ValueError(f"{self.format} is one map: it has at, not from and to")

    def argv(self) -> list[str]:
        """Arguments of the command, without data folder and output."""
        said = ["map", f"--factor={self.factor}", f"--level={self.level}"]
        said += [f"--method={self.method}", f"--plane={self.plane}", f"--style={self.style}"]
        said += [f"--standard={self.standard}", f"--events={self.events}"]
        said += ["--log"] if self.log else []
        said += [f"--title={self.title}"] if self.title else []
        if self.format in _MOVING:
            said += ["--frames", f"--frame-ms={self.frame_ms}"]
        else:
            said.append(f"--format={self.format}")
        said += [f"--place={one}" for one in self.places]
        for name, value in (
            ("at", self.at),
            ("from", self.start),
            ("to", self.end),
            ("cell-m", self.cell_m),
            ("buffer-m", self.buffer_m),
        ):
            if value is not None:
                said.append(f"--{name}={value}")
        return said
