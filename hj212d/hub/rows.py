"""From frames and link events to the rows of one batch.

Knows the columns of the store and the suffixes of the standard; no clock, no file. A value that
is no number, and a suffix that has no column, stays as text in ``extra``: nothing of a good frame
is lost. Tests: tests/hub/test_rows.py.
"""

from __future__ import annotations

from functools import lru_cache
from math import isfinite
from typing import Any

import msgspec
from xxhash import xxh64_intdigest

from hj212d.hub.batch_columns import FACTOR_COLUMNS, Columns, table
from hj212d.hub.counting import counts
from hj212d.hub.lateness import LATE, is_late
from hj212d.journal.record import Kind, Record
from hj212d.wire.decode import mn_of
from hj212d.wire.frame import Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.tables import answer_of
from hj212d.wire.tolerances import Tolerance
from store.timeseries import FRAMES, LINKS, PERIODS, Batch

# Verdict of a record -> reason.
VERDICTS = {reason.value: reason for reason in Reason}
_LABELS = {reason: reason.label for reason in Reason}

# Suffix (HJ 212-2017, 6.6.4) -> column of SAMPLES, in the order of the columns.
_NUMBERS = {
    "Rtd": "rtd",
    "Min": "min",
    "Avg": "avg",
    "Max": "max",
    "Cou": "cou",
    "ZsRtd": "zs_rtd",
    "ZsMin": "zs_min",
    "ZsAvg": "zs_avg",
    "ZsMax": "zs_max",
    "Data": "data",
    "DayData": "day_data",
    "NightData": "night_data",
    "RS": "rs",
    "RT": "rt",
}
_TEXTS = {"Flag": "flag", "EFlag": "e_flag"}
_PLACES = {suffix: FACTOR_COLUMNS.index(column) for suffix, column in (_NUMBERS | _TEXTS).items()}
_FIRST_TEXT = min(_PLACES[suffix] for suffix in _TEXTS)
_BLANK: list[Any] = [None] * len(FACTOR_COLUMNS)

_LINK_EVENTS = {
    Kind.LINK_OPENED: "opened",
    Kind.LINK_IDENTIFIED: "identified",
    Kind.LINK_CLOSED: "closed",
}
_SECOND_US = 1_000_000
CLOCK_AHEAD = "clock_ahead"
CLOCK_BEHIND = "clock_behind"
INGEST_ERROR = "ingest_error"


class _LinkDetail(msgspec.Struct):
    mn: str = ""


