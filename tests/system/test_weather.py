"""Bad weather in small: each case runs, passes, and shows what it is there to show."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench import weather_links, weather_store
from bench.native.build import CannotCompile, program
from bench.outages import HeldFile

LINKS = weather_links.Plan(60, 120.0, 1.5, 20_000.0, 400_000.0)
OUTAGE = weather_store.Plan(60, 120.0, 1.0, fair_s=2.0)


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    try:
        program("load")
    except CannotCompile as problem:
        pytest.skip(str(problem))


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weather_links, "AFTER_KILL_S", 2.0)


def test_a_store_that_is_down_is_caught_up_with(tmp_path: Path) -> None:
    """The hub dies and another process has its file; before that a backlog came at once."""
    plan = msgspec.structs.replace(OUTAGE, backlog=2000, fill_rate=2000.0)
    result = weather_store.store_down(plan, tmp_path, lambda _: None)
    assert result["passed"], result["problems"]
    assert result["frames_behind"] >= 2000
    assert result["lag_greatest_bytes"] > 2000 * 300
    assert result["stored"] == result["acked"]
    assert list(tmp_path.iterdir()) == []


def test_a_clickhouse_that_is_down_is_caught_up_with(tmp_path: Path) -> None:
    """Its server is killed and comes back."""
    plan = msgspec.structs.replace(OUTAGE, engine="clickhouse-front")
    result = weather_store.store_down(plan, tmp_path, lambda _: None)
    assert result["passed"], result["problems"]
    assert result["stored"] == result["acked"] > 100
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_dead_from_the_start_costs_no_answer(tmp_path: Path) -> None:
    """The daemon starts, answers, and stores all of it once it can."""
    plan = msgspec.structs.replace(OUTAGE, dead=True)
    result = weather_store.store_down(plan, tmp_path, lambda _: None)
    assert result["passed"], result["problems"]
    assert result["stored"] == result["acked"] > 100


def test_links_of_a_killed_listener_come_back(tmp_path: Path) -> None:
    """Only its own are lost, and all are answered again."""
    result = weather_links.worker_killed(LINKS, tmp_path, lambda _: None)
    assert result["passed"], result["problems"]
    assert 0 < result["links_lost"] < 60
    assert result["all_answered_again_s"] > 0


def test_bad_frames_stand_in_quarantine(tmp_path: Path) -> None:
    """With their reasons, while the good ones are stored."""
    result = weather_links.bad_frames(LINKS, tmp_path, lambda _: None)
    assert result["passed"], result["problems"]
    assert sum(result["reasons"].values()) == result["bad"] == result["bad_sent"] > 0


def test_a_flood_is_read_slowly(tmp_path: Path) -> None:
    """No faster than its address may send."""
    result = weather_links.flood(LINKS, tmp_path, lambda _: None)
    assert result["passed"], result["problems"]
    assert result["flood_bytes_per_s"] > 0


def test_a_held_file_is_free_again(tmp_path: Path) -> None:
    """Held twice in a row, because release gave it back."""
    held = HeldFile(tmp_path / "file")
    for _ in range(2):
        held.hold()
        held.release()
