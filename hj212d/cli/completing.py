"""Completeness, answered by the running daemon, or by store and registry when none runs.

Every failure becomes a `Refusal`. Tests: tests/cli/test_completeness_command.py.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from hj212d.cli.answers import Answers, NoDaemonRuns, refused
from hj212d.cli.here import Here
from hj212d.cli.own_registry import own_registry
from hj212d.config import places
from hj212d.hub.completeness.desk import found_gaps, shown
from hj212d.hub.completeness.reckoning import Reckoning
from hj212d.hub.completeness.requests import Completeness, Gaps
from hj212d.hub.devices import Devices
from hj212d.hub.overlay import Registered
from store.registry.place import sqlite_file

if TYPE_CHECKING:
    import pyarrow as pa


def rates(here: Here, **asked: Any) -> pa.Table:
    """Rows of RATES."""
    answers = Answers(here)
    try:
        with refused():
            return answers.client.table("completeness", **asked)
    except NoDaemonRuns:
        devices = _devices(here, answers)
        with answers.store() as store:
            reckoning = Reckoning(
                store,
                devices.record,
                lambda: [device.mn for device in devices.settings()],
                lambda: time.time_ns() // 1000,
            )
            return reckoning.rates(Completeness(**asked).meaning(), answers.config.completeness)


def gaps(here: Here, **asked: Any) -> list[dict[str, Any]]:
    """Rows of the book of gaps, newest first."""
    answers = Answers(here)
    try:
        with refused():
            found: list[dict[str, Any]] = answers.client.call("gaps", **asked)["gaps"]
            return found
    except NoDaemonRuns:
        if not _is_there(here, answers):
            return []
        with own_registry(here) as registry:
            return [shown(gap) for gap in found_gaps(registry, Gaps(**asked))]


def _devices(here: Here, answers: Answers) -> Devices:
    """What configuration and registry say of devices; the registry is not made for that."""
    devices = Devices(answers.config.devices)
    if _is_there(here, answers):
        with own_registry(here) as registry:
            devices.load([Registered(record.mn, record) for record in registry.devices.all()])
    return devices


def _is_there(here: Here, answers: Answers) -> bool:
    file = sqlite_file(places.registry_url(answers.config, here.data))
    return file is None or file.exists()
