"""Questions of the commands, answered by the running daemon, or by the store when none runs.

Every failure becomes a `Refusal` with one sentence. Tests: tests/cli/test_commands_live.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from hj212d.cli import data_lock
from hj212d.cli.here import Here
from hj212d.cli.refusal import NO, Refusal
from hj212d.config import places
from hj212d.hub.client import ControlClient, ControlError, NoDaemon
from store.open import open_store
from store.timeseries import (
    AggregateQuery,
    FrameQuery,
    SampleQuery,
    StoreUnavailable,
    TimeSeriesStore,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from hj212d.hub.means.question import MeansQuestion
    from hj212d.hub.media.questions import AssessQuestion, EmissionQuestion, RiverQuestion
    from hj212d.hub.quality.questions import AqiQuestion, EvaluationQuestion, RankQuestion
    from store.means import Store

T = TypeVar("T")

_MOST = sys.maxsize
_DEVICES_AT_ONCE = 2000


class NoDaemonRuns(Refusal):
    """Nobody answers on the control socket of the data folder."""


class Answers:
    """One place to ask, whoever answers."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self.config = here.config()
        self.data = here.data
        lock = places.lock(here.data)
        self.client = ControlClient(
            places.control(self.config, here.data), starting=lambda: data_lock.held(lock)
        )

    def status(self) -> dict[str, Any]:
        """The daemon's status; Refusal when none runs."""
        with refused():
            return self.client.call("status")

    def devices(self) -> list[dict[str, Any]]:
        """Rows of stations in order of MN, as the hub gives them."""
        return self._ask(self._devices_of_daemon, self._devices_of_store)

    def frames(self, query: FrameQuery) -> pa.Table:
        """Rows of frames in order of receipt."""
        arguments = {
            "mn": query.mn,
            "start": _text(query.start),
            "end": _text(query.end),
            "reason": query.reason,
            "errors": query.errors,
            "cn": query.cn,
            "limit": query.limit,
        }
        return self._ask(
            lambda: self.client.table("frames", **arguments), lambda store: store.frames(query)
        )

    def samples(self, query: SampleQuery) -> pa.Table:
        """Rows of samples in order of data_time."""
        arguments = {
            "mn": query.mn,
            "factor": query.factor,
            "start": _text(query.start),
            "end": _text(query.end),
            "period": query.period,
            "limit": query.limit,
        }
        return self._ask(
            lambda: self.client.table("query", **arguments), lambda store: store.samples(query)
        )

    def aggregates(self, query: AggregateQuery) -> pa.Table:
        """Rows of aggregates in order of their start."""
        arguments = {
            "mn": query.mn,
            "factor": query.factor,
            "step": query.step,
            "start": _text(query.start),
            "end": _text(query.end),
            "period": query.period,
            "limit": query.limit,
        }
        return self._ask(
            lambda: self.client.table("aggregates", **arguments),
            lambda store: store.aggregates(query),
        )

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """Rows of AQI_ROWS."""
        return self._quality("aqi", question)

    def evaluate(self, question: EvaluationQuestion) -> pa.Table:
        """Rows of EVALUATION_ROWS."""
        return self._quality("evaluate", question)

    def rank(self, question: RankQuestion) -> pa.Table:
        """Rows of RANK_ROWS."""
        return self._quality("rank", question)

    def assess(self, question: AssessQuestion) -> pa.Table:
        """Rows of ASSESSED."""
        return self._media("assess", question)

    def emissions(self, question: EmissionQuestion) -> pa.Table:
        """Rows of EMISSIONS."""
        return self._media("emissions", question)

    def rivers(self, question: RiverQuestion) -> pa.Table:
        """Rows of RIVERS."""
        return self._media("rivers", question)

    def tail(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Frames as they arrive, until the caller stops; Refusal when no daemon runs."""
        with refused():
            yield from self.client.stream("tail", **filters)

    def replay(self, **selection: Any) -> Iterator[dict[str, Any]]:
        """Progress lines of a replay by the daemon; the last one has "done"."""
        with refused():
            yield from self.client.stream("replay", **selection)

    def means(self, question: MeansQuestion, region: str = "") -> pa.Table:
        """Rows of MEANS; ``region``: of stations whose region begins so."""

        def own(store: Store) -> pa.Table:
            from hj212d.cli.own_means import own_means

            return own_means(self.config, self.data, store, arguments)

        arguments = msgspec.structs.asdict(question) | {"region": region}
        arguments |= {"start": _text(question.start), "end": _text(question.end)}
        return self._ask(lambda: self.client.table("means", **arguments), own)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store itself, for reading; Refusal when it is not there or a daemon holds it."""
        url = places.store_url(self.config, self.data)
        store = open_store(
            url, self.config.store, read_only=True, late_after_s=self.config.hub.late_after_s
        )
        try:
            yield store
        except StoreUnavailable as error:
            raise Refusal(f"no daemon runs, and the store gives nothing: {error}", NO) from error
        finally:
            store.close()

    def _ask(self, daemon: Callable[[], T], own: Callable[[Store], T]) -> T:
        """The daemon's answer, or our own from the store when no daemon runs."""
        try:
            with refused():
                return daemon()
        except NoDaemonRuns:
            with self.store() as store:
                return own(store)

    def _quality(
        self, name: str, question: AqiQuestion | EvaluationQuestion | RankQuestion
    ) -> pa.Table:
        def own(store: Store) -> pa.Table:
            from hj212d.cli.own_quality import own_quality

            with own_quality(self._here, store) as quality:
                table: pa.Table = getattr(quality, name)(question)
                return table

        arguments = msgspec.structs.asdict(question)
        arguments |= {"start": _text(question.start), "end": _text(question.end)}
        return self._ask(lambda: self.client.table(name, **arguments), own)

    def _media(
        self, name: str, question: AssessQuestion | EmissionQuestion | RiverQuestion
    ) -> pa.Table:
        def own(store: Store) -> pa.Table:
            from hj212d.cli.own_media import own_media

            return own_media(self._here, store, question)

        arguments = msgspec.structs.asdict(question)
        arguments |= {"start": _text(question.start), "end": _text(question.end)}
        return self._ask(lambda: self.client.table(name, **arguments), own)

    def _devices_of_daemon(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after: str | None = ""
        while after is not None:
            answer = self.client.call("devices", after=after, limit=_DEVICES_AT_ONCE)
            rows += answer["devices"]
            after = answer.get("next")
        return rows

    def _devices_of_store(self, store: TimeSeriesStore) -> list[dict[str, Any]]:
        from hj212d.cli.own_registry import devices_in_force
        from hj212d.hub.live import Live
        from hj212d.hub.routes import Routes
        from hj212d.hub.stations import Stations

        live = Live(
            offline_after_s=self.config.hub.offline_after_s, max_mns=_MOST, max_factors=_MOST
        )
        live.rebuild(store.devices(), store.latest(), store.counts())
        devices = devices_in_force(self.config, self.data).settings()
        stations = Stations(live, Routes(), devices, lambda: time.time_ns() // 1000)
        return [row for rows in stations.pieces(stations.mns_after("", _MOST)) for row in rows]


@contextmanager
def refused() -> Iterator[None]:
    """Turn what goes wrong with the daemon into a Refusal."""
    try:
        yield
    except NoDaemon as error:
        raise NoDaemonRuns(str(error), NO) from error
    except ControlError as error:
        raise Refusal(str(error), NO) from error


def _text(moment: datetime | None) -> str | None:
    """A naive UTC time, as the store has it, for the daemon."""
    return None if moment is None else moment.replace(tzinfo=UTC).isoformat()
