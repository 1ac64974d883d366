"""The figures of commands as Prometheus reads them, from their part of the status object.

Tests: tests/hub/test_metrics.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

_GAUGES = {
    "commands_unwritten": ("Changes of commands that wait for the registry.", "unwritten"),
    "commands_under_way": ("Commands sent over a link that is there.", "under_way"),
}
_COUNTERS = {
    "commands_answered_late": (
        "Commands whose end a late answer made another one.",
        "answered_late",
    ),
    "replies_unmatched": ("Replies that belong to no command.", "unmatched"),
    "replies_without_qn": ("Replies matched by MN alone.", "without_qn"),
}


def command_metrics(found: dict[str, Any]) -> Iterator[Metric]:
    """All families; none while there is no command service."""
    if not found:
        return
    waiting = GaugeMetricFamily(
        "hj212d_commands_open", "Commands that have not ended.", labels=["state"]
    )
    for state in ("queued", "sent"):
        waiting.add_metric([state], found[state])
    yield waiting
    ended = CounterMetricFamily(
        "hj212d_commands_ended", "Commands that ended since the start.", labels=["state"]
    )
    for state, count in sorted(found["ended"].items()):
        ended.add_metric([state], count)
    yield ended
    for name, (text, key) in _GAUGES.items():
        yield GaugeMetricFamily(f"hj212d_{name}", text, value=found[key])
    for name, (text, key) in _COUNTERS.items():
        yield CounterMetricFamily(f"hj212d_{name}", text, value=found[key])
    yield GaugeMetricFamily(
        "hj212d_ear_lag_bytes",
        "Bytes of the journal in which nobody looked for replies yet.",
        value=found["ear"]["lag_bytes"],
    )
