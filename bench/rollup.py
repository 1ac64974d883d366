"""``python -m bench rollup``: what means cost: an hour of a whole fleet, and late data of a few.

Straight into a DuckDB store, without daemon and network: (a) an hour of minute data of many
stations is stored, then rolled up as the hub does it, and that is measured; (b) a day of fewer
stations is made, then the whole day of some of them comes once more with other values: what that
costs, beside making the day of all anew in the same run. Test: tests/bench/test_rollup.py.
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

from bench.minutes import FACTORS, Minutes
from hj212d.hub.devices import Devices
from hj212d.hub.means.marking import Marks
from hj212d.hub.means.rolling import Rolling, Stretch
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.site_book import SiteBook
from store.means import Store
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import Batch

START = datetime(2026, 5, 31, 16)  # midnight in Beijing
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_FRAMES_AT_ONCE = 100_000
_LATER = timedelta(minutes=20)


def run(folder: Path, *, stations: int, day_stations: int, late_stations: int) -> dict[str, Any]:
    """Both parts, in new stores in ``folder``."""
    return {
        "factors": len(FACTORS),
        "hour": measure_hour(folder / "hour.duckdb", stations),
        "late": measure_late(folder / "day.duckdb", day_stations, late_stations),
    }


def measure_hour(path: Path, stations: int) -> dict[str, Any]:
    """An hour of all stations."""
    store = _opened(path)
    fleet = Minutes(START, stations)
    values = _fill(store, fleet, 60)
    rolling = _rolling(store, START + HOUR + _LATER)
    _begin(store, rolling)
    cost = _cost(lambda: _work(rolling, START + HOUR + _LATER))
    rows = rolling.counts["rows"]
    store.close()
    return {
        "stations": stations,
        "values": values,
        "rows": rows,
        **cost,
        "share_of_a_core": round(cost["cpu_s"] / 3600, 5),
        "values_per_cpu_s": round(values / cost["cpu_s"]),
    }


def measure_late(path: Path, stations: int, late: int) -> dict[str, Any]:
    """A day of all stations, then another one of some of them."""
    store = _opened(path)
    fleet = Minutes(START, stations)
    values = _fill(store, fleet, 1440)
    now = START + DAY + _LATER
    rolling = _rolling(store, now)
    _begin(store, rolling)
    _work(rolling, now)
    again = Minutes(START, late, seed=213)
    again.lane = "late"
    _fill(store, again, 1440, received=now)
    few = _cost(lambda: _work(rolling, now))
    few_changed = rolling.counts["late_hours"]
    rolling.want(Stretch(START, START + DAY, None))
    whole = _cost(lambda: _work(rolling, now))
    nothing = _cost(lambda: _work(rolling, now))
    store.close()
    return {
        "stations": stations,
        "values": values,
        "late_stations": late,
        "late_hours": few_changed,
        "few": few,
        "whole": whole,
        "nothing": nothing,
        "share_of_stations": round(late / stations, 4),
        "share_of_cost": round(few["cpu_s"] / whole["cpu_s"], 4),
    }


def _opened(path: Path) -> Store:
    return open_store(f"duckdb:///{path}", StoreSettings())


def _fill(store: Store, fleet: Minutes, minutes: int, received: datetime | None = None) -> int:
    values = 0
    for batch in fleet.batches(minutes, at_once=max(1, _FRAMES_AT_ONCE // fleet.stations)):
        store.commit(batch if received is None else _received(batch, received))
        values += batch.samples.num_rows
    return values


def _received(batch: Batch, at: datetime) -> Batch:
    """The same, all of it at one moment."""
    import numpy as np
    import pyarrow as pa

    def moved(table: pa.Table) -> pa.Table:
        number = table.schema.get_field_index("received_at")
        moment = pa.array(np.full(table.num_rows, np.datetime64(at, "us")))
        return table.set_column(number, table.schema.field(number), moment)

    batch.frames, batch.samples = moved(batch.frames), moved(batch.samples)
    return batch


def _rolling(store: Store, now: datetime) -> Rolling:
    settings = MeansSettings(first_days=0)
    marks = Marks()
    marks.take([])
    roster = Roster(store, SiteBook(Devices([])), settings)
    return Rolling(store, roster, marks, settings, lambda: now)


def _begin(store: Store, rolling: Rolling) -> None:
    """The state of a hub that was there before the first hour."""
    rolling.begin(START)
    assert store.means_state() is not None


def _work(rolling: Rolling, now: datetime) -> None:
    while rolling.step(now):
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
@click.option("--day-stations", default=2000, show_default=True, help="Of the day.")
@click.option("--late-stations", default=100, show_default=True, help="Whose day comes again.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def main(stations: int, day_stations: int, late_stations: int, as_json: bool) -> None:
    """What means cost: an hour of a whole fleet, and late data of a few."""
    with tempfile.TemporaryDirectory(prefix="rollup-") as folder:
        result = run(
            Path(folder),
            stations=stations,
            day_stations=day_stations,
            late_stations=late_stations,
        )
    if as_json:
        print(json.dumps(result))
        return
    hour, late = result["hour"], result["late"]
    print(
        f"an hour of {hour['stations']:,} stations, {hour['values']:,} values: "
        f"{hour['wall_s']} s, "
        f"{hour['cpu_s']} s of processors ({hour['share_of_a_core']:.2%} of one core), "
        f"{hour['peak_mib']} MiB more"
    )
    print(
        f"a day of {late['late_stations']} of {late['stations']:,} stations again: "
        f"{late['few']['cpu_s']} s of processors, all of them {late['whole']['cpu_s']} s "
        f"({late['share_of_cost']:.1%} of the cost for {late['share_of_stations']:.1%} of the "
        "stations)"
    )


if __name__ == "__main__":
    main()