class Rows:
    """Makes the rows of one batch. A record that raises in ``add`` has left nothing behind.

    ``columns`` takes the rows of frames; it may have taken others in between by itself.
    """

    def __init__(
        self, columns: Columns, clock_tolerance_s: float, late_after_s: float = 600.0
    ) -> None:
        self.columns = columns
        self._clock_tolerance_s = clock_tolerance_s
        self._late_after_s = late_after_s
        self._links: list[tuple[Any, ...]] = []
        self._warned: list[tuple[str, str]] = []

    def add(self, lane: str, position: int, record: Record, frame: Frame) -> None:
        """A frame, good or bad, with what its record says."""
        data_time_us = frame.data_time_us
        if data_time_us is not None:
            data_time_us -= data_time_us % _SECOND_US
        reason = _LABELS[frame.reason]
        repairs = _labels(frame.repairs) if frame.repairs else []
        warnings = self._warnings(record, frame)
        self.columns.add_frame(
            (
                record.time_us,
                lane,
                position,
                record.link,
                frame.mn,
                frame.st,
                frame.cn,
                frame.qn,
                data_time_us,
                frame.version,
                frame.flag,
                frame.pnum,
                frame.pno,
                frame.rf,
                frame.encrypted,
                reason,
                " ".join(repairs),
                " ".join(warnings),
                frame.qn_time_us if data_time_us is None else data_time_us,
                digest(record.raw),
                record.raw,
            ),
            _factor_rows(frame),
            PERIODS.get(frame.cn) or f"cn{frame.cn}",
        )

    def add_unread(self, lane: str, position: int, record: Record) -> None:
        """A frame record that our own code failed on: its bytes and verdict, and a warning."""
        mn = mn_of(record.raw)
        known = VERDICTS.get(record.verdict)
        reason = known.label if known is not None else f"reason_{record.verdict}"
        row = dict.fromkeys(FRAMES.names)
        row |= {
            "received_at": record.time_us,
            "lane": lane,
            "position": position,
            "link": record.link,
            "mn": mn,
            "st": "",
            "cn": "",
            "qn": "",
            "version": "",
            "rf": False,
            "encrypted": False,
            "reason": reason,
            "repairs": " ".join(_labels(Tolerance(record.marks))),
            "warnings": INGEST_ERROR,
            "digest": digest(record.raw),
            "raw": record.raw,
        }
        self.columns.add_frame(tuple(row.values()), [], "")

    def add_link(self, lane: str, position: int, record: Record) -> None:
        """What happened to a link."""
        event = _LINK_EVENTS[Kind(record.kind)]
        detail = record.meta.decode("utf-8", "replace")
        mn = msgspec.json.decode(detail or "{}", type=_LinkDetail).mn
        self._links.append((record.time_us, lane, position, record.link, event, mn, detail))

    def warn(self, mn: str, warning: str) -> None:
        """Count a warning that belongs to no single frame."""
        self._warned.append((mn, warning))

    def batch(
        self,
        cursors: dict[str, int],
        *,
        since: dict[str, int] | None = None,
        replay: bool = False,
    ) -> Batch:
        """All that was collected, as one batch."""
        frames, samples = self.columns.tables()
        return Batch(
            frames=frames,
            samples=samples,
            links=table(self._links, LINKS),
            counts=counts(frames, self._warned),
            cursors=cursors,
            since=since,
            replay=replay,
        )

    def _warnings(self, record: Record, frame: Frame) -> list[str]:
        """The frame's own, and one of time: a clock that is wrong while the data are said to be of
        now, else data that are late. Old data with a QN of now come from a clock that is right."""
        data_time_us = frame.data_time_us
        if data_time_us is None or not frame.ok:
            return frame.warnings
        if frame.cn == "2011" and not frame.rf:
            ahead_us = data_time_us - record.time_us
            if ahead_us > 0 and not self._tolerable(ahead_us):
                return [*frame.warnings, CLOCK_AHEAD]
            qn_time_us = frame.qn_time_us
            shown = qn_time_us is not None and self._tolerable(qn_time_us - record.time_us)
            if not shown and not self._tolerable(ahead_us):
                return [*frame.warnings, CLOCK_BEHIND]
        if is_late(frame.cn, data_time_us, record.time_us, self._late_after_s):
            return [*frame.warnings, LATE]
        return frame.warnings

    def _tolerable(self, difference_us: int) -> bool:
        return abs(difference_us) <= self._clock_tolerance_s * _SECOND_US


@lru_cache(maxsize=1024)
def _labels(repairs: Tolerance) -> list[str]:
    """Names of the repairs; a third of the time of a frame when they are made each time."""
    return repairs.labels


def digest(raw: bytes) -> int:
    """64-bit hash of a frame's bytes; narrows the search for a duplicate, decides nothing."""
    return xxh64_intdigest(raw)


def _factor_rows(frame: Frame) -> list[list[Any]]:
    """The values of an upload, a row a factor; none for replies, commands and bad frames."""
    if not frame.factors or not frame.ok or frame.data_time_us is None:
        return []
    if answer_of(frame.cn, frame.version) is None:
        return []
    return [_factor_row(code, suffixes) for code, suffixes in frame.factors.items()]


def _factor_row(code: str, suffixes: dict[str, str]) -> list[Any]:
    row = _BLANK.copy()
    row[0] = code
    extra: dict[str, str] | None = None
    for suffix, text in suffixes.items():
        place = _PLACES.get(suffix)
        if place is not None and place >= _FIRST_TEXT:
            row[place] = text
            continue
        value = None if place is None else number_of(text)
        if place is None or value is None:
            extra = extra or {}
            extra[suffix] = text
        else:
            row[place] = value
    if extra:
        row[-1] = msgspec.json.encode(extra).decode()
    return row


def number_of(text: str) -> float | None:
    """A finite decimal number in ASCII; float() alone takes ``1_0``, ``nan`` and ``１０`` too."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) and "_" not in text and text.isascii() else None
