"""Spans of hours that look like dust, for people to approve or reject as events.

The test itself is `aqi/events.py`. Tests: tests/cli/test_quality_commands.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aqi.events import DUST_HOURS_BEFORE, DUST_TAKES, dust_hours
from hj212d.cli.answers import Answers
from hj212d.cli.here import Here
from hj212d.hub.quality.questions import AqiQuestion

_HOUR = timedelta(hours=1)


def proposed(
    here: Here, places: tuple[str, ...], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """What hours of places, by daemon or store, look like dust. Bounds are aware; Refusal."""
    begin = start - DUST_HOURS_BEFORE * _HOUR
    bounds = [one.astimezone(UTC).replace(tzinfo=None) for one in (begin, end)]
    return proposals(Answers(here).aqi(AqiQuestion(places, "hour", bounds[0], bounds[1])))


def proposals(table: pa.Table) -> list[dict[str, Any]]:
    """Events to be added, in the words of `hj212d event add`; ``table``: AQI_ROWS of hours in
    order of place and start, without a gap in time."""
    found = []
    for place in dict.fromkeys(table["place"].to_pylist()):
        rows = table.filter(pc.equal(table["place"], place))
        starts: list[datetime] = rows["start"].to_pylist()
        pm10 = np.array(rows["pm10"].to_numpy(zero_copy_only=False), dtype=np.float64)
        for first, behind in dust_hours(pm10):
            before = float(np.mean(pm10[first - DUST_HOURS_BEFORE : first]))
            peak = float(np.nanmax(pm10[first:behind]))
            found.append(
                {
                    "kind": "dust",
                    "area": [place.removeprefix("region:")],
                    "start": starts[first].replace(tzinfo=UTC).isoformat(),
                    "end": (starts[behind - 1] + _HOUR).replace(tzinfo=UTC).isoformat(),
                    "pollutants": list(DUST_TAKES),
                    "evidence": f"PM10 {pm10[first]:.0f} ug/m3, {before:.0f} in the six hours "
                    f"before, at most {peak:.0f}",
                }
            )
    return found
