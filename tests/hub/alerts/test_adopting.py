"""The evaluator takes over alarms that only the registry remembers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa

from alerts.rules.book import checked
from alerts.settings import AlertsSettings
from hj212d.hub.alerts.evaluator import Evaluator
from hj212d.hub.alerts.ground import HubGround
from hj212d.hub.alerts.moments import microseconds
from hj212d.hub.devices import Devices
from hj212d.hub.site_book import SiteBook
from store.registry.alert_records import RuleRecord
from store.timeseries import FRAMES, SAMPLES

BEGAN = datetime(2026, 6, 1, 4, 15, tzinfo=UTC)
NOW = microseconds(BEGAN) + 3600_000_000
RULES = [
    checked(RuleRecord(key="offline", kind="offline", params={"after_s": 900})),
    checked(
        RuleRecord(
            key="high", kind="over_limit", params={"by": "value", "period": "realtime", "high": 5}
        )
    ),
]
SILENT = ("offline", "mn:A", "", BEGAN)
HIGH = ("high", "mn:A", "a34004", BEGAN)
NOBODYS = ("removed", "mn:A", "a34004", BEGAN)


def test_they_go_on_and_end_as_others_do() -> None:
    """Under the name that the registry has; what no rule watches is told."""
    ground = HubGround(SiteBook(Devices([])), lambda: ["A"], lambda: date(2026, 6, 1))
    judge = Evaluator(RULES, ground, AlertsSettings())
    assert judge.adopt([SILENT, HIGH, NOBODYS]) == [NOBODYS]
    assert judge.active() == [HIGH, SILENT]
    assert judge.adopt([SILENT, HIGH]) == []
    heard = {"mn": "A", "received_at": BEGAN.replace(tzinfo=None), "reason": "ok"}
    frames = pa.Table.from_pylist([heard], schema=FRAMES)
    found = judge.observe(frames, SAMPLES.empty_table(), NOW)
    assert [(one.what, one.rule, one.began) for one in found] == [("cleared", "offline", BEGAN)]
