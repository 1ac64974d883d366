"""``python -m bench rollup``: what means cost: an hour of a whole fleet, and late data of a few.

Real-time values of eight factors in a DuckDB store, without daemon and network, rolled up as the
hub does it: (a) an hour of many stations; (b) minutes of a fleet of which a few frames are late by
an hour or a day; (c) a day that some stations send late, while the day lies as it came and when it
was put in order, each beside making that day of the whole fleet anew.
Test: tests/bench/test_rollup.py.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bench.readings import FACTORS, Readings, Span
from hj212d.hub.devices import Devices
from hj212d.hub.means.marking import Marks
from hj212d.hub.means.rolling import Rolling, Stretch
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.site_book import SiteBook
from store.means import Store
from store.open import open_store
from store.settings import StoreSettings

START = datetime(2026, 5, 31, 16)  # midnight in Beijing
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STEP_S = 30  # between two values of the hour
DAY_STEP_S = 60  # of the day: still all of its minutes
LATE_SHARE = 0.005  # of the frames of the steady part
_GRACE = timedelta(minutes=5)


def run(
    folder: Path, *, stations: int, day_stations: int, late_stations: int, passes: int
) -> dict[str, Any]:
    """All parts, in new stores in ``folder``."""
    hour, steady = measure_hour(folder / "hour.duckdb", stations, passes)
    return {
        "factors": len(FACTORS),
        "hour": hour,
        "steady": steady,
        "late": measure_late(folder / "day.duckdb", day_stations, late_stations),
    }


def measure_hour(path: Path, stations: int, passes: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """An hour of all stations, and the minutes behind it."""
    store, rolling = _begun(path)
    fleet = Readings(path, stations, START)
    # The same hour of the day before, in order: what is late by a day falls there.
    fleet.closed(Span(START - DAY, START - DAY + HOUR, DAY_STEP_S))
    fleet.all_closed(START)
    values = fleet.arrive(Span(START, START + HOUR, STEP_S))
    cost = _cost(lambda: _work(rolling, START + HOUR + _GRACE))
    hour = {
        "stations": stations,
        "values": values,
        "rows": rolling.counts["rows"],
        **cost,
        "share_of_a_core": round(cost["cpu_s"] / 3600, 5),
        "values_per_cpu_s": round(values / cost["cpu_s"]),
    }
    steady = _steady(rolling, fleet, stations, passes)
    fleet.close()
    store.close()
    return hour, steady


def _steady(rolling: Rolling, fleet: Readings, stations: int, passes: int) -> dict[str, Any]:
    """Passes beside a fleet of which a few frames come late, half of them by an hour, half by a
    day; storing them is not counted. Late data are gathered as the hub's service does it."""
    every = timedelta(seconds=rolling.settings.every_s)
    gathered = timedelta(seconds=rolling.settings.late_every_s)
    now = START + HOUR + _GRACE
    few = max(1, round(stations * LATE_SHARE * every.total_seconds() / STEP_S / 2))
    costs = []
    looked = now
    for number in range(passes):
        begun, now = now, now + every
        fleet.arrive(Span(begun, now, STEP_S), with_frames=True)
        for back, first in ((HOUR, 0), (DAY, 1)):
            some = [(first + 2 * (number * few + i)) % stations + 1 for i in range(few)]
            at = begun - back - timedelta(seconds=STEP_S / 2)  # between those that came in time
            fleet.arrive(
                Span(at, at + timedelta(seconds=STEP_S), STEP_S),
                some,
                received=now,
                with_frames=True,
            )
        late = now - looked >= gathered or number == passes - 1
        looked = now if late else looked
        costs.append(_cost(lambda: _work(rolling, now, late=late)))  # noqa: B023 - called here
    cpu = sum(one["cpu_s"] for one in costs)
    seconds = passes * every.total_seconds()
    return {
        "frames_per_s": round(stations / STEP_S),
        "late_share": LATE_SHARE,
        "seconds": seconds,
        "late_hours": rolling.counts["late_hours"],
        "cpu_s": round(cpu, 3),
        "share_of_a_core": round(cpu / seconds, 4),
        "longest_s": max(one["wall_s"] for one in costs),
    }


