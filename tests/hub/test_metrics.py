"""The status object as Prometheus reads it."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hj212d.hub.figures_service import Figures
from hj212d.hub.live import Live
from hj212d.hub.metrics import exposition
from hj212d.hub.status import Facts, engine, health, status
from hj212d.hub.workers import Workers


def found(workers: Workers, figures: Figures | None = None, **facts: Any) -> dict[str, Any]:
    """A status object as the hub makes it."""
    live = Live(offline_after_s=900.0, max_mns=10, max_factors=10)
    plain = Facts(
        started_us=0,
        store_url="duckdb:///x",
        listen=[],
        http="none",
        journal_sync="group",
        stations={"known": 3, "online": 2, "offline": 1, "unregistered": 0},
        retention={"segments_removed_total": 4, "swept_at": None, "error": ""},
        **facts,
    )
    return status(plain, workers, live, figures or Figures())


@pytest.fixture
def workers() -> Workers:
    """Two workers with figures."""
    workers = Workers()
    for slot in range(2):
        workers.hello(slot, slot + 1, str(slot), 0)
        workers.stats(
            slot,
            {
                "links": 5,
                "frames_total": 100,
                "rejected": {"junk": 2, 'odd"\n\\': 1},
                "conflicts": {"SECRETMN": 3},
                "rss_bytes": 1000,
                "journal_state": "ok",
                "codec": "compiled" if slot else "python",
            },
            0,
        )
    return workers


def samples(text: bytes) -> dict[tuple[str, str], float]:
    """(name, labels) -> value, as Prometheus' own parser reads them."""
    return {
        (sample.name, ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_parsed_by_prometheus(workers: Workers) -> None:
    """Counters, gauges and labels come through, odd labels escaped."""
    figures = Figures(lag_seconds=1.5, store_totals={"frames": 7, "frames_bad": 1, "samples": 70})
    text = exposition(lambda: found(workers, figures, store_state="ok"))()
    values = samples(text)
    assert values["hj212d_frames_total", ""] == 200
    assert values["hj212d_links", ""] == 10
    assert values["hj212d_rejected_total", "reason=junk"] == 4
    assert values["hj212d_rejected_total", 'reason=odd"\n\\'] == 2
    assert values["hj212d_stations", "state=online"] == 2
    assert values["hj212d_journal_state", "state=ok"] == 1
    assert values["hj212d_store_up", ""] == 1
    assert values["hj212d_store_lag_seconds", ""] == 1.5
    assert values["hj212d_store_rows", ""] == 77
    assert values["hj212d_worker_resident_bytes", "worker=1"] == 1000
    assert values["hj212d_mn_conflicts_total", ""] == 6
    assert values["hj212d_processes", "codec=python"] >= 1


def test_every_family_has_help_and_our_prefix(workers: Workers) -> None:
    """Nothing stands there without a line that says what it is."""
    text = exposition(lambda: found(workers))()
    families = list(text_string_to_metric_families(text.decode()))
    assert len(families) > 20
    for family in families:
        assert family.name.startswith("hj212d_")
        assert family.documentation.endswith(".")


def test_no_mn_is_a_label(workers: Workers) -> None:
    """The number of series does not grow with the stations."""
    assert b"SECRETMN" not in exposition(lambda: found(workers))()


def test_unknown_is_left_out(workers: Workers) -> None:
    """A figure that nobody knows yet is not shown as 0."""
    values = samples(exposition(lambda: found(workers))())
    assert not any(name.startswith("hj212d_store_lag") for name, _ in values)


@pytest.mark.parametrize(
    ("state", "store", "connected", "reasons"),
    [
        ("ok", "ok", True, []),
        ("ok", "starting", True, []),
        ("full", "ok", True, ["journal full"]),
        ("failed", "ok", True, ["journal failed"]),
        ("ok", "unavailable", True, ["store unavailable: locked"]),
        ("ok", "ok", False, ["no worker connected"]),
    ],
)
def test_health(state: str, store: str, connected: bool, reasons: list[str]) -> None:
    """Unhealthy with a reason: journal full or failed, store unavailable, no worker."""
    workers = Workers()
    workers.hello(0, 1, "0", 0)
    workers.stats(0, {"journal_state": state}, 0)
    if not connected:
        workers.gone(0)
    error = "locked" if store == "unavailable" else ""
    assert health(found(workers, store_state=store, store_error=error)) == reasons


def test_engine_and_tidying_are_shown(workers: Workers) -> None:
    """What kind of store it is, and what its tidying says of itself."""
    for url, name in (
        ("duckdb:///x", "duckdb"),
        ("clickhouse://h:8123/db", "clickhouse"),
        ("chdb:///x", "chdb"),
    ):
        assert engine(url) == name
    shown = found(workers, tidy={"steps": 3, "faults": 0})
    assert shown["store"]["tidy"] == {"steps": 3, "faults": 0}
    assert samples(exposition(lambda: shown)())["hj212d_tidy_steps_total", ""] == 3


def test_commands_by_state(workers: Workers) -> None:
    """Open and ended commands by state, and how far the ear is behind."""
    commands = {
        "queued": 3,
        "sent": 2,
        "under_way": 1,
        "ended": {"done": 7, "timeout": 1},
        "answered_late": 2,
        "unmatched": 4,
        "without_qn": 5,
        "unwritten": 0,
        "ear": {"lag_bytes": 99},
    }
    page = samples(exposition(lambda: found(workers, commands=commands))())
    assert page["hj212d_commands_open", "state=queued"] == 3
    assert page["hj212d_commands_ended_total", "state=done"] == 7
    assert page["hj212d_commands_answered_late_total", ""] == 2
    assert page["hj212d_replies_unmatched_total", ""] == 4
    assert page["hj212d_ear_lag_bytes", ""] == 99
