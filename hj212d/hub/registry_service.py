"""The registry for the event loop: opened in a thread of its own, calls run there one by one.

Calls that wait together are one transaction; when one fails, each is done again by itself. Their
Deferreds fire when it is on the disk. While the registry is unavailable calls fail at once, and it
is tried again with growing pauses: the hub goes on. Tests: tests/hub/test_registry_service.py.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from twisted.application.service import Service
from twisted.internet.defer import Deferred, fail
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.devices import Devices, Prepared
from hj212d.hub.registered import registered
from hj212d.hub.site_book import SiteBook
from store.registry.decisions import SiteRecord
from store.registry.errors import RegistryUnavailable, SecretsUnreadable
from store.registry.open import Registry
from store.registry.place import shown

P = ParamSpec("P")
T = TypeVar("T")

MOST_WAITING = 50_000
MOST_TOGETHER = 200
RETRY_FIRST_S = 1.0
RETRY_LAST_S = 30.0
LOOK_EVERY_S = 10.0


class _Found(NamedTuple):
    """What the registry keeps of devices and sites, read in its thread. ``mns`` None: of all."""

    mns: set[str] | None
    devices: Prepared
    sites: list[SiteRecord]


class _Call:
    """One call that waits."""

    __slots__ = ("alone", "done", "work")

    def __init__(self, work: Callable[[Registry], Any], *, alone: bool = False) -> None:
        self.work = work
        self.alone = alone
        self.done: Deferred[Any] = Deferred()


class RegistryService(Service):
    """Owner of the registry and its thread. ``state``: "opening", "ok" or "unavailable", with the
    reason in ``error``. ``opened``: called on the loop each time it can be used (again)."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        url: str,
        open_it: Callable[[], Registry],
        devices: Devices,
        sites: SiteBook | None = None,
    ) -> None:
        """``open_it`` blocks; RegistryUnavailable. ``devices`` hears of every change of a device
        or a key, ``sites`` of those of a site, before the call that made it fires."""
        self.state = "opening"
        self.error = ""
        self.opened: list[Callable[[], object]] = []
        self.calls_total = 0
        self._reactor = reactor
        self._url = shown(url)
        self._open_it = open_it
        self._devices = devices
        self._sites = SiteBook(devices) if sites is None else sites
        self._registry: Registry | None = None
        # Why it cannot be used, "" when it can: the thread's own view, the loop hears of it later.
        self._lost = f"the registry {self._url} is not open"
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="registry")
        self._lock = threading.Lock()
        self._waiting: deque[_Call] = deque()
        self._at_work = False
        self._pause_s = RETRY_FIRST_S
        self._later: Any = None
        self._hearing = self._log.failureHandler("who hears of changed devices failed")

    def startService(self) -> None:
        """Begin to open it; calls from now on wait for that."""
        Service.startService(self)
        self._begin_opening()

    def stopService(self) -> Deferred[None]:
        """Bring what waits to its end and close the registry."""
        Service.stopService(self)
        self._wait_no_more()
        ended: Deferred[None] = Deferred()
        self._thread.submit(self._close).add_done_callback(
            lambda _: self._reactor.callFromThread(ended.callback, None)
        )
        self._thread.shutdown(wait=False)
        return ended

    def call(
        self, work: Callable[Concatenate[Registry, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Deferred[T]:
        """``work(registry, *args, **kwargs)`` in the registry's thread, after all calls before it;
        one transaction. It may run a second time after the first was undone, so it changes nothing
        but the registry. Fails with RegistryUnavailable, or with what ``work`` raises."""
        return self._take(_Call(lambda registry: work(registry, *args, **kwargs)))

    def _take(self, call: _Call) -> Deferred[Any]:
        if not self.running:
            return fail(RegistryUnavailable("the registry is closed"))
        if self.state == "unavailable":
            return fail(RegistryUnavailable(self.error))
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                return fail(RegistryUnavailable("too many calls wait for the registry"))
            self._waiting.append(call)
            idle, self._at_work = not self._at_work, True
        if idle:
            self._thread.submit(self._work)
        return call.done

    def alone(self, work: Callable[[Registry], T]) -> Deferred[T]:
        """The same for work that makes its transactions itself, and changes more than rows."""
        return self._take(_Call(work, alone=True))

    def look(self) -> None:
        """Read all devices and keys anew, as after a reload of the configuration."""
        if self.running and self.state == "ok":
            self.call(self._read).addCallbacks(self._load, self._unreadable)

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {
            "url": self._url,
            "state": self.state,
            "error": self.error,
            "devices": self._devices.registered,
            "calls_total": self.calls_total,
            "calls_waiting": len(self._waiting),
        }

    # On the loop.

    def _begin_opening(self) -> None:
        self._later = None
        self._thread.submit(self._open)

    def _load(self, found: _Found) -> None:
        self._devices.load(found.devices)
        self._sites.load(found.sites)

    def _is_open(self, found: _Found) -> None:
        if not self.running:
            return
        if self.error:
            self._log.info("event=registry_back url={url}", url=self._url)
        self.state, self.error, self._pause_s = "ok", "", RETRY_FIRST_S
        self._load(found)
        for hook in self.opened:
            hook()
        self._later = self._reactor.callLater(LOOK_EVERY_S, self._look_around)

    def _look_around(self) -> None:
        """Hear of what others than this process changed."""
        self._later = self._reactor.callLater(LOOK_EVERY_S, self._look_around)
        if not self._waiting:
            self.call(Registry.look).addErrback(self._unreadable)

    def _is_unavailable(self, error: str) -> None:
        if not self.running or self.state == "unavailable":
            return
        self.state, self.error = "unavailable", error
        self._log.warn("event=registry_unavailable error={error}", error=error)
        self._wait_no_more()
        self._later = self._reactor.callLater(self._pause_s, self._try_again)

    def _wait_no_more(self) -> None:
        if self._later is not None and self._later.active():
            self._later.cancel()
        self._later = None

    def _try_again(self) -> None:
        self._pause_s = min(2 * self._pause_s, RETRY_LAST_S)
        self.state = "opening"
        self._begin_opening()

    def _unreadable(self, problem: Failure) -> None:
        problem.trap(RegistryUnavailable)
        self._log.warn("event=registry_unreadable error={error}", error=problem.value)

    def _settle(
        self, results: list[tuple[_Call, Any]], changed: _Found | None, unavailable: str
    ) -> None:
        if unavailable:
            self._is_unavailable(unavailable)
        if changed is not None:
            with self._hearing:
                self._devices.upsert(changed.devices)
                self._sites.upsert(changed.mns or (), changed.sites)
        self.calls_total += len(results)
        for call, result in results:
            call.done.callback(result)  # a Failure goes the other way

    # In the thread.

    def _open(self) -> None:
        try:
            self._drop()
            self._registry = self._open_it()
            self._registry.prove()
            found = self._read(self._registry)
        except (RegistryUnavailable, ValueError) as problem:
            self._give_up(str(problem))
        except Exception as fault:  # noqa: BLE001 - our fault must not leave the hub waiting
            self._log.failure("the registry does not open, by our own fault")
            self._give_up(f"our own fault: {fault!r}")
        else:
            self._lost = ""
            self._reactor.callFromThread(self._is_open, found)

    def _read(self, registry: Registry, mns: set[str] | None = None) -> _Found:
        sites = registry.sites.all() if mns is None else registry.sites.some(sorted(mns))
        return _Found(mns, self._devices.prepare(registered(registry, mns)), sites)

    def _give_up(self, why: str) -> None:
        self._drop()
        self._lost = why
        self._reactor.callFromThread(self._is_unavailable, why)

    def _drop(self) -> None:
        if self._registry is not None:
            self._registry.close()
            self._registry = None

    def _close(self) -> None:
        self._work()
        self._drop()

    def _work(self) -> None:
        while calls := self._next():
            results, changed, unavailable = self._run(calls)
            self._reactor.callFromThread(self._settle, results, changed, unavailable)

    def _next(self) -> list[_Call]:
        with self._lock:
            calls: list[_Call] = []
            while self._waiting and len(calls) < MOST_TOGETHER:
                if self._waiting[0].alone and calls:
                    break
                calls.append(self._waiting.popleft())
                if calls[-1].alone:
                    break
            self._at_work = bool(calls)
            return calls

    def _run(self, calls: list[_Call]) -> tuple[list[tuple[_Call, Any]], _Found | None, str]:
        """What each call came to, the devices that changed, and why nothing goes any more."""
        registry = self._registry
        try:
            if registry is None or self._lost:
                raise RegistryUnavailable(self._lost)
            results = _results(registry, calls)
        except Exception as problem:  # noqa: BLE001 - it is handed to those who called
            self._lost = _why_lost(problem)
            return [(call, Failure(problem)) for call in calls], None, self._lost
        changed = None
        self._lost = next(filter(None, map(_why_lost, results)), "")
        if not self._lost and (touched := registry.take_touched()):
            try:
                changed = self._read(registry, touched)
            except RegistryUnavailable as problem:  # what was done holds nevertheless
                self._lost = str(problem)
        return list(zip(calls, results, strict=True)), changed, self._lost


def _results(registry: Registry, calls: list[_Call]) -> list[Any]:
    """What each call came to, a Failure for one that failed."""
    if calls[0].alone:
        return [calls[0].work(registry)]
    if len(calls) > 1:
        try:
            with registry.at_once():
                return [call.work(registry) for call in calls]
        except Exception as problem:
            if _why_lost(problem):
                raise
    results: list[Any] = []
    for call in calls:
        lost = bool(results) and bool(_why_lost(results[-1]))
        results.append(results[-1] if lost else _result(registry, call))
    return results


def _result(registry: Registry, call: _Call) -> Any:
    try:
        with registry.together():
            return call.work(registry)
    except Exception:  # noqa: BLE001 - it is handed to the one who called
        return Failure()


def _why_lost(result: Any) -> str:
    """Why the registry is unavailable, if that is what a call came to."""
    problem = result.value if isinstance(result, Failure) else result
    if isinstance(problem, RegistryUnavailable) and not isinstance(problem, SecretsUnreadable):
        return str(problem)
    return ""
