"""Starts processes in stages, restarts those that die, hands on new orders, ends them in order.

Knows nothing of what the processes do. Each gets its orders as one line on standard input and
says `ready name=value ...` on standard output. Tests: tests/cli/test_supervisor.py.
"""

from __future__ import annotations

import asyncio
import logging
import re
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

import msgspec

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
SETTLED_S = 10.0  # who lived so long starts again with the first pause
MAX_UNREAD_ORDERS_BYTES = 64 * 1024 * 1024

_FIELD = re.compile(r"(\w+)=(.*?)(?= \w+=|$)")
_log = logging.getLogger("hj212d.supervisor")


class ProcessSpec(msgspec.Struct, frozen=True):
    """One process to keep running.

    ``orders``: its first line, without the end. ``stage``: stages start one after the other and
    end in reverse. ``ready_within_s``: the next stage does not wait longer for this process;
    None: it waits for ever. ``end_within_s``: after SIGTERM; then it is killed.
    """

    name: str
    argv: Sequence[str]
    orders: bytes
    stage: int = 0
    pass_fds: tuple[int, ...] = ()
    ready_within_s: float | None = None
    end_within_s: float = 15.0


class StartFailed(Exception):
    """A process ended again and again before it was ready for the first time."""


class Child:
    """One process, through all its lives."""

    def __init__(self, spec: ProcessSpec) -> None:
        self.spec = spec
        self.orders = spec.orders
        self.ready: dict[str, str] = {}
        self.starts = 0
        self.pid: int | None = None
        self.was_ready = asyncio.Event()
        self.failed_starts = 0
        self.changed = asyncio.Event()  # ready, or one more failed start
        self._process: Process | None = None
        self._ending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Run it, and again whenever it ends."""
        self._task = asyncio.get_running_loop().create_task(self._keep_running())

    def order(self, line: bytes) -> None:
        """Hand new orders over; a later life starts with them, too."""
        self.orders = line
        stdin = self._process.stdin if self._process is not None else None
        if stdin is None or stdin.is_closing():
            return
        if stdin.transport.get_write_buffer_size() > MAX_UNREAD_ORDERS_BYTES:
            _log.error("event=orders_unread name=%s", self.spec.name)
            return
        stdin.write(line + b"\n")

    async def end(self) -> None:
        """SIGTERM, and SIGKILL when that does not help in time."""
        self._ending.set()
        if self._task is None:
            return
        if self._process is not None:
            _signal(self._process, signal.SIGTERM)
        done, _ = await asyncio.wait([self._task], timeout=self.spec.end_within_s)
        if not done and self._process is not None:
            _log.error("event=killed name=%s pid=%d", self.spec.name, self._process.pid)
            _signal(self._process, signal.SIGKILL)
        await self._task

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        pause_s = FIRST_PAUSE_S
        while not self._ending.is_set():
            began = loop.time()
            status = await self._live()
            if self._ending.is_set():
                return
            if loop.time() - began >= SETTLED_S:
                pause_s = FIRST_PAUSE_S
            _log.error(
                "event=ended name=%s status=%s again_in_s=%.1f", self.spec.name, status, pause_s
            )
            if not self.was_ready.is_set():
                self.failed_starts += 1
                self.changed.set()
            try:
                await asyncio.wait_for(self._ending.wait(), pause_s)
            except TimeoutError:
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _live(self) -> int | str:
        """One life, from start to end; its exit status."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self.spec.argv,
                stdin=PIPE,
                stdout=PIPE,
                pass_fds=self.spec.pass_fds,
                # Ctrl-C in a terminal is for the supervisor alone: it ends them in order.
                start_new_session=True,
            )
        except OSError as error:
            return str(error)
        self._process = process
        self.pid = process.pid
        self.starts += 1
        if self._ending.is_set():  # SIGTERM came while it was being started
            _signal(process, signal.SIGTERM)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(self.orders + b"\n")
        await self._listen(process.stdout)
        status = await process.wait()
        process.stdin.close()
        self._process = None
        self.pid = None
        return status

    async def _listen(self, stdout: asyncio.StreamReader) -> None:
        """Read what it says until it closes its standard output."""
        while True:
            try:
                line = await stdout.readline()
            except ValueError:
                continue  # longer than a stream reader holds: not for us
            if not line:
                return
            text = line.decode(errors="replace").rstrip("\n")
            if text.startswith("ready"):
                self.ready = dict(_FIELD.findall(text))
                self.was_ready.set()
                self.changed.set()
                _log.info("event=ready name=%s pid=%s", self.spec.name, self.pid)
            elif text:
                _log.info("event=said name=%s text=%r", self.spec.name, text[:200])


class Supervisor:
    """All processes of a daemon."""

    def __init__(self, specs: Sequence[ProcessSpec], failed_starts: int = 3) -> None:
        """``failed_starts``: so many ends before the first `ready` mean that start fails."""
        self.children = {spec.name: Child(spec) for spec in specs}
        self._failed_starts = failed_starts

    async def start(self) -> None:
        """Start stage after stage; StartFailed when a process that must be ready cannot."""
        for stage in self._stages():
            for child in stage:
                child.start()
            await asyncio.gather(*(self._wait_ready(child) for child in stage))

    def order(self, orders: dict[str, bytes]) -> None:
        """New orders by name of process."""
        for name, line in orders.items():
            self.children[name].order(line)

    async def stop(self) -> None:
        """End the stages in reverse order, each wholly before the next."""
        for stage in reversed(self._stages()):
            await asyncio.gather(*(child.end() for child in stage))

    def _stages(self) -> list[list[Child]]:
        numbers = sorted({child.spec.stage for child in self.children.values()})
        return [
            [child for child in self.children.values() if child.spec.stage == number]
            for number in numbers
        ]

    async def _wait_ready(self, child: Child) -> None:
        try:
            async with asyncio.timeout(child.spec.ready_within_s):
                while not child.was_ready.is_set():
                    child.changed.clear()
                    await child.changed.wait()
                    self._check_start(child)
        except TimeoutError:
            _log.error("event=not_ready name=%s; going on without", child.spec.name)

    def _check_start(self, child: Child) -> None:
        if child.spec.ready_within_s is None and child.failed_starts >= self._failed_starts:
            raise StartFailed(
                f"{child.spec.name} ended {child.failed_starts} times before it was ready; "
                "its own words are above"
            )


def _signal(process: Process, number: int) -> None:
    try:
        process.send_signal(number)
    except ProcessLookupError:
        return  # it ended by itself
