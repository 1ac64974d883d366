"""The requests of the control socket, one struct an operation; and what workers tell.

Times are ISO 8601 texts, Beijing time when they carry no zone. A request with an unknown field is
refused: a misspelt filter must not quietly mean "everything". Tests: tests/hub/test_control.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Literal, Union

import msgspec
from msgspec import Meta

from hj212d.hub.replay import Selection
from hj212d.hub.times import microseconds, parse
from hj212d.wire.reasons import Reason
from store.timeseries import AggregateQuery, FrameQuery, SampleQuery

MAX_ROWS = 5_000_000
Limit = Annotated[int, Meta(ge=1, le=MAX_ROWS)]


class Request(msgspec.Struct, tag_field="op", tag=str.lower, forbid_unknown_fields=True):
    """One line from a client; ``op`` is the name of the class in lower case."""


class Status(Request):
    """The status object."""


class Listed(Request):
    """A list in order of MN: of one ``mn``, or of the ``limit`` MNs behind ``after``. While there
    are more, the answer says in ``next`` behind which MN to go on."""

    mn: str | None = None
    after: str = ""
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 10_000


class Devices(Listed):
    """Stations."""


class Latest(Listed):
    """Latest value per factor."""

    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1000


class Links(Listed):
    """Which link leads to which MN."""


class Query(Request):
    """Rows of samples of one station, as a table; bounds are on data_time, end not included."""

    mn: str
    factor: str | None = None
    start: str | None = None
    end: str | None = None
    period: str = "realtime"
    limit: Limit = 1_000_000

    def meaning(self) -> SampleQuery:
        """The query for the store; ValueError when a bound is no time."""
        return SampleQuery(
            self.mn,
            self.factor,
            _moment(self.start),
            _moment(self.end),
            self.period,
            self.limit,
        )


class Aggregates(Request):
    """What the values of one station come to by the hour or the day, as a table, computed here
    from those of one period; bounds are on the start of the hour or day, end not included."""

    mn: str
    step: Literal["hour", "day"]
    factor: str | None = None
    start: str | None = None
    end: str | None = None
    period: str = "realtime"
    limit: Limit = 1_000_000

    def meaning(self) -> AggregateQuery:
        """The query for the store; ValueError when a bound is no time."""
        return AggregateQuery(
            self.mn,
            self.factor,
            self.step,
            _moment(self.start),
            _moment(self.end),
            self.period,
            self.limit,
        )


class Frames(Request):
    """Rows of frames, as a table; bounds are on received_at, end not included."""

    mn: str | None = None
    start: str | None = None
    end: str | None = None
    reason: str | None = None
    errors: bool = False
    cn: str | None = None
    limit: Limit = 10_000

    def meaning(self) -> FrameQuery:
        """The query for the store; ValueError when a bound is no time."""
        return FrameQuery(
            self.mn,
            _moment(self.start),
            _moment(self.end),
            self.reason,
            self.errors,
            self.cn,
            self.limit,
        )


class Tail(Request):
    """Frames as they arrive, one line each, until the client goes."""

    mn: str | None = None
    cn: str | None = None
    errors: bool = False


class Replay(Request):
    """Read records of the journal into the store again; bounds are on the time of receipt, end
    not included; ``reason``: only those with this verdict in the journal. ``target``: to this
    target of [[forward]] instead; the answer comes at once, the job goes on by itself."""

    start: str | None = None
    end: str | None = None
    mn: str | None = None
    reason: str | None = None
    target: str = ""

    def meaning(self) -> Selection:
        """The selection; ValueError when a bound is no time or the reason is none."""
        return Selection(
            _moment_us(self.start),
            _moment_us(self.end),
            self.mn,
            None if self.reason is None else _reason(self.reason),
        )


class Worker(Request):
    """The first line of a worker; from then on the connection carries `WorkerNote` lines."""

    slot: Annotated[int, Meta(ge=0, le=9999)]
    pid: int
    lane: str


AnyRequest = (
    Status | Devices | Latest | Links | Query | Aggregates | Frames | Tail | Replay | Worker
)


class WorkerNote(msgspec.Struct, tag_field="op", tag=str.lower):
    """What a worker tells after its first line. Fields that newer workers add are ignored."""


class Identified(WorkerNote):
    """An MN spoke on a link for the first time; ``at``: UTC, seconds or microseconds."""

    mn: str
    link: int
    peer: str = ""
    at: int | float | None = None


class Left(WorkerNote):
    """A link that carried an MN is gone."""

    mn: str
    link: int


class Unnamed(WorkerNote):
    """The first good frame of a link has no MN: a device that asks for one."""

    link: int
    peer: str = ""


class Sent(WorkerNote):
    """What became of bytes that were to be sent; ``why``: "" when they were."""

    id: int
    why: str = ""


class Stats(WorkerNote):
    """The worker's figures: every field of the line is one."""


AnyNote = Identified | Left | Unnamed | Sent | Stats


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse(text)


def _moment_us(text: str | None) -> int | None:
    return None if text is None else microseconds(parse(text))


def _reason(label: str) -> Reason:
    try:
        return Reason.of(label)
    except KeyError as unknown:
        raise ValueError(f"there is no reason {label!r}") from unknown


def reader(more: Iterable[type[Request]] = ()) -> Callable[[bytes], Request]:
    """What makes a request of a line: one of these here, or of ``more``, which other rooms answer
    (`ControlFactory`). ValueError, one sentence, when the line is none."""
    known: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Union[AnyRequest, *more])

    def decode(line: bytes) -> Request:
        try:
            return known.decode(line)
        except msgspec.DecodeError as fault:
            raise ValueError(f"cannot read the request: {fault}") from fault

    return decode
