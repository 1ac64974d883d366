"""One target: frames from its feed to its outlet, its place behind what is done.

Says what the outlet gets next, and what becomes of frames that are refused. Reads the journal in
a thread of the pool that all targets share, one call at a time; all else happens on the loop.
Tests: tests/hub/forward/test_forwarder.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from hj212d.hub.forward import pause
from hj212d.hub.forward.bale import Bale, Parcel
from hj212d.hub.forward.dead import DeadLetters
from hj212d.hub.forward.letters import Letters
from hj212d.hub.forward.outlet import Outlet
from hj212d.hub.forward.publish.target import place
from hj212d.hub.forward.replay_jobs import ReplayJob, ReplayJobs
from hj212d.hub.forward.route import Figures, Route
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.hub.forward.turns import Turns
from hj212d.hub.forward.visit import Source, Visit
from hj212d.hub.replay import Selection
from hj212d.hub.times import iso
from hj212d.wire.frame import Frame
from store.registry.records import DeadLetter

log = logging.getLogger(__name__)

TAKE_BYTES = 1024 * 1024
REST_S = 1.0
RETRY_S = 5.0


class Forwarder:
    """The owner of a target's outlet and of its way through the journal.

    ``heard``: called with each frame of the target that acknowledges nothing; ``ended``: when it
    is stopped.
    """

    def __init__(
        self,
        reactor: Any,
        pool: Executor,
        settings: ForwardSettings,
        folder: Path,
        *,
        make_route: Callable[[], Route],
        make_outlet: Callable[[], Outlet],
        replays: ReplayJobs,
        dead: DeadLetters,
        now_us: Callable[[], int],
    ) -> None:
        """``make_route`` blocks; ``make_outlet`` raises ValueError, one sentence, when settings
        cannot be used. ``folder``: DATA/forward/NAME."""
        self.settings = settings
        self.name = settings.name
        self.heard: Callable[[Frame], None] = lambda _: None
        self.ended: Callable[[], None] = lambda: None
        self.acknowledged = 0
        self.resent = 0
        self.refused = 0
        self._reactor = reactor
        self._turns = Turns(reactor, pool)
        self._folder = folder
        self._make_route = make_route
        self._make_outlet = make_outlet
        self._replays = replays
        self._jobs: list[ReplayJob] = []
        self._dead = dead
        self._now_us = now_us
        self._route: Route | None = None
        self._figures = Figures()
        self._visit: Visit | None = None
        self._sources: list[Source] = []  # of the visit
        self._state = "starting"
        self._error = ""
        self._since_us = now_us()
        self._done_us: int | None = None
        self._caught_up_us = now_us()  # nothing waited then, or this began
        self._running = False
        self._rest: Any = None

    @property
    def busy(self) -> bool:
        """Whether a thread works for it."""
        return self._turns.busy

    @property
    def paused(self) -> bool:
        """Whether it is to send nothing."""
        return self.settings.paused or pause.is_paused(self._folder)

    def start(self) -> None:
        """Open the place, connect, and send."""
        self._running = True
        self._rest = self._reactor.callLater(REST_S, self._rest_now)
        self._open()

    def stop(self) -> Deferred[None]:
        """Send no more; fires when the place is on the disk."""
        self._running = False
        self.ended()
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        return self._leave().addCallback(lambda _: self._turns.take(self._close_route))

    def pause(self, paused: bool) -> Deferred[None]:
        """Send nothing, or go on from where it stopped; outlives a restart."""
        left = self._leave()
        left.addCallback(lambda _: self._turns.take(self._close_route))
        left.addCallback(
            lambda _: self._turns.take(lambda: pause.set_paused(self._folder, paused))
        )
        return left.addBoth(self._reopened)

    def skip(self, all_: bool, who: str) -> Deferred[int]:
        """Make a dead letter of the frame that all others wait for, or leave out everything that
        waits; fires with the number of dead letters. Fails as dead letters do."""
        left: Deferred[Any] = self._leave()
        left.addCallback(lambda _: self._turns.take(self._close_route))
        left.addCallback(lambda _: self._turns.take(self._make_route))
        left.addCallback(self._skip_on, all_, who)
        return left.addBoth(self._reopened)

    def say(self, raw: bytes) -> bool:
        """Send bytes to the target at once, beside its stream; whether it could be done."""
        return self._visit is not None and self._visit.outlet.say(raw)

    def again(self, id_: int | None) -> Deferred[int]:
        """Send dead letters once more, behind what lives: one, or as many as go at once; fires
        with how many. ValueError when the target is not being sent to."""
        if self._visit is None:
            raise ValueError(f"{self.name} is {self._state}")

        def send(letters: list[DeadLetter]) -> int:
            if self._visit is not None and letters:
                self._sources[:] = [one for one in self._sources if not _is_over(one)]
                self._sources.append(Letters(letters, self._dead.sent))
                self._visit.wake()
            return len(letters)

        return self._dead.to_send(self.name, id_).addCallback(send)

    def replay(self, selection: Selection) -> Deferred[dict[str, Any]]:
        """Send selected frames of the journal once more, behind what lives; fires with the job's
        first figures when it is durable. ValueError when the target is not being sent to."""
        if self._visit is None:
            raise ValueError(f"{self.name} is {self._state}: a replay to it would not begin")

        def begin(job: ReplayJob) -> dict[str, Any]:
            self._jobs.append(job)
            if self._visit is not None:
                self._sources.append(job)
                self._visit.wake()
            return job.status()

        return self._turns.take(lambda: self._replays.create(selection)).addCallback(begin)

    def _skip_on(self, route: Route, all_: bool, who: str) -> Deferred[int]:
        self._route = route
        if all_:
            return self._turns.take(route.skip_to_end).addCallback(lambda _: 0)

        def bury(found: tuple[Bale, Parcel] | None) -> Any:
            if found is None:
                return 0
            bale, parcel = found
            kept = self._dead.add(self.name, bale.lane, parcel, f"skipped by {who}", 0)
            return kept.addCallback(lambda _: self._skipped(route, bale.lane, parcel.position))

        return self._turns.take(lambda: _first(route)).addCallback(bury)

    def _skipped(self, route: Route, lane: str, position: int) -> int:
        route.progress.advance(lane, position)
        self.refused += 1
        return 1

    def _reopened(self, result: Any) -> Any:
        """Begin anew at the place, and pass the result on."""
        if self._running:
            self._turns.take(self._close_route).addCallbacks(lambda _: self._open(), self._fault)
        return result

    # -- the way through the journal

    def _open(self) -> None:
        self._turns.take(self._open_all).addCallbacks(self._opened, self._fault)

    def _open_all(self) -> Route:
        """In a thread."""
        route = self._make_route()
        self._jobs = self._replays.open()
        return route

    def _opened(self, route: Route) -> None:
        self._route = route
        if not self._running:
            return
        if self.paused:
            self.become("paused", "")
            return
        try:
            outlet = self._make_outlet()
        except ValueError as problem:
            self.become("failed", str(problem))
            return
        self.become("connecting", "")
        rounds = self.settings.refusals_before_dead
        self._sources = [route, *self._jobs]
        self._visit = Visit(self, self._reactor, outlet, rounds, self._sources)
        outlet.start(self._visit)

    def _leave(self) -> Deferred[Any]:
        """Give the outlet up. What it had is read again by the next one."""
        visit, self._visit = self._visit, None
        return visit.end() if visit is not None else succeed(None)

    def _close_route(self) -> None:
        """In a thread."""
        route, self._route = self._route, None
        if route is not None:
            self._figures = self._figures.plus(route.feed)
            route.close()
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            job.close()

    def _rest_now(self) -> None:
        """Once a second, whatever the target does."""
        self._rest = self._reactor.callLater(REST_S, self._rest_now)
        route = self._route
        if route is not None and route.standing.empty and not route.feed.lag_bytes:
            self._caught_up_us = self._now_us()
        if route is not None and not self._turns.busy:
            self._turns.take(lambda: self._rest_all(route)).addErrback(self._fault)

    def _rest_all(self, route: Route) -> None:
        """In a thread."""
        route.rest()
        for job in list(self._jobs):
            job.rest()
            if job.over:
                self._jobs.remove(job)
                if job in self._sources:
                    self._sources.remove(job)
                job.remove()
                log.info("forward=%s replay=%d done", self.name, job.id)

    def _fault(self, failure: Failure) -> None:
        """Something of ours or of the disk failed; it is tried again."""
        if failure.check(OSError, ValueError):
            log.warning("forward=%s error=%s", self.name, failure.getErrorMessage())
        else:
            log.error("forward=%s failed\n%s", self.name, failure.getTraceback())
        if self._running and self._route is None:
            self.become("failed", failure.getErrorMessage())
            self._reactor.callLater(RETRY_S, self._open_again)
        else:
            self._error = failure.getErrorMessage()

    def _open_again(self) -> None:
        if self._running and self._route is None and not self._turns.busy:
            self._open()

    # -- as its visit sees it

    def take(self, source: Source, room: int) -> Deferred[list[Bale]]:
        """The next frames."""
        return self._turns.take(lambda: source.take(min(room, TAKE_BYTES)))

    def delivered(self, count: int) -> None:
        """Frames are done."""
        self.acknowledged += count
        self._done_us = self._now_us()

    def trouble(self, failure: Failure) -> None:
        """Something failed that is tried again."""
        self._fault(failure)

    def keep(self, lane: str, frame: Parcel, why: str, tries: int) -> Deferred[Any]:
        """Make a dead letter."""
        return self._dead.add(self.name, lane, frame, why, tries)

    def buried(self) -> None:
        """A frame became a dead letter."""
        self.refused += 1

    def resent_frames(self, count: int) -> None:
        """Frames left once more."""
        self.resent += count

    def said(self, frame: Frame) -> None:
        """The target said something that acknowledges nothing."""
        self.heard(frame)

    def become(self, state: str, error: str) -> None:
        """A state, and the reason for a bad one."""
        if state != self._state:
            log.info("forward=%s state=%s error=%s", self.name, state, error)
            self._since_us = self._now_us()
        self._state, self._error = state, error

    # -- what is told

    def status(self) -> dict[str, Any]:
        """One row of the status object."""
        route = self._route
        feed = route.feed if route is not None else None
        counted = self._figures.plus(feed)
        oldest_us = route.standing.oldest_us if route is not None else None
        waiting = route.standing.waiting if route is not None else 0
        return {
            "name": self.name,
            "kind": self.settings.kind,
            "target": _target(self.settings),
            "state": self._state,
            "since": iso(self._since_us),
            "error": self._error or (feed.error if feed is not None else ""),
            "lag_bytes": feed.lag_bytes if feed is not None else None,
            "lag_seconds": self._lag_s(oldest_us, feed.lag_bytes if feed is not None else None),
            "unacknowledged": waiting,
            "sent": self.acknowledged + self.resent + waiting,
            "acknowledged": self.acknowledged,
            "resent": self.resent,
            "refused": self.refused,
            "dead": self._dead.count(self.name),
            "filtered": counted.filtered,
            "doubled": counted.doubled,
            "looped": counted.looped,
            "given_up_bytes": counted.given_up_bytes,
            "last_done_at": iso(self._done_us),
            "replays": [job.status() for job in list(self._jobs)],
        }

    def _lag_s(self, oldest_us: int | None, lag_bytes: int | None) -> float | None:
        """Age of the oldest frame on its way; of what is not read yet, the time since nothing
        waited, as far as this process knows."""
        if oldest_us is None:
            if not lag_bytes:
                return None if lag_bytes is None else 0.0
            oldest_us = self._caught_up_us
        return round(max(0, self._now_us() - oldest_us) / 1e6, 1)


def _first(route: Route) -> tuple[Bale, Parcel] | None:
    """The first frame that waits, in a thread."""
    while bales := route.take(1):
        for bale in bales:
            if bale.count:
                return bale, bale.frame(0)
            route.progress.advance(bale.lane, bale.last)
    return None


def _target(settings: ForwardSettings) -> str:
    """Where it is, without secrets."""
    if settings.kind == "tcp":
        return f"{settings.host}:{settings.port}"
    try:
        return place(settings).shown
    except ValueError:
        return ""


def _is_over(source: Source) -> bool:
    return isinstance(source, Letters) and source.over
