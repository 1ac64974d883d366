"""The soak test in small: it measures what it says, and notices what goes wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

from waiting import until

from bench.daemon import Daemon
from bench.soak import soak
from bench.statusline import StatusLine
from bench.steady import SteadyFleet


def test_a_small_soak_passes(tmp_path: Path) -> None:
    """60 links for some seconds: none lost, each frame acknowledged, figures for each process."""
    daemon = Daemon(tmp_path / "data", workers=1)
    result = asyncio.run(soak(daemon, 60, 0.5, 0.06, StatusLine()))
    assert result["passed"], result["problems"]
    assert result["links_in_status"]["greatest"] == 60
    assert result["frames_sent"] == result["frames_acked"] > 200
    assert set(result["rss_mb"]) == {"supervisor", "hub", "worker"}
    assert result["fds"]["worker"] > 60
    assert daemon.pid is None


def test_a_lost_link_and_a_silent_server_are_noticed(tmp_path: Path) -> None:
    """When the daemon dies, its links count as lost and their frames as unanswered."""
    daemon = Daemon(tmp_path / "data", workers=1)
    ready = daemon.start()

    async def scenario() -> SteadyFleet:
        fleet = SteadyFleet(10, ready.host, ready.port, interval_s=0.2, addresses=["127.0.0.3"])
        await fleet.open(1000)
        running = asyncio.create_task(fleet.run(1.0))
        await until(lambda: fleet.acked >= 10, "answers")
        await asyncio.to_thread(daemon.kill_all)
        await until(lambda: fleet.up == 0, "links lost")
        await running
        await fleet.close()
        return fleet

    fleet = asyncio.run(scenario())
    assert fleet.lost == 10
    assert fleet.acked <= fleet.sent
