"""All targets: made, exchanged and ended as the configuration says, with the threads they share.

Tests: tests/hub/forward/test_forward_service.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.logger import Logger

from hj212d.hub.forward import cursor
from hj212d.hub.forward.dead import DeadLetters
from hj212d.hub.forward.forwarder import Forwarder
from hj212d.hub.forward.settings import ForwardSettings

THREADS = 2
FOLDER = "forward"

Make = Callable[[ForwardSettings, Path, Executor], Forwarder]


class ForwardService(Service):
    """Owner of the forwarders. Each keeps its place in DATA/forward/NAME; a target that is no
    longer configured keeps it too, but holds no journal back."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        data_dir: Path,
        journal_dir: Path,
        targets: Sequence[ForwardSettings],
        make: Make,
        dead: DeadLetters,
    ) -> None:
        """``make``: from settings, folder and threads to a forwarder that is not started."""
        self.dead = dead
        self._reactor = reactor
        self._data_dir = data_dir
        self._journal_dir = journal_dir
        self._targets = list(targets)
        self._make = make
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="forward")
        self._forwarders: dict[str, Forwarder] = {}
        self._changing: Deferred[Any] = succeed(None)

    def startService(self) -> None:
        """Start all targets."""
        Service.startService(self)
        self._apply()

    def stopService(self) -> Deferred[Any]:
        """Stop all; fires when their places are on the disk."""
        Service.stopService(self)
        self._changing.addCallback(lambda _: self._end(list(self._forwarders)))
        return self._changing.addCallback(lambda _: self._pool.shutdown(wait=False))

    def configure(self, targets: Sequence[ForwardSettings]) -> None:
        """These targets from now on: new ones start, changed ones start again at their place,
        others go."""
        self._targets = list(targets)
        if self.running:
            self._apply()

    def get(self, name: str) -> Forwarder:
        """A target; ValueError, one sentence, when there is none."""
        found = self._forwarders.get(name)
        if found is None:
            known = ", ".join(self._forwarders) or "none is configured"
            raise ValueError(f"there is no target {name} ({known})")
        return found

    def status(self) -> list[dict[str, Any]]:
        """One row a target, as configured."""
        rows = [self._forwarders.get(target.name) for target in self._targets]
        return [forwarder.status() for forwarder in rows if forwarder is not None]

    def _apply(self) -> None:
        """One change after the other."""
        targets = {target.name: target for target in self._targets}

        def apply(_: Any) -> Any:
            gone = [
                name
                for name, forwarder in self._forwarders.items()
                if targets.get(name) != forwarder.settings
            ]
            return self._end(gone)

        def begin(_: Any) -> None:
            if not self.running:
                return
            for name, target in targets.items():
                if name not in self._forwarders:
                    folder = self._data_dir / FOLDER / name
                    forwarder = self._forwarders[name] = self._make(target, folder, self._pool)
                    forwarder.start()
            self._pool.submit(self._release, set(targets))

        self._changing.addCallback(apply)
        self._changing.addCallback(begin)
        self._changing.addErrback(self._failed)

    def _end(self, names: Sequence[str]) -> Deferred[Any]:
        ending = [self._forwarders.pop(name).stop() for name in names]
        return DeferredList(ending)

    def _release(self, names: set[str]) -> None:
        """In a thread: let retention go on without targets that are no more."""
        prefix = cursor.reader_name("")
        for path in (self._journal_dir / "cursors").glob(f"{prefix}*.json"):
            name = path.stem.removeprefix(prefix)
            if name not in names and name.rpartition("-replay-")[0] not in names:
                cursor.forget(self._journal_dir, name)

    def _failed(self, failure: Any) -> None:
        self._log.failure("changing the targets failed", failure)
