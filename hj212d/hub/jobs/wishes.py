"""What can be wished for through the API, and the command that does it. Pure.

Every value becomes one argument of its own behind its option (``--place=VALUE``), so none can be
taken for another option; there is no shell. Tests: tests/hub/jobs/test_wishes.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_Place = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:*-]{1,64}$")]
_Factor = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
_Name = Annotated[str, Meta(pattern=r"^[\w-][\w.-]{0,63}$")]
_Period = Annotated[str, Meta(pattern=r"^[0-9QWT上中下旬.-]{4,32}$")]
_Moment = Annotated[str, Meta(pattern=r"^[0-9TZ :.+-]{8,40}$")]
_Places = Annotated[list[_Place], Meta(max_length=3000)]
_Factors = Annotated[list[_Factor], Meta(max_length=200)]

Kind = Literal["hour", "day", "tenday", "week", "month", "quarter", "year", "span"]
Level = Literal["minute", "hour", "day", "tenday", "week", "month", "quarter", "year"]


class ReportWish(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}
):
    """Body of POST /api/reports; the options of `hj212d report`."""

    kind: Kind
    places: _Places = []
    factors: _Factors = []
    period: _Period | None = None
    start: _Moment | None = None
    end: _Moment | None = None
    template: _Name | None = None
    format: Literal["xlsx", "docx", "pdf", "csv", "png", "jpg", "json"] = "xlsx"
    standard: Literal["auto", "old", "new"] = "auto"
    events: Literal["with", "without"] = "with"
    bom: bool = True

    def argv(self) -> list[str]:
        """Arguments of the command, without data folder and output."""
        said = ["report", self.kind, f"--format={self.format}"]
        said += [f"--standard={self.standard}", f"--events={self.events}"]
        said += [] if self.bom else ["--no-bom"]
        said += [f"--template={self.template}"] if self.template else []
        return said + _common(self.places, self.factors, self.period, self.start, self.end)


class ExportWish(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}
):
    """Body of POST /api/exports; the options of `hj212d export`. ``level`` is of means,
    ``data`` of samples: which periods of the instruments."""

    what: Literal["samples", "means"]
    places: _Places = []
    factors: _Factors = []
    period: _Period | None = None
    start: _Moment | None = None
    end: _Moment | None = None
    level: Level | None = None
    data: Literal["realtime", "minute", "hour", "day"] | None = None
    format: Literal["csv", "parquet", "xlsx"] = "csv"
    bom: bool = True

    def argv(self) -> list[str]:
        """Arguments of the command, without data folder and output."""
        said = ["export", self.what, f"--format={self.format}"]
        said += [] if self.bom else ["--no-bom"]
        said += [f"--level={self.level}"] if self.level else []
        said += [f"--data-period={self.data}"] if self.data else []
        return said + _common(self.places, self.factors, self.period, self.start, self.end)


def _common(
    places: list[str],
    factors: list[str],
    period: str | None,
    start: str | None,
    end: str | None,
) -> list[str]:
    said = [f"--place={one}" for one in places] + [f"--factor={one}" for one in factors]
    for name, value in (("period", period), ("from", start), ("to", end)):
        if value is not None:
            said.append(f"--{name}={value}")
    return said
