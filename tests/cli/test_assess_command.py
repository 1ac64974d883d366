"""`hj212d assess` and `emissions`, of what a daemon left: from store and registry."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from command_line import Hj212d

from store.means import DERIVED
from store.open import open_store
from store.registry.decisions import LimitRecord, SiteRecord
from store.registry.open import open_registry
from store.registry.records import DeviceRecord
from store.settings import StoreSettings

MIDNIGHT = datetime(2026, 5, 31, 16)  # of June the 1st in Beijing
SPAN = ("--span", "2026-06-01")


def rows_of(mn: str, factor: str, value: float) -> list[dict[str, Any]]:
    """24 hours, all alike."""
    found = []
    for hour in range(24):
        start = MIDNIGHT + timedelta(hours=hour)
        known = {"level": "hour", "start": start, "mn": mn, "factor": factor, "stat": "mean"}
        known |= {"value": value, "n": 60, "need": 45, "mark": "", "source": "realtime"}
        known["as_of"] = datetime(2026, 7, 1)
        found.append({name: known.get(name) for name in DERIVED.names})
    return found


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stack with a permit, and a river."""
    folder = tmp_path_factory.mktemp("outlets")
    store = open_store(f"duckdb:///{folder}/hj212d.duckdb", StoreSettings())
    rows = [
        *rows_of("F1", "a00000", 50.0),
        *rows_of("F1", "a19001", 6.0),
        *rows_of("F1", "a21026", 40.0),
        *rows_of("R1", "w21003", 1.5),
    ]
    store.put_derived(pa.Table.from_pylist(rows, schema=DERIVED))
    store.close()
    registry = open_registry(f"sqlite:///{folder}/registry.db", folder / "registry.key")
    for mn, name, region, st in [("F1", "一号炉", "330106", "31"), ("R1", "大桥", "330205", "21")]:
        registry.devices.put(DeviceRecord(mn, name=name, region=region, st=st), "test")
    stack = SiteRecord(mn="F1", outlet={"table": "GB13223-2011/coal/new"})
    registry.sites.put(stack, "test")
    registry.sites.put(SiteRecord(mn="R1", water={"target": "III", "river": "柳河"}), "test")
    permit = LimitRecord(
        mn="F1",
        factor="a21026",
        period="hour",
        stat="zs",
        high=35.0,
        unit="mg/m3",
        source="permit 4711",
    )
    registry.limits.add(permit, "test")
    registry.close()
    return folder


def test_assess(hj212d: Hj212d, data: Path) -> None:
    """A line a judged value, its limit and where that is from; a sum below."""
    done = hj212d("assess", "--data", data, *SPAN)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split()[:5] == ["time", "mn", "name", "item", "stat"]
    assert lines[1].split()[:12] == [
        *("2026-06-01", "01:00", "F1", "一号炉", "SO2", "zs", "40", "mg/m3", "<=", "35"),
        *("exceeded", "by"),
    ]
    assert "permit 4711 (own)" in lines[1]
    assert any("Ⅳ类 轻度污染：氨氮（0.5）" in line for line in lines)
    assert lines[-1] == "72 of 72 exceeded; 0 without a verdict, see mark"


def test_assess_as_json(hj212d: Hj212d, data: Path) -> None:
    """Every value, in Beijing time; one station, region, medium or what is above its limit."""
    asked = ("assess", "--data", data, *SPAN, "--json")
    rows = [json.loads(line) for line in hj212d(*asked, "F1").out.splitlines()]
    assert {row["stat"] for row in rows} == {"mean", "zs"}
    assert rows[0]["start"] == "2026-06-01T00:00:00+08:00"
    for more, mns in (
        (("--region", "3302"), {"R1"}),
        (("--medium", "flue"), {"F1"}),
        (("--exceeded",), {"F1", "R1"}),
    ):
        found = [json.loads(line) for line in hj212d(*asked, *more).out.splitlines()]
        assert {row["mn"] for row in found} == mns


def test_rivers(hj212d: Hj212d, data: Path) -> None:
    """A line a river and hour; files have a column for each class."""
    asked = ("assess", "--data", data, *SPAN, "--rivers")
    lines = hj212d(*asked).out.splitlines()
    assert lines[1].split() == [
        *("2026-06-01", "01:00", "柳河", "1", "0", "0", "0", "0", "100", "0", "0"),
        *("means", "Ⅳ类", "轻度污染", "氨氮（0.5）"),
    ]
    rows = [json.loads(line) for line in hj212d(*asked, "--json").out.splitlines()]
    assert (len(rows), rows[0]["share_4"], rows[0]["mns"]) == (24, 100.0, "R1")
    assert hj212d(*asked, "--format", "csv", "--medium", "water").out.count("\n") == 25
    assert hj212d(*asked, "--exceeded").status == 2
    assert hj212d(*asked, "--medium", "noise").status == 2


def test_percentiles_of_months_are_refused(hj212d: Hj212d, data: Path) -> None:
    """They are those of hours and days."""
    asked = ("assess", "--data", data, *SPAN, "--percentiles")
    assert hj212d(*asked, "--level", "day").status == 0
    done = hj212d(*asked, "--level", "month")
    assert (done.status, "of hours and days" in done.err) == (1, True)


def test_emissions(hj212d: Hj212d, data: Path) -> None:
    """40 mg/m3 in 180,000 m3 an hour: 172.8 kg a day."""
    done = hj212d("emissions", "--data", data, *SPAN)
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[1].split()[:7] == [
        *("2026-06-01", "F1", "一号炉", "SO2", "172.8", "0", "172.8")
    ]
    hourly = hj212d("emissions", "--data", data, *SPAN, "F1", "--by", "hour", "--json")
    rows = [json.loads(line) for line in hourly.out.splitlines()]
    assert [row["total_kg"] for row in rows] == [pytest.approx(7.2)] * 24


def test_emissions_of_a_quarter(hj212d: Hj212d, data: Path) -> None:
    """Its name, and its kilograms."""
    done = hj212d("emissions", "--data", data, "--span", "2026-Q2", "F1", "--by", "quarter")
    assert done.out.splitlines()[1].split()[:5] == ["2026-Q2", "F1", "一号炉", "SO2", "172.8"]


def test_wrong_questions(hj212d: Hj212d, data: Path) -> None:
    """One sentence, and a status."""
    other = hj212d("emissions", "--data", data, *SPAN, "R1")
    assert other.status == 1
    assert "R1 is of medium water, not flue, wastewater" in other.err
    both = hj212d("assess", "--data", data, *SPAN, "--days", "2")
    assert both.status == 2
