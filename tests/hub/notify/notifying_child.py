"""A notifier in a process of its own, for tests that kill it: arguments are registry, key, and the
settings as JSON. Says "ready" once it looks; ends with its standard input.

Run by tests/hub/notify/test_notifier_killed.py.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import msgspec
from twisted.internet import reactor

from alerts.notify.settings import NotifySettings
from hj212d.hub.devices import Devices
from hj212d.hub.notify.assembly import make_notify
from hj212d.hub.registry_service import RegistryService
from store.registry.open import open_registry


def main() -> None:
    """Until standard input ends."""
    url, key, settings = sys.argv[1:]
    made = msgspec.json.decode(settings, type=NotifySettings)
    registry = RegistryService(reactor, url, lambda: open_registry(url, Path(key)), Devices([]))
    room = make_notify(
        reactor,
        data_dir=Path(key).parent,
        registry=registry,
        settings=made,
        now_us=lambda: time.time_ns() // 1000,
    )
    registry.startService()
    room.service.startService()
    threading.Thread(target=_watch, daemon=True).start()
    reactor.callWhenRunning(lambda: print("ready", flush=True))  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]


def _watch() -> None:
    sys.stdin.read()
    reactor.callFromThread(reactor.stop)  # type: ignore[attr-defined]


main()
