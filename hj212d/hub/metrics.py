"""The status object in the text format of Prometheus.

Labels are bounded: reasons, repairs, causes, workers, targets, never an MN. A figure that is not
known yet is left out rather than shown as 0. Tests: tests/hub/test_metrics.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hj212d.hub.commands.command_metrics import command_metrics

Found = dict[str, Any]

# name without hj212d_ -> help, path in the status object
_COUNTERS = {
    "links_accepted": ("Links accepted.", "accepted_total"),
    "frames": ("Good frames received.", "frames_total"),
    "acknowledged": ("Answers handed to the kernel.", "acked_total"),
    "sent": ("Requests handed to the kernel.", "sent_total"),
    "received_bytes": ("Bytes read from links.", "bytes_in_total"),
    "junk_bytes": ("Bytes that belong to no frame.", "junk_bytes_total"),
    "ingest_errors": ("Records that our own code failed on.", "store.ingest_errors"),
    "ingest_faults": ("Steps of the ingest that failed in our own code.", "store.ingest_faults"),
    "tidy_steps": ("Steps in which the store tidied up.", "store.tidy.steps"),
    "tidy_faults": ("Such steps that failed in our own code.", "store.tidy.faults"),
    "bulletins_published": ("Bulletins of the air.", "bulletins.published_total"),
    "bulletin_corrections": ("Bulletins corrected.", "bulletins.corrections_total"),
    "bulletin_faults": (
        "Looks for bulletins that failed in our own code.",
        "bulletins.faults_total",
    ),
    "messages_handed": ("Messages that a channel took.", "notify.handed_total"),
    "messages_failed": ("Messages that a channel refused.", "notify.failed_total"),
    "messages_put_off": (
        "Attempts after which a message waits for another one.",
        "notify.put_off_total",
    ),
    "gaps_filled": ("Gaps in the data that were filled.", "completeness.filled_total"),
    "gaps_unavailable": (
        "Gaps that an instrument has no data for.",
        "completeness.unavailable_total",
    ),
    "gaps_given_up": (
        "Gaps given up because nothing came of requests.",
        "completeness.given_up_total",
    ),
    "gap_requests": ("Requests for history that is missing.", "completeness.requests_total"),
    "gap_rounds": ("Rounds in which all MNs were looked over.", "completeness.rounds_total"),
    "means_hours": ("Hours that were made of readings.", "means.hours_total"),
    "means_late_hours": ("Hours of stations made anew for late data.", "means.late_hours_total"),
    "means_rows": ("Means that were written or found unchanged.", "means.rows_total"),
    "means_changed": ("Means that were new or other ones.", "means.changed_total"),
    "means_seconds": ("Time that making means took.", "means.seconds_total"),
    "means_faults": ("Steps of it that failed in our own code.", "means.faults_total"),
    "gap_faults": ("Looks for gaps that failed in our own code.", "completeness.faults_total"),
    "alerts_frames": ("Frames that alerts have judged.", "alerts.frames_total"),
    "alerts_raised": ("Alarms that began.", "alerts.raised_total"),
    "alerts_ended": ("Alarms that ended.", "alerts.ended_total"),
    "alerts_messages": ("Messages of incidents.", "alerts.messages_total"),
    "alerts_cpu_seconds": ("Processor time of judging.", "alerts.cpu_seconds_total"),
    "alerts_faults": ("Parts of judging that failed in our own code.", "alerts.faults_total"),
    "alerts_dropped_signals": (
        "Signals that our own code failed on.",
        "alerts.dropped_signals_total",
    ),
    "journal_mended_blocks": (
        "Journal blocks with a flipped bit that was turned back.",
        "journal.mended_blocks",
    ),
    "journal_damaged_bytes": (
        "Journal bytes that could not be read and were skipped.",
        "journal.damaged_bytes",
    ),
    "journal_segments_removed": (
        "Journal segments that retention removed.",
        "retention.segments_removed_total",
    ),
}
# name without hj212d_ -> help, label, key in the status object
_LABELLED = {
    "rejected": ("Pieces of streams that are no good frame.", "reason", "rejected"),
    "repairs": ("Repairs: what was accepted against the standard.", "repair", "repairs"),
    "links_closed": ("Links closed.", "cause", "closed"),
    "links_refused": ("Connections refused before they became a link.", "cause", "refused"),
}
_GAUGES = {
    "links": ("Links that are open.", "links"),
    "links_identified": ("Links on which an MN spoke.", "links_identified"),
    "mns_on_two_links": ("MNs with more than one open link.", "mns_on_two_links"),
    "journal_bytes": ("Disk space that the journal takes.", "journal.bytes"),
    "journal_segments": ("Segment files of the journal.", "journal.segments"),
    "journal_disk_free_bytes": ("Free space on the journal's disk.", "journal.disk_free_bytes"),
    "store_lag_seconds": ("Age of the oldest frame not in the store.", "store.lag_seconds"),
    "store_lag_bytes": ("Journal bytes not in the store.", "store.lag_bytes"),
    "store_rows": ("Rows in the store, frames and samples.", "store.rows_total"),
    "gaps_open": ("Gaps that are open or asked for.", "completeness.gaps_open"),
    "gaps_asked": ("Gaps that instruments are asked to fill.", "completeness.asked"),
    "gap_values_missing": ("Values missing in them.", "completeness.values_missing"),
    "means_lag_seconds": ("For how long the next hour could have been made.", "means.lag_s"),
    "alerts_lag_seconds": ("Age of the oldest frame not judged.", "alerts.lag_seconds"),
    "tail_clients": ("Clients that watch frames arrive.", "tail_clients"),
}
_STATION_STATES = ("online", "offline")
_JOURNAL_STATES = ("ok", "full", "failed", "idle")
# name without hj212d_ -> help, key in a row of forward
_FORWARD_COUNTERS = {
    "forward_acknowledged": ("Frames that a target has acknowledged.", "acknowledged"),
    "forward_resent": ("Frames sent to a target once more after silence.", "resent"),
    "forward_dead": ("Frames that became dead letters.", "refused"),
    "forward_given_up_bytes": ("Journal skipped beyond max_lag_bytes.", "given_up_bytes"),
}
_FORWARD_GAUGES = {
    "forward_lag_bytes": ("Journal that waits for a target.", "lag_bytes"),
    "forward_lag_seconds": ("Age of the oldest frame that is not delivered.", "lag_seconds"),
}
_WORKER_GAUGES = {
    "worker_links": ("Links of a worker.", "links"),
    "worker_resident_bytes": ("Memory of a worker.", "rss_bytes"),
    "worker_open_files": ("Open files of a worker.", "fds"),
}


class StatusCollector(Collector):
    """Makes metrics of the status object, each time somebody looks."""

    def __init__(self, status: Callable[[], Found]) -> None:
        self._status = status

    def describe(self) -> list[Metric]:
        """Nothing in advance: the names of a later look must not be computed at registration."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All families."""
        found = self._status()
        yield from _plain(found)
        yield from _labelled(found)
        yield from _states(found)
        yield from _workers(found["workers"])
        yield from _forwards(found["forward"])
        yield from command_metrics(found["commands"])
        yield from _alerts(found["alerts"])


