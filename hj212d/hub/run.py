"""Runs the hub on the reactor that was installed: from the first orders to the orderly end.

Tests: tests/hub/test_hub_process.py.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Iterator
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.error import CannotListenError
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    STDLibLogObserver,
    globalLogBeginner,
)

from hj212d.hub.application import Hub
from hj212d.hub.control_service import AlreadyServed
from hj212d.hub.orders import Orders, watch

_log = logging.getLogger("hj212d.hub")
reactor: Any = _reactor

# How long a thread may compute before the event loop gets its turn. Python's own 5 ms, several
# times in one answer, are felt: beside a long list the median of status falls from 4.6 to 1.7 ms.
SWITCH_S = 0.0005


def run(orders: Orders, source: Iterator[bytes]) -> int:
    """Serve until SIGTERM, SIGINT or the end of ``source``; the exit status."""
    # Twisted tells each try to reach a target that is down; we tell when its state changes.
    audible: Any = LogLevelFilterPredicate(LogLevel.info)
    audible.setLogLevelForNamespace("twisted.application", LogLevel.warn)
    python_log: Any = STDLibLogObserver("hj212d.hub")
    observer: Any = FilteringLogObserver(python_log, [audible])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False, discardBuffer=True)
    sys.setswitchinterval(SWITCH_S)
    hub = Hub(reactor, orders)
    outcome = [0]

    def start() -> None:
        reactor.addSystemEventTrigger("before", "shutdown", hub.stopService)
        # First of all: a supervisor that dies while we start must not leave a hub behind that
        # holds the store. The reactor would only log what is raised here, and go on.
        watch(source, take, refuse, end)
        try:
            hub.startService()
            _set_aside()
            print(hub.ready_line, flush=True)
        except (AlreadyServed, CannotListenError, OSError) as problem:
            _log.error("event=start_failed error=%s", problem)
            fail()
        except Exception:  # noqa: BLE001 - our fault must end the process, not leave it idle
            _log.exception("event=start_failed")
            fail()

    def fail() -> None:
        outcome[0] = 1
        stop()

    def take(new: Orders) -> None:
        reactor.callFromThread(reload, new)

    def reload(new: Orders) -> None:
        hub.reload(new)
        _set_aside()

    def refuse(fault: str) -> None:
        _log.error('event=reload_failed error="%s"', fault)

    def end() -> None:
        _log.info("event=supervisor_gone")
        reactor.callFromThread(stop)

    def stop() -> None:
        if reactor.running:
            reactor.stop()

    reactor.callWhenRunning(start)
    reactor.run()
    gc.unfreeze()  # what is set aside at the end looks to DuckDB like leaks, which it would print
    return outcome[0]


def _set_aside() -> None:
    """Let the garbage collector look no more at what is there now and stays: with 36,000 devices
    each of its full rounds stopped everything for 40 to 90 ms."""
    gc.collect()
    gc.freeze()
