"""Puts the job room together. Tests: tests/hub/jobs/test_jobs_api.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from hj212d.hub.jobs.api_window import WISHES, ApiWindow
from hj212d.hub.jobs.room import JobRoom
from hj212d.hub.jobs.settings import ReportsSettings


class JobsRoom(msgspec.Struct, frozen=True):
    """What the hub and its API need."""

    service: JobRoom
    window: ApiWindow


def make_jobs(
    reactor: Any,
    *,
    data_dir: Path,
    config_path: str,
    settings: ReportsSettings,
    now_us: Callable[[], int],
) -> JobsRoom:
    """``config_path``: the daemon's configuration, "" when it has no file."""
    base = [f"--data={data_dir}"] + ([f"--config={config_path}"] if config_path else [])
    room = JobRoom(reactor, data_dir / "reports", base, settings, now_us)
    return JobsRoom(room, ApiWindow(reactor, room, WISHES))
