"""The status object: everything an operator asks of the daemon, in one dictionary.

Its keys are a contract (`hj212d status --json`): add, never rename. Pure: puts together what the
services know; nothing here reads a disk or asks the store, and nothing secret goes in.
Tests: tests/hub/test_metrics.py, test_hub_process.py.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hj212d import __version__
from hj212d.hub.figures_service import Figures
from hj212d.hub.live import Live
from hj212d.hub.times import iso
from hj212d.hub.workers import Workers
from hj212d.wire import codec

_WORST_FIRST = ("failed", "full")


class Facts(msgspec.Struct):
    """What does not change while the hub runs, and the states of the moment."""

    started_us: int
    store_url: str
    listen: list[str]
    http: str
    journal_sync: str
    store_state: str = "starting"
    store_error: str = ""
    mended: int = 0
    damaged: int = 0
    damaged_bytes: int = 0
    ingest_errors: int = 0
    ingest_faults: int = 0
    ready: bool = False
    watching: int = 0
    routes: int = 0
    doubled: int = 0
    routes_refused: int = 0
    tidy: dict[str, Any] = {}
    forward: list[dict[str, Any]] = []
    retention: dict[str, Any] = {}
    stations: dict[str, int] = {}
    registry: dict[str, Any] = {}
    commands: dict[str, Any] = {}
    completeness: dict[str, Any] = {}
    means: dict[str, Any] = {}
    keys: dict[str, Any] = {}
    positions: dict[str, Any] = {}
    bulletins: dict[str, Any] = {}
    alerts: dict[str, Any] = {}
    schedules: dict[str, Any] = {}
    notify: dict[str, Any] = {}


def status(facts: Facts, workers: Workers, live: Live, figures: Figures) -> dict[str, Any]:
    """The status object."""
    totals = figures.store_totals
    return {
        "version": __version__,
        "codec": codec.NAME,
        "codecs": workers.codecs(codec.NAME),
        "started_at": iso(facts.started_us),
        "listen": facts.listen,
        "http": facts.http,
        "links": workers.moment("links"),
        "links_identified": workers.moment("links_identified"),
        "routes": facts.routes,
        "accepted_total": workers.total("accepted_total"),
        "frames_total": workers.total("frames_total"),
        "acked_total": workers.total("acked_total"),
        "sent_total": workers.total("sent_total"),
        "bytes_in_total": workers.total("bytes_in_total"),
        "junk_bytes_total": workers.total("junk_bytes_total"),
        "rejected": workers.labels("rejected"),
        "repairs": workers.labels("repairs"),
        "closed": workers.labels("closed"),
        "refused": workers.labels("refused"),
        "conflicts": workers.labels("conflicts"),
        "mns_on_two_links": facts.doubled,
        "paused": workers.paused(),
        "stations": {
            **facts.stations,
            "refused": {**live.refused, "routes": facts.routes_refused},
        },
        "journal": {
            "state": journal_state(workers.journal_states()),
            "sync": facts.journal_sync,
            "bytes": figures.journal_bytes,
            "segments": figures.journal_segments,
            "disk_free_bytes": figures.disk_free_bytes,
            "unread_bytes": figures.lag_bytes,
            "mended_blocks": facts.mended,
            "damaged_places": facts.damaged,
            "damaged_bytes": facts.damaged_bytes,
        },
        "retention": facts.retention,
        "store": {
            "url": facts.store_url,
            "engine": engine(facts.store_url),
            "state": facts.store_state,
            "error": facts.store_error,
            "rows_total": None if totals is None else totals["frames"] + totals["samples"],
            "frames": None if totals is None else totals["frames"],
            "frames_bad": None if totals is None else totals["frames_bad"],
            "samples": None if totals is None else totals["samples"],
            "lag_seconds": figures.lag_seconds,
            "lag_bytes": figures.lag_bytes,
            "ingest_errors": facts.ingest_errors,
            "ingest_faults": facts.ingest_faults,
            "live_ready": facts.ready,
            "tidy": facts.tidy,
        },
        "registry": facts.registry,
        "commands": facts.commands,
        "completeness": facts.completeness,
        "means": facts.means,
        "keys": facts.keys,
        "positions": facts.positions,
        "bulletins": facts.bulletins,
        "alerts": facts.alerts,
        "schedules": facts.schedules,
        "notify": facts.notify,
        "forward": facts.forward,
        "tail_clients": facts.watching,
        "workers": workers.rows(),
    }


def engine(store_url: str) -> str:
    """The engine of a store's URL: ``duckdb``, ``clickhouse``, ``chdb``."""
    return store_url.partition(":")[0].partition("+")[0]


def journal_state(states: list[str]) -> str:
    """The worst state of all lanes; ``idle`` when no worker is there."""
    if not states:
        return "idle"
    return next((state for state in _WORST_FIRST if state in states), "ok")


def health(found: dict[str, Any]) -> list[str]:
    """Why the daemon is not healthy; empty when it is."""
    reasons = []
    if found["journal"]["state"] in _WORST_FIRST:
        reasons.append(f"journal {found['journal']['state']}")
    if found["store"]["state"] == "unavailable":
        reasons.append(f"store unavailable: {found['store']['error']}")
    if found["registry"].get("state") == "unavailable":
        reasons.append(f"registry unavailable: {found['registry']['error']}")
    if not any(worker["connected"] for worker in found["workers"]):
        reasons.append("no worker connected")
    return reasons
