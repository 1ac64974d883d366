"""When to look: jobs of APScheduler on the hub's own event loop, at Beijing times.

The only file that knows APScheduler. It says "now" and no more: what is due, and what was missed
while the hub was away, the book tells, so no job is kept on a disk.
Tests: tests/hub/bulletins/test_bulletin_calendar.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from hj212d.hub.times import BEIJING


class Calendar:
    """Calls functions on the event loop at times of the clock on the wall."""

    def __init__(self, reactor: Any) -> None:
        # Imported late: the module of that scheduler would install a reactor of its own choice.
        from apscheduler.executors.debug import DebugExecutor
        from apscheduler.schedulers.twisted import TwistedScheduler

        # It tells each call, which is each minute.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler = TwistedScheduler(
            reactor=reactor,
            timezone=BEIJING,
            # Jobs only wake somebody up: that needs no thread. Late is better than never, and
            # several missed times are one.
            executors={"default": DebugExecutor()},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def at(self, name: str, call: Callable[[], object], **cron: str) -> None:
        """Call at all times that ``cron`` (minute, hour, ... of APScheduler's CronTrigger) says,
        instead of those that the same name had before."""
        self._scheduler.add_job(call, "cron", id=name, replace_existing=True, **cron)

    def start(self) -> None:
        """From now on."""
        self._scheduler.start()

    def stop(self) -> None:
        """No more calls."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
