"""A daemon set up for a load bench, and what is asked of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import click
import pytest

from bench.daemon import DaemonError
from bench.rig import DISK, TMPFS, Rig, place


def test_a_rig_serves_and_leaves_nothing(tmp_path: Path) -> None:
    """It listens, has its settings, tells what its processes cost; then all is gone."""
    with Rig(100, folder=tmp_path, sync="none", workers=2) as rig:
        assert rig.status()["journal"]["sync"] == "none"
        assert rig.status()["links"] == 0
        assert len(rig.processes("worker")) == rig.workers == 2
        assert set(rig.costs()) == {"supervisor", "hub", "worker"}
        assert 1 << 20 < rig.memory("hub").anonymous_bytes < rig.memory("hub").rss_bytes
        (config,) = tmp_path.glob("*/hj212d.toml")
        assert tomllib.loads(config.read_text())["link"]["address_max_links"] > 1_000_000
        assert rig.url.startswith("duckdb:///")
    assert rig.daemon.pid is None
    assert list(tmp_path.iterdir()) == []


def test_a_daemon_that_does_not_start_leaves_nothing(tmp_path: Path) -> None:
    """Its words come out, its folder goes."""
    with (
        pytest.raises(DaemonError, match="no-such-engine"),
        Rig(10, folder=tmp_path, store="no-such-engine://"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_where_the_data_go(tmp_path: Path) -> None:
    """A disk, memory, or the folder that was named; not two of them."""
    assert place(None, False) == DISK
    assert place(None, True) == TMPFS
    assert place(tmp_path, False) == tmp_path
    with pytest.raises(click.UsageError):
        place(tmp_path, True)
    with pytest.raises(click.UsageError, match="no folder"):
        place(tmp_path / "none", False)