def exposition(status: Callable[[], Found]) -> Callable[[], bytes]:
    """A function that gives the whole page."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StatusCollector(status))
    return lambda: generate_latest(registry)


def _plain(found: Found) -> Iterator[Metric]:
    for name, (text, path) in _COUNTERS.items():
        value = _at(found, path)
        if value is not None:
            yield CounterMetricFamily(f"hj212d_{name}", text, value=value)
    for name, (text, path) in _GAUGES.items():
        value = _at(found, path)
        if value is not None:
            yield GaugeMetricFamily(f"hj212d_{name}", text, value=value)
    conflicts = sum(found["conflicts"].values())
    yield CounterMetricFamily(
        "hj212d_mn_conflicts", "Two living links spoke for one MN.", value=conflicts
    )


def _labelled(found: Found) -> Iterator[Metric]:
    for name, (text, label, key) in _LABELLED.items():
        family = CounterMetricFamily(f"hj212d_{name}", text, labels=[label])
        for value, count in found[key].items():
            family.add_metric([value], count)
        yield family


def _states(found: Found) -> Iterator[Metric]:
    stations = GaugeMetricFamily(
        "hj212d_stations", "Stations by presence (15-minute rule).", labels=["state"]
    )
    for state in _STATION_STATES:
        stations.add_metric([state], found["stations"][state])
    yield stations
    yield GaugeMetricFamily(
        "hj212d_stations_unregistered",
        "Stations heard of that nobody registered.",
        value=found["stations"]["unregistered"],
    )
    journal = GaugeMetricFamily(
        "hj212d_journal_state", "1 for the state the journal is in.", labels=["state"]
    )
    for state in _JOURNAL_STATES:
        journal.add_metric([state], int(found["journal"]["state"] == state))
    yield journal
    yield GaugeMetricFamily(
        "hj212d_store_up",
        "Whether the store serves.",
        value=int(found["store"]["state"] == "ok"),
    )
    info = GaugeMetricFamily("hj212d_info", "Version and codec.", labels=["version", "codec"])
    info.add_metric([found["version"], found["codec"]], 1)
    yield info
    codecs = GaugeMetricFamily("hj212d_processes", "Processes by codec.", labels=["codec"])
    for name, count in found["codecs"].items():
        codecs.add_metric([name], count)
    yield codecs


def _workers(workers: list[Found]) -> Iterator[Metric]:
    up = GaugeMetricFamily("hj212d_worker_up", "Whether a worker is there.", labels=["worker"])
    for worker in workers:
        up.add_metric([str(worker["slot"])], int(worker["connected"]))
    yield up
    for name, (text, key) in _WORKER_GAUGES.items():
        family = GaugeMetricFamily(f"hj212d_{name}", text, labels=["worker"])
        for worker in workers:
            if isinstance(worker.get(key), int):
                family.add_metric([str(worker["slot"])], worker[key])
        yield family


def _forwards(rows: list[Found]) -> Iterator[Metric]:
    up = GaugeMetricFamily("hj212d_forward_up", "Whether a target is up.", labels=["target"])
    for row in rows:
        up.add_metric([row["name"]], int(row["state"] == "up"))
    yield up
    for name, (text, key) in _FORWARD_COUNTERS.items():
        counter = CounterMetricFamily(f"hj212d_{name}", text, labels=["target"])
        for row in rows:
            counter.add_metric([row["name"]], row[key])
        yield counter
    for name, (text, key) in _FORWARD_GAUGES.items():
        gauge = GaugeMetricFamily(f"hj212d_{name}", text, labels=["target"])
        for row in rows:
            if row[key] is not None:
                gauge.add_metric([row["name"]], row[key])
        yield gauge


def _alerts(found: Found) -> Iterator[Metric]:
    for name, text in (
        ("incidents", "Incidents that are not closed, by state."),
        ("outbox", "Messages that are kept, by state."),
    ):
        family = GaugeMetricFamily(f"hj212d_{name}", text, labels=["state"])
        for state, count in found.get(name, {}).items():
            family.add_metric([state], count)
        yield family


def _at(found: Found, path: str) -> Any:
    value: Any = found
    for part in path.split("."):
        value = value.get(part)
    return value
