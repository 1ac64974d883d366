"""Entry of a listener process: `python -m hj212d.cli.worker`, started by the supervisor.

Orders come as lines on standard input, `ready` goes to standard output, the log to standard
error. SIGTERM, or the end of standard input (the supervisor is gone), means an orderly end.
Tests: tests/link/test_worker_process.py.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys

import uvloop

from hj212d.journal.errors import LaneBusy
from hj212d.link.orders import parse
from hj212d.link.worker import Worker

LINE_LIMIT = 64 * 1024 * 1024  # as the hub's: 36,000 devices with keys are about 10 MB

_log = logging.getLogger("hj212d.link")


def main() -> int:
    """Run one listener process; its exit status."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    return uvloop.run(_serve())


async def _serve() -> int:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    line = await lines.readline()
    if not line:
        return 0
    orders = parse(line)
    try:
        worker = Worker(orders, loop, on_broken=ending.set)
        await worker.start()
    except (OSError, LaneBusy) as error:
        _log.error("event=start_failed slot=%d error=%s", orders.slot, error)
        return 1
    # What exists now stays: the collector need not look at it again among the links to come.
    gc.collect()
    gc.freeze()
    print(f"ready slot={orders.slot} pid={os.getpid()}", flush=True)
    following = asyncio.ensure_future(_follow(lines, worker, orders.slot, ending))
    await ending.wait()
    following.cancel()
    await worker.drain()
    if worker.journal.broken:
        _log.error("event=journal_broken slot=%d; a new process goes on", orders.slot)
        return 1
    return 0


async def _follow(
    lines: asyncio.StreamReader, worker: Worker, slot: int, ending: asyncio.Event
) -> None:
    """Take new settings until standard input ends, or can no longer be read."""
    try:
        while line := await lines.readline():
            try:
                worker.reload(parse(line))
            except (ValueError, KeyError) as error:
                _log.error('event=reload_failed slot=%d error="%s"', slot, error)
            else:
                _log.info("event=worker_reloaded slot=%d", slot)
    finally:
        ending.set()


if __name__ == "__main__":
    sys.exit(main())