def measure_late(path: Path, stations: int, late: int) -> dict[str, Any]:
    """Two days of a fleet: the first was put in order, the second lies as it came. Of each day
    some stations come late; then it is made of all of them anew."""
    store, rolling = _begun(path)
    fleet = Readings(path, stations, START)
    step = stations // late
    absent = list(range(1, late * step + 1, step))
    there = sorted({*range(1, stations + 1)} - {*absent})
    closed, opened = START, START + DAY
    fleet.closed(_day(closed), there)
    fleet.all_closed(opened)
    values = fleet.arrive(_day(opened), there)
    now = opened + DAY + _GRACE
    _work(rolling, now)
    found: dict[str, Any] = {
        "stations": stations,
        "values_a_day": values,
        "late_stations": late,
        "share_of_stations": round(late / stations, 4),
    }
    for name, day in (("open", opened), ("closed", closed)):
        fleet.arrive(_day(day), absent, received=now, with_frames=True)
        before = rolling.counts["late_hours"]
        now += HOUR / 2  # however long late data are gathered, now they are
        few = _cost(lambda: _work(rolling, now))  # noqa: B023 - called here
        late_hours = rolling.counts["late_hours"] - before
        rolling.want(Stretch(day, day + DAY, None))
        whole = _cost(lambda: _work(rolling, now))  # noqa: B023 - called here
        found[name] = {
            "late_hours": late_hours,
            "few": few,
            "whole": whole,
            "share_of_cost": round(few["cpu_s"] / whole["cpu_s"], 4),
        }
    fleet.close()
    store.close()
    return found


def _day(start: datetime) -> Span:
    return Span(start, start + DAY, DAY_STEP_S)


def _begun(path: Path) -> tuple[Store, Rolling]:
    """A store, and its hub that was there before the first hour."""
    store = open_store(f"duckdb:///{path}", StoreSettings())
    settings = MeansSettings(first_days=0)
    marks = Marks()
    marks.take([])
    roster = Roster(store, SiteBook(Devices([])), settings)
    # Of every moment that is asked about everything is in the store.
    rolling = Rolling(store, roster, marks, settings, lambda: START + 30 * DAY)
    rolling.begin(START)
    return store, rolling


def _work(rolling: Rolling, now: datetime, *, late: bool = True) -> None:
    while rolling.step(now, late=late):
        pass


def _cost(work: Callable[[], object]) -> dict[str, Any]:
    """Wall clock and processor time of something, and how far memory rose above what was held."""
    held = _status_mib("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return {
        "wall_s": round(time.perf_counter() - wall, 3),
        "cpu_s": round(time.process_time() - processor, 3),
        "peak_mib": round(_status_mib("VmHWM") - held),
    }


def _status_mib(name: str) -> float:
    text = Path("/proc/self/status").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


@click.command()
@click.option("--stations", default=36_000, show_default=True, help="Of the hour.")
@click.option("--passes", default=20, show_default=True, help="Passes beside few late frames.")
@click.option("--day-stations", default=2000, show_default=True, help="Of the day.")
@click.option("--late-stations", default=100, show_default=True, help="Whose day comes late.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def main(stations: int, passes: int, day_stations: int, late_stations: int, as_json: bool) -> None:
    """What means cost: an hour of a whole fleet, and late data of a few."""
    if not 0 < late_stations <= day_stations:
        raise click.UsageError("--late-stations must be some of --day-stations")
    with tempfile.TemporaryDirectory(prefix="rollup-") as folder:
        result = run(
            Path(folder),
            stations=stations,
            day_stations=day_stations,
            late_stations=late_stations,
            passes=passes,
        )
    if as_json:
        print(json.dumps(result))
        return
    hour, steady, late = result["hour"], result["steady"], result["late"]
    print(
        f"an hour of {hour['stations']:,} stations, {hour['values']:,} values: "
        f"{hour['wall_s']} s, "
        f"{hour['cpu_s']} s of processors ({hour['share_of_a_core']:.2%} of one core), "
        f"{hour['peak_mib']} MiB more"
    )
    print(
        f"{steady['frames_per_s']:,} frames/s, {steady['late_share']:.1%} of them late: "
        f"{steady['share_of_a_core']:.2%} of one core, the longest pass {steady['longest_s']} s"
    )
    for name in ("open", "closed"):
        day = late[name]
        print(
            f"a day of {late['late_stations']} of {late['stations']:,} stations, {name}: "
            f"{day['few']['cpu_s']} s of processors, all of them {day['whole']['cpu_s']} s "
            f"({day['share_of_cost']:.1%} of the cost for {late['share_of_stations']:.1%} of the "
            "stations)"
        )


if __name__ == "__main__":
    main()
