"""The forwarder of one target, as the hub runs it, in a process of its own (bench/forwarding.py).

Feed, window, connection, place and acknowledgements are the service's own; nothing else of the
hub is there. Ends when all frames are delivered, and prints one JSON object. Test:
tests/bench/test_bench_forwarding.py.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvloop
from twisted.internet import asyncioreactor

LOOK_S = 0.05
NAME = "upper"


def main(
    data: Path, port: int, acknowledge: bool, frames: int, limit_s: float, window_frames: int
) -> int:
    """Deliver ``frames`` frames of the journal in ``data``; 1 when that takes too long."""
    asyncioreactor.install(uvloop.new_event_loop())
    from twisted.internet import reactor as _reactor

    from hj212d.hub.devices import Devices
    from hj212d.hub.forward.assembly import make_forwarding
    from hj212d.hub.forward.settings import ForwardSettings
    from hj212d.hub.registry_service import RegistryService
    from hj212d.hub.run import SWITCH_S
    from store.registry.open import open_registry

    reactor: Any = _reactor
    target = ForwardSettings(
        name=NAME,
        host="127.0.0.1",
        port=port,
        acknowledge=acknowledge,
        start="oldest",
        window_frames=window_frames,
    )
    devices = Devices([])
    registry = RegistryService(
        reactor,
        f"sqlite:///{data}/registry.db",
        lambda: open_registry(f"sqlite:///{data}/registry.db", data / "registry.key"),
        devices,
    )
    # No target has a downlink, so no command is asked for.
    nobody: Any = SimpleNamespace(heard=[], finished=[])
    service = make_forwarding(
        reactor,
        data,
        data / "journal",
        [target],
        devices,
        registry,
        nobody,
        lambda: time.time_ns() // 1000,
    )
    found: dict[str, Any] = {}
    give_up = time.monotonic() + limit_s
    begun_cpu = 0.0

    def begin() -> None:
        nonlocal begun_cpu
        gc.collect()
        gc.freeze()
        begun_cpu = time.process_time()
        service.startService()
        look()

    def look() -> None:
        row = next(iter(service.status()), None)
        done = row is not None and row["acknowledged"] >= frames
        if not done and time.monotonic() < give_up:
            reactor.callLater(LOOK_S, look)
            return
        found.update(row or {}, finished=done, cpu_s=time.process_time() - begun_cpu)
        service.stopService().addBoth(lambda _: registry.stopService()).addBoth(
            lambda _: reactor.stop()
        )

    def ready() -> None:
        registry.opened.append(lambda: reactor.callLater(0, begin) if not begun_cpu else None)
        registry.startService()

    reactor.callWhenRunning(ready)
    sys.setswitchinterval(SWITCH_S)
    reactor.run()
    gc.unfreeze()  # extension modules complain at the end about what is not collected
    print(json.dumps(found))
    return 0 if found.get("finished") else 1


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    place, number, acknowledges, count, seconds, window, processors = sys.argv[1:]
    if processors:
        os.sched_setaffinity(0, {int(one) for one in processors.split(",")})
    sys.exit(
        main(
            Path(place),
            int(number),
            acknowledges == "true",
            int(count),
            float(seconds),
            int(window),
        )
    )
