"""A county's days as columns: what is labelled is in them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bench import alerts_days
from bench.alerts_days import County, Day
from bench.instruments.faults import Fault, FaultKind
from store.timeseries import FRAMES, SAMPLES


@pytest.fixture(scope="module")
def county() -> County:
    """Twelve stations, to whom nothing happens."""
    return alerts_days.make(12, 2, 1, each_fault=0, each_episode=0)


def days(county: County, kind: FaultKind, hours: tuple[float, float], **more: object) -> list[Day]:
    """Its days, with one fault of its first station of the air."""
    mn = next(one.mn for one in county.stations if one.kind == "air")
    fault = Fault(
        kind=kind,
        mn=mn,
        start=county.start + hours[0] * 3600,
        end=county.start + hours[1] * 3600,
        **more,  # type: ignore[arg-type]
    )
    county.faults[:] = [fault]
    made = list(alerts_days.arriving(county))
    county.faults.clear()
    return made


def of(table: pa.Table, mn: str, factor: str = "") -> pa.Table:
    """Its rows of one station, and of one factor."""
    found = table.filter(pc.field("mn") == mn)
    return found.filter(pc.field("factor") == factor) if factor else found


def test_a_day(county: County) -> None:
    """The hub's columns, in order of arrival; a frame a minute, some twice; flags are there."""
    first, second = alerts_days.arriving(county)
    assert first.frames.schema == FRAMES
    assert first.samples.schema == SAMPLES
    for made in (first, second):
        arrived = alerts_days.arrival_us(made.frames)
        assert (np.diff(arrived) >= 0).all()
        assert made.frames.num_rows == pytest.approx(12 * 1440 * 1.005, rel=0.01)
    assert {"N", "C"} <= set(first.samples["flag"].to_pylist())
    again = alerts_days.make(12, 2, 1, each_fault=0, each_episode=0)
    assert next(alerts_days.arriving(again)).samples.equals(first.samples)
    seconds = pc.subsecond(first.frames["data_time"])
    assert pc.max(seconds).as_py() == 0
    assert len([one for one in first.links if one.up]) >= 12


def test_stuck_and_missing(county: County) -> None:
    """The value of the beginning all the time; a device that is out has no rows."""
    mn = next(one.mn for one in county.stations if one.kind == "air")
    stuck = days(county, "stuck", (6, 12), factor="a34004")[0]
    rows = of(stuck.samples, mn, "a34004").filter(pc.field("flag") == "N")
    hour = pc.hour(pc.add(rows["data_time"], pa.scalar(8 * 3600, pa.duration("s"))))
    within = rows.filter(pc.and_(pc.greater_equal(hour, 6), pc.less(hour, 12)))
    assert len(set(within["rtd"].to_pylist())) == 1
    missing = days(county, "device", (6, 12), factor="a34004")[0]
    lost = of(stuck.samples, mn, "a34004").num_rows - of(missing.samples, mn, "a34004").num_rows
    assert lost == pytest.approx(360, abs=5)
    assert of(missing.samples, mn, "a34002").num_rows > 1400


def test_silence_and_lost_links(county: County) -> None:
    """What a silent station measured is lost; what comes of a lost link comes behind it, on the
    day on which the link is back."""
    mn = next(one.mn for one in county.stations if one.kind == "air")
    silent = days(county, "silent", (20, 30))
    assert of(silent[0].frames, mn).num_rows == pytest.approx(20 * 60, abs=15)
    linked = days(county, "link", (20, 30))
    assert of(linked[0].frames, mn).num_rows == pytest.approx(20 * 60, abs=15)
    back = of(linked[1].frames, mn)
    assert back.num_rows == pytest.approx(28 * 60, abs=30)
    assert (np.diff(alerts_days.arrival_us(linked[1].frames)) >= 0).all()
    late = pc.less(
        back["data_time"], pc.subtract(back["received_at"], pa.scalar(10**9, "duration[us]"))
    )
    assert pc.sum(late).as_py() == pytest.approx(10 * 60, abs=20)
    downs = [one for one in linked[0].links if one.mn == mn and not one.up]
    assert any(one.at == county.start + 20 * 3600 + 5 for one in downs)


def test_clocks_and_bad_frames(county: County) -> None:
    """A wrong clock is in DataTime and QN; a frame that cannot be read has no samples."""
    mn = next(one.mn for one in county.stations if one.kind == "air")
    wrong = of(days(county, "clock_jump", (6, 12), size=2400.0)[0].frames, mn)
    ahead = pc.subtract(wrong["data_time"], wrong["received_at"]).cast(pa.int64())
    assert pc.sum(pc.greater(ahead, 2_000_000_000)).as_py() == pytest.approx(360, abs=5)
    bad = days(county, "bad_frames", (6, 12), size=0.5)[0]
    refused = of(bad.frames, mn).filter(pc.field("reason") == "crc_wrong")
    assert refused.num_rows == pytest.approx(180, abs=40)
    rows = of(bad.frames, mn).num_rows
    assert of(bad.samples, mn, "a34004").num_rows == rows - refused.num_rows


def test_an_episode_is_in_the_values() -> None:
    """Haze raises PM2.5 of all stations of the air, and nothing befalls anybody before."""
    calm = alerts_days.make(12, 3, 1, each_fault=0, each_episode=0)
    hazy = alerts_days.make(12, 3, 1, each_fault=0, each_episode=1, calm_days=1)
    assert {one.kind for one in hazy.episodes} >= {"haze", "dust", "ozone", "fireworks"}
    means = []
    for county in (calm, hazy):
        means.append(
            [
                pc.mean(made.samples.filter(pc.field("factor") == "a34004")["rtd"]).as_py()
                for made in alerts_days.arriving(county)
            ]
        )
    assert means[0][0] == means[1][0]
    assert max(means[1][1:]) > max(means[0]) + 30
