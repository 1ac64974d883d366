"""Bulletins for the commands: asked of the running daemon, or of the registry when none runs.

Every failure becomes a `Refusal`. Tests: tests/cli/test_bulletin_command.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hj212d.cli.answers import Answers, NoDaemonRuns, refused
from hj212d.cli.here import Here
from hj212d.cli.job_progress import Step
from hj212d.cli.own_registry import own_registry
from hj212d.cli.refusal import NO, Refusal
from hj212d.hub.bulletins import desk
from hj212d.hub.bulletins.requests import Bulletin, Bulletins

Row = dict[str, Any]

_HOUR = timedelta(hours=1)


def bulletins(here: Here, **asked: Any) -> list[Row]:
    """Rows of the book, the last published first."""
    rows: list[Row]
    try:
        with refused():
            rows = Answers(here).client.call("bulletins", **asked)["bulletins"]
    except NoDaemonRuns:
        with own_registry(here) as registry:
            rows = desk.found(registry, Bulletins(**asked))["bulletins"]
    return rows


def bulletin(here: Here, **asked: Any) -> Row:
    """One of them, with its versions; Refusal when there is none."""
    found: Row
    try:
        with refused():
            found = Answers(here).client.call("bulletin", **asked)
    except NoDaemonRuns:
        with own_registry(here) as registry:
            found = desk.one(registry, Bulletin(**asked))
    if found["bulletin"] is None:
        raise Refusal(f"nothing was published of {asked['place']} for that period", NO)
    return found


def publish(here: Here, kind: str, start: datetime, end: datetime, tell: Step) -> Row:
    """Have the daemon publish a span, some periods at a time; ``tell`` hears how many hours
    are done. Refusal when none runs: it alone knows all readings."""
    client = Answers(here).client
    total = {"published": 0, "corrections": 0}
    step = timedelta(hours=6) if kind == "hour" else timedelta(days=3)
    begun = start
    while begun < end:
        behind = min(begun + step, end)
        span = {"start": begun.isoformat(), "end": behind.isoformat()}
        with refused():
            done = client.call("bulletin_publish", kind=kind, **span)
        total = {name: count + done[name] for name, count in total.items()}
        begun = behind
        tell("publishing", *((one - start) // _HOUR for one in (begun, end)))
    return total
