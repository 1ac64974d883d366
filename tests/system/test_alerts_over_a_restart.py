"""A real daemon is restarted with all its links: nobody is told of an outage."""

from __future__ import annotations

import socket
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

from running_daemon import WITHIN_S, Daemon, configured, serving
from waiting import wait_until

from hj212d.hub.times import BEIJING
from hj212d.wire.build import frame
from store.registry.alert_records import RuleRecord
from store.registry.open import open_registry

CONFIG = """[alerts]
look_every_s = 0.2
snapshot_every_s = 2
group_wait_s = 1
[completeness]
fill = false
"""
KNOWN = {"stranger_frames": 0, "stranger_s": 0}
GONE = RuleRecord(
    key="gone", kind="offline", params={"scope": "link", "after_s": 60, "flaps": 9, **KNOWN}
)
SILENT = RuleRecord(key="silent", kind="offline", params={"after_s": 60, **KNOWN})
MNS = [f"M{number}" for number in range(5)]


def speaking(daemon: Daemon, links: ExitStack) -> None:
    """All stations connect and send a frame; their links stay."""
    for mn in MNS:
        link = links.enter_context(socket.create_connection(daemon.address, timeout=90))
        now = datetime.now(BEIJING)
        link.sendall(
            frame(
                f"QN={now:%Y%m%d%H%M%S}000;ST=32;CN=2011;PW=123456;MN={mn};Flag=5;"
                f"CP=&&DataTime={now:%Y%m%d%H%M%S};w01018-Rtd=1.0,w01018-Flag=N&&".encode()
            )
        )
        assert link.recv(65536)


def evaluated(daemon: Daemon, frames: int) -> None:
    """Until that many frames were judged since the start."""
    wait_until(
        lambda: daemon.client.call("status")["alerts"].get("frames_total", 0) >= frames,
        "the frames are judged",
        WITHIN_S,
    )


def test_a_restart_is_no_outage(tmp_path: Path) -> None:
    """All links go at once and are back within a minute, by SIGTERM and by kill -9 of the
    supervisor: no link and no station is missed."""
    data = configured(tmp_path / "data", CONFIG)
    with closing(open_registry(f"sqlite:///{data}/registry.db", data / "registry.key")) as made:
        for rule in (GONE, SILENT):
            made.rules.put(rule, "test")
    with serving(data) as daemon, ExitStack() as links:
        speaking(daemon, links)
        evaluated(daemon, len(MNS))
        daemon.stop()
        daemon.start()
        speaking(daemon, links)
        evaluated(daemon, len(MNS))
        daemon.process.kill()
        daemon.process.wait(WITHIN_S)
        daemon.close()
        daemon.start()
        speaking(daemon, links)
        evaluated(daemon, len(MNS))
        status = daemon.client.call("status")["alerts"]
        assert (status["faults_total"], status["raised_total"]) == (0, 0)
    with closing(open_registry(f"sqlite:///{data}/registry.db", data / "registry.key")) as kept:
        assert kept.alarms.find(limit=10) == []
