"""A replay, by the running daemon or, when none runs, right here.

Tests: tests/cli/test_commands_live.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from hj212d.cli import data_lock
from hj212d.cli.answers import Answers, NoDaemonRuns, refused
from hj212d.cli.here import Here
from hj212d.cli.own_registry import devices_in_force
from hj212d.cli.refusal import NO, Refusal
from hj212d.config import places
from hj212d.hub.replay import Progress, Replay, Selection
from hj212d.journal.identity import identity
from hj212d.wire.reasons import Reason
from store.open import open_store
from store.timeseries import StoreUnavailable

Tell = Callable[[int, int], None]


def replay(
    here: Here, start: datetime, end: datetime, mn: str | None, reason: str | None, tell: Tell
) -> Progress:
    """What was read, at the end; ``tell`` gets bytes done and bytes in all meanwhile.

    Bounds are aware. Refusal when neither daemon nor store can do it.
    """
    answers = Answers(here)
    try:
        return _by_daemon(answers, start, end, mn, reason, tell)
    except NoDaemonRuns:
        pass
    selection = Selection(
        _microseconds(start), _microseconds(end), mn, Reason.of(reason) if reason else None
    )
    return _here(answers, selection, tell)


def to_target(
    here: Here, start: datetime, end: datetime, mn: str | None, reason: str | None, target: str
) -> dict[str, Any]:
    """Begin a replay to a target; its first figures. Refusal when the daemon will not."""
    with refused():
        return Answers(here).client.call(
            "replay",
            start=start.isoformat(),
            end=end.isoformat(),
            mn=mn,
            reason=reason,
            target=target,
        )


def _by_daemon(
    answers: Answers,
    start: datetime,
    end: datetime,
    mn: str | None,
    reason: str | None,
    tell: Tell,
) -> Progress:
    progress = Progress()
    ended = False
    for line in answers.replay(start=start.isoformat(), end=end.isoformat(), mn=mn, reason=reason):
        ended = bool(line.pop("done", False))
        progress = msgspec.convert({**msgspec.to_builtins(progress), **line}, Progress)
        tell(progress.bytes_done, progress.bytes_total)
    if not ended:
        raise Refusal("the daemon ended before the replay did; it is safe to repeat", NO)
    return progress


def _here(answers: Answers, selection: Selection, tell: Tell) -> Progress:
    """In this process, with the lock of the data folder, so that no daemon starts meanwhile."""
    config, data = answers.config, answers.data
    if not data.is_dir():
        raise Refusal(f"there is no data folder {data}", NO)
    devices = devices_in_force(config, data)
    journal_dir = places.journal_dir(config, data)
    store = open_store(
        places.store_url(config, data),
        config.store,
        late_after_s=config.hub.late_after_s,
        node=lambda: identity(journal_dir),
    )
    lock_fd = -1
    try:
        lock_fd = data_lock.take(places.lock(data), wait_s=0.0)
        return Replay(
            journal_dir,
            store,
            device=devices.device,
            admit=devices.admit,
            clock_tolerance_s=config.hub.clock_tolerance_s,
            late_after_s=config.hub.late_after_s,
            report=lambda progress: tell(progress.bytes_done, progress.bytes_total),
        ).run(selection)
    except (StoreUnavailable, data_lock.DataBusy) as error:
        raise Refusal(f"no daemon answers, and here it cannot be done: {error}", NO) from error
    finally:
        store.close()
        if lock_fd >= 0:
            os.close(lock_fd)


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
