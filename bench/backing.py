"""Where a run keeps its rows: the URL of its store, and the process behind it when there is one.

``duckdb`` and ``chdb`` live in the hub; ``clickhouse-front`` is ClickHouse's engine behind HTTP in
a process of its own, which can be killed like any other. Test: tests/system/test_crash.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

ENGINES = ("duckdb", "chdb", "clickhouse-front")


class Backing(Protocol):
    """A store for one run. Calls block."""

    url: str
    apart: bool  # a process of its own

    def start(self) -> None:
        """Serve; nothing to do for a store that lives in the hub."""

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""

    def end(self) -> None:
        """Stop serving, in order."""


class InHub:
    """A store that the hub itself holds: nothing to start, kill or end but the hub."""

    apart = False

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        """Nothing."""

    def kill(self) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


def backing(engine: str, folder: Path) -> Backing:
    """The engine of that name, with its files in ``folder`` (made when it is needed)."""
    match engine:
        case "duckdb":
            return InHub(f"duckdb:///{folder / 'hj212d.duckdb'}")
        case "chdb":
            return InHub(f"chdb:///{folder / 'clickhouse'}")
    raise ValueError(f"no such engine: {engine}")
