"""Real-time readings (CN 2011) of a made-up fleet, written by SQL straight into the tables of a
DuckDB store: a million values a second, where a hub's commits would take minutes.

No frame is read and no duplicate looked for: who fills sees to it that each value comes once. The
same arguments give the same data.
Test: tests/bench/test_rollup.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from store.duckdb_file import DuckDBFile
from store.settings import MEMORY_LIMIT

# Middle and decimals of each factor.
FACTORS = {
    "a34004": (35.0, 1),
    "a34002": (61.0, 1),
    "a21026": (9.0, 1),
    "a21004": (28.0, 1),
    "a21005": (0.7, 3),
    "a05024": (90.0, 1),
    "a01001": (18.0, 1),
    "a01002": (55.0, 1),
}
LANE = "0"

_EPOCH = datetime(1970, 1, 1)
_SECOND_US = 1_000_000

_NAMES = """
    INSERT INTO mns SELECT i + 1, printf('3502000000%014d', i) FROM range({stations}) AS one(i);
    INSERT INTO devices (mn, st, version, first_seen, last_seen, last_data_time)
    SELECT mn, '22', '2017', {at}, {at}, {at} FROM mns;
"""
# A row in order of time, device and channel: as a fleet arrives that sends every ``step_s``.
_VALUES = """
    SELECT at_us, device, channel, ordinal,
        round([{middles}][channel] * (0.7 + noise), [{decimals}][channel]::INTEGER) AS value
    FROM (
        SELECT {start_us} + (i // ({devices} * {factors}) + 1) * {step_us} AS at_us,
            {device} AS device,
            (i % {factors} + 1)::INTEGER AS channel,
            i // {factors} AS ordinal,
            hash({start_us} + i) % 600 / 1000.0 AS noise
        FROM range({rows}) AS one(i)
    )
"""
_ARRIVED = """
    INSERT INTO samples_near (data_time, device, channel, rtd, flag, received_at, lane, position)
    SELECT make_timestamp(at_us), device, channel, value, 'N', {received}, '{lane}',
        {position} + ordinal
    FROM ({values})
"""
_FRAMES = """
    INSERT INTO frames_near (received_at, lane, position, link, device, st, cn, qn, data_time,
        version, flag, rf, encrypted, reason, repairs, warnings, key_time, digest)
    SELECT {received}, '{lane}', {position} + ordinal, device, device, '22', '2011', '',
        make_timestamp(at_us), '2017', 5, false, false, 'ok', '', '', make_timestamp(at_us),
        hash(ordinal)
    FROM ({values}) WHERE channel = 1
"""
_CURSOR = """
    DELETE FROM cursors WHERE lane = '{lane}';
    INSERT INTO cursors VALUES ('{lane}', {position});
"""
# A closed day lies in order of device, channel and time.
_CLOSED = """
    INSERT INTO samples_closed (device, channel, data_time, rtd, flag, delay_s)
    SELECT device, channel, make_timestamp(at_us)::TIMESTAMP_S, value, 'N', 4 FROM ({values})
    ORDER BY device, channel, at_us
"""
_TIDIED = """
    UPDATE tidied SET closing_before = {until}, closed_before = {until},
        ordered_before = {spans}, late = 0
"""


class Span(msgspec.Struct, frozen=True):
    """Values behind ``start``, up to and with ``end``, one each ``step_s``."""

    start: datetime
    end: datetime
    step_s: int

    @property
    def steps(self) -> int:
        """Moments of each series."""
        return int((self.end - self.start).total_seconds()) // self.step_s


class Readings:
    """Fills an empty store, also while this process has it open. ``position``: the journal's
    end."""

    def __init__(self, path: Path, stations: int, at: datetime) -> None:
        self.position = 0
        self._file = DuckDBFile(path, MEMORY_LIMIT)
        self._stations = stations
        self._run(
            _NAMES.format(stations=stations, at=_moment(at))
            + "".join(
                f"INSERT INTO channels VALUES ({number}, '{factor}', 'realtime');"
                for number, factor in enumerate(FACTORS, 1)
            )
        )

    def arrive(
        self,
        span: Span,
        devices: Sequence[int] | None = None,
        *,
        received: datetime | None = None,
        with_frames: bool = False,
    ) -> int:
        """Values of some devices (None: all) as they come, four seconds after their time or all
        at ``received``; how many they are. Without frames nobody is told that they came."""
        words = {
            "values": self._values(span, devices),
            "received": f"make_timestamp(at_us + {4 * _SECOND_US})"
            if received is None
            else _moment(received),
            "lane": LANE,
            "position": self.position,
        }
        frames = span.steps * len(self._of(devices))
        self.position += frames
        statements = [_ARRIVED.format(**words), _CURSOR.format(lane=LANE, position=self.position)]
        if with_frames:
            statements.append(_FRAMES.format(**words))
        self._run(";".join(statements))
        return frames * len(FACTORS)

    def closed(self, span: Span, devices: Sequence[int] | None = None) -> int:
        """The same as days that were put in order; how many they are."""
        self._run(_CLOSED.format(values=self._values(span, devices)))
        return span.steps * len(self._of(devices)) * len(FACTORS)

    def all_closed(self, until: datetime) -> None:
        """There is nothing left to put in order before ``until``."""
        until_s = _us(until) // _SECOND_US
        spans = until_s - 20 * 86_400
        self._run(_TIDIED.format(until=until_s, spans=spans))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _of(self, devices: Sequence[int] | None) -> Sequence[int]:
        return range(1, self._stations + 1) if devices is None else devices

    def _values(self, span: Span, devices: Sequence[int] | None) -> str:
        some = self._of(devices)
        number = f"i // {len(FACTORS)} % {len(some)}"
        step_us = span.step_s * _SECOND_US
        return _VALUES.format(
            middles=_list(middle for middle, _ in FACTORS.values()),
            decimals=_list(decimals for _, decimals in FACTORS.values()),
            start_us=_us(span.start),
            step_us=step_us,
            devices=len(some),
            factors=len(FACTORS),
            device=f"({number} + 1)::INTEGER"
            if devices is None
            else f"{list(some)}[{number} + 1]::INTEGER",
            rows=span.steps * len(some) * len(FACTORS),
        )

    def _run(self, statements: str) -> None:
        with self._file.cursor() as connection:
            connection.execute("BEGIN")
            connection.execute(statements)
            connection.execute("COMMIT")


def _list(numbers: Iterable[float]) -> str:
    return ", ".join(map(str, numbers))


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(moment: datetime) -> str:
    return f"make_timestamp({_us(moment)}::BIGINT)"
