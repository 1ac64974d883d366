"""What to ask an instrument for, and what becomes of a gap: the plan of filling, without a clock.

All that is decided follows from three things: the slots that are missing in the store, the book
of gaps, and the commands that were sent. So a hub that was killed goes on where it was. Times are
UTC microseconds. Tests: tests/hub/completeness/test_fill.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from hj212d.hub.completeness.expected import BEIJING_US, DAY_S, HOUR_S, SECOND_US, Rhythm, Times
from hj212d.hub.completeness.gaps import Gap, grouped, without
from hj212d.hub.completeness.settings import CompletenessSettings
from store.registry.records import OPEN_COMMANDS, CommandRecord, GapRecord, GapState, Period

ORIGIN = "fill"
PRIORITY = 9  # people go first
# Period -> request for its history, in the order in which they are asked for: few values that
# tell much come first.
REQUESTS: dict[Period, str] = {"hour": "hours", "day": "days", "minute": "minutes"}

# An answer may have been lost on its way: a second one is believed.
_BELIEVED_ANSWERS = 2
_BUSY, _NO_DATA = 5, 100  # ExeRtn (HJ 212-2017, table of result codes)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WIRE_TIME = "%Y%m%d%H%M%S"

Outcome = Literal["open", "answered", "no data", "busy", "failed", "silent", "refused", "unsent"]
_OUTCOMES: dict[str, Outcome] = {
    "done": "answered",
    "refused": "refused",
    "timeout": "silent",
    "expired": "unsent",
    "cancelled": "unsent",
}


class Ask(msgspec.Struct, frozen=True):
    """History that is wanted: values of [begin, end)."""

    mn: str
    period: Period
    begin_us: int
    end_us: int

    @property
    def args(self) -> dict[str, str | list[str]]:
        """Fields of the request. The end is written as the end of the last period, so that it is
        among the answers whether or not the instrument takes EndTime in."""
        return {"BeginTime": _wire(self.begin_us), "EndTime": _wire(self.end_us)}


class Asked(msgspec.Struct, frozen=True):
    """A request that was made, and what came of it."""

    id: int
    period: Period
    begin_us: int
    end_us: int
    outcome: Outcome
    created_us: int
    finished_us: int
    why: str = ""


class Patience(msgspec.Struct, frozen=True):
    """When an instrument may be asked again. ``refused``: periods that it does not answer for,
    until when."""

    quiet_until_us: int = 0
    refused: Mapping[str, int] = {}
    in_last_hour: int = 0
    under_way: int | None = None  # number of the command


class Changes(msgspec.Struct):
    """What is to be written in the book, and which gaps may be asked for then."""

    put: list[GapRecord] = []
    update: list[tuple[int, dict[str, object]]] = []
    closed: dict[str, int] = {}  # state -> how many gaps came to it


def asked(record: CommandRecord) -> Asked | None:
    """What a command asked for; None when it was none of ours."""
    period = next((one for one, name in REQUESTS.items() if name == record.name), None)
    if record.origin != ORIGIN or period is None:
        return None
    try:
        begin, end = (_from_wire(record.args[name]) for name in ("BeginTime", "EndTime"))
    except (KeyError, TypeError, ValueError):
        return None
    return Asked(
        record.id,
        period,
        begin,
        end,
        _outcome(record),
        moment_us(record.created_at),
        moment_us(record.finished_at or record.created_at),
        record.why,
    )


def _outcome(record: CommandRecord) -> Outcome:
    if record.state in OPEN_COMMANDS:
        return "open"
    if record.state == "failed":
        return {_BUSY: "busy", _NO_DATA: "no data"}.get(record.exe_rtn or 0, "failed")  # type: ignore[return-value]
    return _OUTCOMES[record.state]


def patience(asks: Sequence[Asked], now_us: int, settings: CompletenessSettings) -> Patience:
    """What the requests to an instrument teach, newest first.

    One that is busy is left alone for ``busy_s``; one that is silent for that long, doubled each
    time, up to a day; one that never answered anything but a refusal for a day.
    """
    ended = [one for one in asks if one.outcome not in ("open", "unsent")]
    busy_us, day_us = int(settings.busy_s * SECOND_US), DAY_S * SECOND_US
    quiet = 0
    refused: dict[str, int] = {}
    silences = 0
    while silences < len(ended) and ended[silences].outcome == "silent":
        silences += 1
    if silences >= settings.attempts:
        quiet = ended[0].finished_us + day_us
    elif silences:
        quiet = ended[0].finished_us + min(day_us, busy_us << (silences - 1))
    elif ended and ended[0].outcome == "busy":
        quiet = ended[0].finished_us + busy_us
    for one in reversed(ended):
        if one.outcome == "refused":
            refused[one.period] = one.finished_us + day_us
        else:
            refused.pop(one.period, None)
    if refused and all(one.outcome in ("refused", "silent") for one in ended):
        quiet = max(quiet, *refused.values())
    return Patience(
        quiet,
        {period: until for period, until in refused.items() if until > now_us},
        sum(one.created_us > now_us - HOUR_S * SECOND_US for one in asks),
        next((one.id for one in asks if one.outcome == "open"), None),
    )


def next_ask(
    gaps: Sequence[GapRecord],
    interval_s: Mapping[str, int],
    waiting: Patience,
    now_us: int,
    settings: CompletenessSettings,
) -> Ask | None:
    """What to ask for now: of the first period with open gaps the oldest, which the instrument
    forgets first, with the gaps behind it that fit into one request. None: nothing."""
    if (
        waiting.under_way is not None
        or waiting.quiet_until_us > now_us
        or waiting.in_last_hour >= settings.requests_per_hour_per_mn
    ):
        return None
    for period in REQUESTS:
        if waiting.refused.get(period, 0) > now_us or period not in interval_s:
            continue
        spans = sorted(
            (moment_us(gap.start), moment_us(gap.end))
            for gap in gaps
            if gap.period == period and gap.state == "open"
        )
        if not spans:
            continue
        begin = spans[0][0]
        most = begin + settings.chunk_slots * interval_s[period] * SECOND_US
        end = max(min(end, most) for start, end in spans if start < most)
        return Ask(gaps[0].mn, period, begin, end)
    return None


def covered(gaps: Sequence[GapRecord], ask: Ask) -> list[GapRecord]:
    """The open gaps that a request asks for, in part at least."""
    return [
        gap
        for gap in gaps
        if gap.period == ask.period
        and gap.state == "open"
        and moment_us(gap.start) < ask.end_us
        and moment_us(gap.end) > ask.begin_us
    ]


def reconcile(
    mn: str,
    rhythm: Rhythm,
    slots: Times,
    known: Sequence[GapRecord],
    asks: Sequence[Asked],
    since_us: int,
    now_us: int,
    settings: CompletenessSettings,
) -> Changes:
    """Bring the book for one MN and period to what is missing in the store now.

    ``slots``: missing from ``since_us`` on; ``known``: its gaps of that time; ``asks``: requests
    for the period, newest first. A gap that was asked for is judged by what came of it; one that
    is closed without its values is not opened again.
    """
    opened = [gap for gap in known if gap.state in ("open", "asked")]
    changes = Changes()
    lost = [gap for gap in known if gap.state in ("unavailable", "given_up")]
    for gap in lost:
        if moment_us(gap.start) >= since_us and not _within(slots, gap):
            _close(changes, gap, "filled", now_us, "it came later")
    still = without(slots, [(moment_us(gap.start), moment_us(gap.end)) for gap in lost])
    requests = [
        (gap, ask)
        for gap in opened
        if gap.state == "asked" and (ask := _ask_of(gap, asks)) is not None
    ]
    cuts = [moment_us(gap.start) for gap in opened]
    cuts += [bound for _, ask in requests for bound in (ask.begin_us, ask.end_us)]
    by_start = {moment_us(gap.start): gap for gap in opened}
    found = grouped(rhythm, still, cuts)
    for piece in found:
        state, attempts, why = _verdict(piece, opened, requests, settings)
        standing = by_start.get(piece.start_us)
        if standing is None:
            changes.put.append(_new(mn, piece, state, attempts, why, now_us))
        else:
            _change(changes, standing, piece, state, attempts, why, now_us)
        _tally(changes, state)
    starts = {piece.start_us for piece in found}
    for start, gap in by_start.items():
        if start in starts:
            continue
        if start < since_us:
            why = f"longer ago than {settings.fill_days} days"
            _close(changes, gap, "given_up", now_us, why, end_us=min(since_us, moment_us(gap.end)))
        else:
            answered = any(one is gap for one, _ in requests)
            _close(changes, gap, "filled", now_us, "", attempts=gap.attempts + answered)
    return changes


def _verdict(
    piece: Gap,
    opened: Sequence[GapRecord],
    requests: Sequence[tuple[GapRecord, Asked]],
    settings: CompletenessSettings,
) -> tuple[GapState, int, str]:
    """State, attempts and the reason of a piece that is missing still."""
    inherited = max(
        (
            gap.attempts
            for gap in opened
            if moment_us(gap.start) < piece.end_us and moment_us(gap.end) > piece.start_us
        ),
        default=0,
    )
    for gap, ask in requests:
        if not ask.begin_us <= piece.start_us < ask.end_us:
            continue
        attempts = gap.attempts + 1
        match ask.outcome:
            case "open":
                return "asked", gap.attempts, ""
            case "unsent" | "busy":
                return "open", gap.attempts, ask.why
            case "no data":
                return "unavailable", attempts, "the instrument has no data of this time"
            case "answered" if attempts >= _BELIEVED_ANSWERS:
                return "unavailable", attempts, "its answers do not hold these values"
            case "answered":
                return "open", attempts, "its answer did not hold these values"
            case _ if attempts >= settings.attempts:
                return "given_up", attempts, ask.why
            case _:
                return "open", attempts, ask.why
    return "open", inherited, ""


def _ask_of(gap: GapRecord, asks: Sequence[Asked]) -> Asked | None:
    """The newest request for a gap, made since it was noted as asked for."""
    start, end = moment_us(gap.start), moment_us(gap.end)
    noted = 0 if gap.asked_at is None else moment_us(gap.asked_at)
    return next(
        (
            ask
            for ask in asks
            if ask.begin_us < end and ask.end_us > start and ask.created_us >= noted
        ),
        None,
    )


def _within(slots: Times, gap: GapRecord) -> bool:
    return bool(((slots >= moment_us(gap.start)) & (slots < moment_us(gap.end))).any())


def _new(mn: str, piece: Gap, state: GapState, attempts: int, why: str, now_us: int) -> GapRecord:
    closed = state in ("unavailable", "given_up")
    return GapRecord(
        mn=mn,
        period=piece.period,  # type: ignore[arg-type]
        start=moment(piece.start_us),
        end=moment(piece.end_us),
        missing=piece.missing,
        state=state,
        attempts=attempts,
        found_at=moment(now_us),
        asked_at=moment(now_us) if state == "asked" else None,
        closed_at=moment(now_us) if closed else None,
        why=why,
    )


def _change(
    changes: Changes,
    gap: GapRecord,
    piece: Gap,
    state: GapState,
    attempts: int,
    why: str,
    now_us: int,
) -> None:
    """Note what is different of a gap that is known."""
    wanted: dict[str, object] = {
        "end": moment(piece.end_us),
        "missing": piece.missing,
        "state": state,
        "attempts": attempts,
    }
    if why:
        wanted["why"] = why
    if state in ("unavailable", "given_up"):
        wanted["closed_at"] = moment(now_us)
    different = {name: value for name, value in wanted.items() if getattr(gap, name) != value}
    if different:
        changes.update.append((gap.id, different))


def _close(
    changes: Changes,
    gap: GapRecord,
    state: GapState,
    now_us: int,
    why: str,
    *,
    end_us: int | None = None,
    attempts: int | None = None,
) -> None:
    values: dict[str, object] = {"state": state, "closed_at": moment(now_us), "why": why}
    if attempts is not None:
        values["attempts"] = attempts
    if state == "filled":
        values["missing"] = 0
    if end_us is not None:
        values["end"] = moment(end_us)
    changes.update.append((gap.id, values))
    _tally(changes, state)


def _tally(changes: Changes, state: GapState) -> None:
    if state not in ("open", "asked"):
        changes.closed[state] = changes.closed.get(state, 0) + 1


def moment(time_us: int) -> datetime:
    """Microseconds as the registry has its moments."""
    return _EPOCH + timedelta(microseconds=time_us)


def moment_us(time: datetime) -> int:
    """And back."""
    return (time - _EPOCH) // _MICROSECOND


def _wire(time_us: int) -> str:
    return moment(time_us + BEIJING_US).strftime(_WIRE_TIME)


def _from_wire(text: object) -> int:
    beijing = datetime.strptime(str(text), _WIRE_TIME).replace(tzinfo=UTC)
    return moment_us(beijing) - BEIJING_US
