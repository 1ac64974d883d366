"""The simulator against the real daemon: every frame arrives, through cuts and a restart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from waiting import until

from bench.daemon import Daemon
from bench.fleet import Fleet
from bench.instruments import roster
from bench.instruments.station import Station
from bench.simulate import main

STATIONS = roster.make(40, 3, interval_s=1, odd_share=0.3)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that knows the stations."""
    config = tmp_path / "hj212d.toml"
    config.write_text(roster.device_tables(STATIONS))
    found = Daemon(tmp_path / "data", config=config, workers=2)
    found.start()
    yield found
    if found.pid is not None:
        assert found.terminate() == 0


def fleet(daemon: Daemon, stations: list[Station], **settings: float) -> Fleet:
    assert daemon.ready is not None
    where = (daemon.ready.host, daemon.ready.port)
    return Fleet(stations, *where, seed=3, **({"interval_s": 1.0} | settings))  # type: ignore[arg-type]


def test_every_station_is_heard_and_answered(daemon: Daemon) -> None:
    """All versions, encrypted or not, with their habits: each frame that asks is acknowledged."""

    async def scenario() -> Fleet:
        driven = fleet(daemon, STATIONS)
        running = asyncio.create_task(driven.run())
        await until(lambda: driven.reporting == len(STATIONS), "all stations")
        driven.stop()
        await running
        return driven

    driven = asyncio.run(scenario())
    summary = driven.summary()
    assert (summary["unexpected"], summary["resent"], summary["dropped"]) == (0, 0, 0)
    assert summary["acked"] > 3 * len(STATIONS)
    status = daemon.control.call("status")
    assert status["stations"]["known"] == len(STATIONS)
    assert set(status["rejected"]) <= {"junk"}


def test_a_fleet_outlives_the_daemon(daemon: Daemon) -> None:
    """Frames that fall due while the daemon is away are kept and delivered after it is back."""

    async def scenario() -> Fleet:
        driven = fleet(daemon, STATIONS[:10])
        running = asyncio.create_task(driven.run())
        await until(lambda: driven.reporting == 10, "all stations")
        await asyncio.to_thread(daemon.kill_all)
        await until(lambda: driven.summary()["refused"] > 10, "refused connections")
        await asyncio.to_thread(daemon.start)
        await until(lambda: driven.links == 10, "links again")
        await until(lambda: driven.summary()["resent_later"] > 0, "frames sent later")
        await until(lambda: driven.summary()["backlog"] <= 10, "an empty backlog")
        driven.stop()
        await running
        return driven

    summary = asyncio.run(scenario()).summary()
    assert summary["dropped"] == 0
    assert summary["unexpected"] == 0


def test_the_command_prints_its_figures(daemon: Daemon, tmp_path: Path) -> None:
    """`simulate` runs for the given time, faster than real time, and ends with one JSON object."""
    assert daemon.ready is not None
    written = tmp_path / "devices.toml"
    result = CliRunner().invoke(
        main,
        [
            "--target", f"{daemon.ready.host}:{daemon.ready.port}", "--stations", "5",
            "--interval", "10", "--seconds", "3", "--speed", "10", "--seed", "3", "--json",
            "--faults", "0", "--write-config", str(written),
        ],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert summary["stations"] == 5
    assert summary["acked"] >= 5 * 3
    assert written.read_text().count("[[device]]") == 5


def test_wrong_use_is_refused() -> None:
    """No target, a target without a port, speed without an end."""
    for options in ([], ["--target", "localhost"], ["--target", "h:1", "--speed", "5"]):
        assert CliRunner().invoke(main, options).exit_code == 2
