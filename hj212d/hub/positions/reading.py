"""Coordinates out of a frame's fields: which fields, how they are written, whether they can be.

No standard has them; vendors send factors (``l01001-Rtd=119.90``) or fields of CP
(``Longitude=119.90``), in decimal degrees or as GPS receivers do, in degrees and minutes
(``11954.18``), with or without the letter of the hemisphere. The datum is WGS-84 as sent: a
vendor that sends GCJ-02 is some hundred metres off, which nothing here can see. Pure.
Tests: tests/hub/positions/test_reading.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from hj212d.hub.positions.settings import PositionSettings
from hj212d.wire.frame import Frame

_CODE = re.compile(r"[a-z][0-9a-z]{5}")
_ANGLE = re.compile(r"([NSEW]?) *([+-]?)([0-9]{1,5}(?:\.[0-9]{1,12})?) *°? *([NSEW]?)", re.I)
_SUFFIXES = ("Rtd", "Avg", "Info", "Data")
_CHINA = (73.0, 136.0, 3.0, 54.5)  # the sea included


class Place(msgspec.Struct, frozen=True):
    """A place in degrees, rounded to a millionth (0.1 m), and the fields that told it."""

    longitude: float
    latitude: float
    source: str


class Reader:
    """Reads places by the names of the settings."""

    def __init__(self, settings: PositionSettings) -> None:
        self.settings = settings
        self._pairs = list(dict.fromkeys(zip(settings.longitude, settings.latitude, strict=False)))

    @property
    def codes(self) -> frozenset[str]:
        """The names that are factors by their form (HJ 212-2017, 6.6.4)."""
        return frozenset(name for pair in self._pairs for name in pair if _CODE.fullmatch(name))

    @property
    def patterns(self) -> list[bytes]:
        """Bytes of which one occurs in a plain frame that tells a place by another name."""
        names = [name for name, _ in self._pairs if not _CODE.fullmatch(name)]
        return [name.encode() + (b"=" if len(name) < 5 else b"") for name in names]

    def of_frame(self, frame: Frame) -> Place | None:
        """The place that a good frame tells; None: it tells none, or one that cannot be."""
        return self._place(lambda name: _field(frame, name))

    def of_fields(self, fields: Mapping[str, str]) -> Place | None:
        """The same for texts by name."""
        return self._place(lambda name: fields.get(name, ""))

    def _place(self, text_of: Callable[[str], str]) -> Place | None:
        """By the first pair of names that tells a place."""
        for longitude, latitude in self._pairs:
            x = self._angle(text_of(longitude), "EW", 180.0)
            y = self._angle(text_of(latitude), "NS", 90.0)
            if x is not None and y is not None and self._possible(x, y):
                return Place(round(x, 6), round(y, 6), f"{longitude}, {latitude}")
        return None

    def _angle(self, text: str, letters: str, limit: float) -> float | None:
        """Degrees, east and north positive; None for what is no angle of that kind."""
        found = _ANGLE.fullmatch(text.strip())
        if found is None:
            return None
        before, sign, digits, behind = found.groups()
        letter = (before or behind).upper()
        if (before and behind) or (letter and (letter not in letters or sign)):
            return None
        value = float(digits)
        if value > limit:
            if not self.settings.degrees_minutes:
                return None
            degrees, minutes = divmod(value, 100.0)
            if minutes >= 60.0:
                return None
            value = degrees + minutes / 60.0
        if value > limit:
            return None
        return -value if letter == letters[1] or sign == "-" else value

    def _possible(self, longitude: float, latitude: float) -> bool:
        """Not the place of a receiver without a fix, and in China unless any will do."""
        if longitude == 0.0 and latitude == 0.0:
            return False
        west, east, south, north = _CHINA
        in_china = west <= longitude <= east and south <= latitude <= north
        return self.settings.everywhere or in_china


def _field(frame: Frame, name: str) -> str:
    """A field by its name in the settings: ``Longitude`` is a field of CP or a factor,
    ``GPS-Lon`` a factor with its suffix; "" where there is none."""
    if name in frame.cp:
        return frame.cp[name]
    suffixes = frame.factors.get(name, {})
    for suffix in _SUFFIXES:
        if suffix in suffixes:
            return suffixes[suffix]
    code, _, suffix = name.partition("-")
    return frame.factors.get(code, {}).get(suffix, "")
