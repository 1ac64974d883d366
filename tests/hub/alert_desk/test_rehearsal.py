"""A rule tried on the past: what it would have raised, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from desk_rig import Desk

from alerts.rules.book import Rule, checked
from alerts.settings import AlertsSettings
from hj212d.hub.alert_desk.rehearsal import alarms, rehearse, warm_up, why_not
from hj212d.hub.alert_desk.rule_deeds import rule_of, rule_with
from hj212d.hub.alerts.ground import HubGround
from store.timeseries import FRAMES, READINGS

T0 = datetime(2026, 3, 1, 0, 0)
MINUTE = timedelta(minutes=1)


def rule(desk: Desk, key: str, **params: Any) -> Rule:
    """A rule in force with other figures."""
    return checked(rule_with(rule_of(desk.registry, key), key, {"params": params}))


def frames(at: Sequence[datetime]) -> pa.Table:
    """Good frames of A."""
    rows = [{"received_at": one, "mn": "A", "reason": "ok"} for one in at]
    return pa.Table.from_pylist(rows, schema=FRAMES)


def samples(values: Sequence[float], factor: str = "a34004") -> pa.Table:
    """Of A, one a minute, as a query answers them."""
    rows = [
        {
            "data_time": T0 + n * MINUTE,
            "received_at": T0 + n * MINUTE,
            "mn": "A",
            "factor": factor,
            "period": "realtime",
            "rtd": value,
            "flag": "N",
        }
        for n, value in enumerate(values)
    ]
    return pa.Table.from_pylist(rows, schema=READINGS)


def tried(desk: Desk, rule: Rule, heard: pa.Table, read: pa.Table, hours: int = 2) -> list[Any]:
    """Alarms of the hours from T0 on."""
    ground = HubGround(desk.sites, lambda: ["A"], lambda: date(2026, 3, 1))
    end = T0 + timedelta(hours=hours)
    return list(alarms(rehearse(rule, ground, AlertsSettings(), heard, read, [], [], T0, end)))


def test_silence_of_the_past(desk: Desk) -> None:
    """From a quarter of an hour on; a shorter figure finds more; nothing is kept."""
    minutes = [*range(20), *range(30, 40), *range(80, 120)]
    heard = frames([T0 + n * MINUTE for n in minutes])
    found = tried(desk, rule(desk, "offline"), heard, samples([]))
    assert [(one["began"], one["ended"]) for one in found] == [
        (
            (T0 + 54 * MINUTE).replace(tzinfo=UTC),
            (T0 + 80 * MINUTE).replace(tzinfo=UTC),
        )
    ]
    assert len(tried(desk, rule(desk, "offline", after_s=300), heard, samples([]))) == 2
    assert desk.registry.incidents.list() == []
    assert desk.registry.alarms.active() == []


def test_values_above_a_limit_of_the_past(desk: Desk) -> None:
    """With so many in a row as the rule says, and an end below its hysteresis."""
    said = {"kind": "over_limit", "params": {"by": "value", "period": "realtime", "high": 100}}
    over = checked(rule_with(None, "mine", said))
    read = samples([50.0] * 10 + [150.0] * 10 + [99.0] * 5 + [50.0] * 10)
    (found,) = tried(desk, over, frames([]), read)
    assert found["subject"] == "mn:A"
    assert found["limit"] == 100
    assert found["began"] == (T0 + 10 * MINUTE).replace(tzinfo=UTC)
    assert found["ended"] is not None


def test_what_is_not_kept_cannot_be_tried(desk: Desk) -> None:
    """Disks, targets and links have no past."""
    assert why_not(rule(desk, "offline")) == ""
    for key in ("disk", "forward", "store-lag", "completeness", "link-gone", "key-age"):
        assert why_not(rule(desk, key)).split()[0] in ("watches", "asks")


@pytest.mark.parametrize(("key", "least"), [("offline", 0), ("swing", 1), ("drift", 7)])
def test_rules_of_the_own_past_need_some_of_it(desk: Desk, key: str, least: int) -> None:
    """Before the span that is asked for."""
    assert warm_up(rule(desk, key)) >= timedelta(days=least)
