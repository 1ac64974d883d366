"""How many values make a mean valid, by medium: rules with their sources, from a data file.

Counting is in hour.py, day.py and periods.py. Tests: tests/aqi/means/test_validity.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec
from msgspec import Meta

MEDIA = ("air", "flue", "wastewater", "water", "noise", "dust")

Share = Annotated[float, Meta(gt=0, le=1)]


class Validity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The least that makes a mean valid.

    A ``*_share`` is of the days (or months) of the period, rounded up. The sources and how sure
    they are stand beside the figures in data/validity.json.
    """

    hour_minutes: Annotated[int, Meta(ge=1, le=60)]  # minutes of an hour with valid values
    realtime_covers_min: Annotated[int, Meta(ge=1, le=60)]  # minutes a real-time value stands for
    day_hours: Annotated[int, Meta(ge=1, le=24)]
    window_hours: Annotated[int, Meta(ge=1, le=8)]  # of a window of eight hours
    day_windows: Annotated[int, Meta(ge=1, le=17)]  # of the 17 windows that end 08:00 to 24:00
    windows_limit: float  # a largest window above this counts with fewer windows
    daytime_hours: Annotated[int, Meta(ge=1, le=16)]  # noise: of 06:00 to 22:00
    night_hours: Annotated[int, Meta(ge=1, le=8)]
    month_days: Annotated[int, Meta(ge=1, le=31)]
    february_days: Annotated[int, Meta(ge=1, le=29)]
    year_days: Annotated[int, Meta(ge=1, le=366)]
    year_months: bool  # a year needs each of its months valid
    quarter_months: bool
    tenday_share: Share
    week_share: Share
    span_share: Share


Rules = Mapping[str, Validity]


def rules(
    overrides: Mapping[str, Mapping[str, float | bool]] | None = None,
) -> dict[str, Validity]:
    """Medium -> its rules, with what ``overrides`` says in place of them.

    ValueError: a medium or a rule that there is not, or a figure out of its range.
    """
    found = dict(_national())
    for medium, changes in (overrides or {}).items():
        if medium not in found:
            raise ValueError(f"{medium!r} is no medium; there are {', '.join(MEDIA)}")
        merged = {**msgspec.structs.asdict(found[medium]), **changes}
        try:
            found[medium] = msgspec.convert(merged, Validity)
        except msgspec.ValidationError as problem:
            raise ValueError(f"{medium}: {problem}") from problem
    return found


@cache
def _national() -> dict[str, Validity]:
    """data/validity.json: each figure with its source; missing ones are those of "air"."""
    text = (files("aqi") / "data" / "validity.json").read_bytes()
    said = msgspec.json.decode(text, type=dict[str, dict[str, _Said]])
    base = {name: one.value for name, one in said["air"].items()}
    return {
        medium: msgspec.convert(
            {**base, **{name: one.value for name, one in said[medium].items()}}, Validity
        )
        for medium in MEDIA
    }


class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: float | int | bool
    source: str
    confidence: str
