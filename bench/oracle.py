"""What was sent and acknowledged, and the verdict on what is stored. It believes nothing but its
own ledger: frames are built, replies read and checksums taken here, without the protocol room.

The promises it holds the daemon to: every acknowledged frame is stored exactly once, every stored
frame was sent, raw bytes are equal, each reading stands once with its value.
Test: tests/bench/test_oracle.py.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import msgspec
import pyarrow as pa

from bench.instruments.clock import date_text, qn_text
from store.timeseries import FrameQuery, SampleQuery, StoreUnavailable, TimeSeriesStore

ALL = 1_000_000_000  # rows: no limit
SHOWN = 20  # violations described in full; the rest is counted
SEQUENCE_CODE = "x00001"
_CODES = ("a34004", "a34002", "a21026", "a21004", "a05024", "a21005", "a01001", "a01002")


def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return table


_CRC_TABLE = _crc_table()


def crc_text(segment: bytes) -> bytes:
    """CRC of HJ 212 (2017, annex A) as four upper-case digits."""
    register = 0xFFFF
    for byte in segment:
        register = _CRC_TABLE[register >> 8 ^ byte]
    return b"%04X" % register


class Sent(msgspec.Struct):
    """A numbered frame. ``raw`` has no line end, as the store keeps it."""

    mn: str
    sequence: int
    qn: str
    data_time_s: int
    values: dict[str, float]
    raw: bytes
    acked: bool = False


class Ledger:
    """All frames of one run, by MN and QN. Frames are numbered per MN from 0."""

    def __init__(self, start_s: int | None = None) -> None:
        self.start_s = int(time.time()) if start_s is None else start_s
        self._frames: dict[tuple[str, str], Sent] = {}
        self._next: Counter[str] = Counter()

    def issue(self, mn: str) -> Sent:
        """The next frame of a device, not sent before: its number stands in QN, DataTime and CP,
        and how much else there is varies with it."""
        sequence = self._next[mn]
        self._next[mn] += 1
        second = self.start_s + sequence
        qn = qn_text(second * 1000 + sequence % 1000)
        values: dict[str, float] = {SEQUENCE_CODE: float(sequence)}
        for k in range((sequence * 5 + len(mn)) % (len(_CODES) + 1)):
            values[_CODES[k]] = ((sequence * 2654435761 + k * 40503) % 100000) / 100
        items = ";".join(f"{code}-Rtd={value:.2f},{code}-Flag=N" for code, value in values.items())
        segment = (
            f"QN={qn};ST=22;CN=2011;PW=123456;MN={mn};Flag=5;"
            f"CP=&&DataTime={date_text(second)};{items}&&"
        ).encode()
        raw = b"##%04d%b%b" % (len(segment), segment, crc_text(segment))
        sent = Sent(mn, sequence, qn, second, values, raw)
        self._frames[mn, qn] = sent
        return sent

    def find(self, mn: str, qn: str) -> Sent | None:
        """The frame of that exchange."""
        return self._frames.get((mn, qn))

    def __iter__(self) -> Iterator[Sent]:
        return iter(self._frames.values())

    def __len__(self) -> int:
        return len(self._frames)


class Reply(msgspec.Struct, frozen=True):
    """An answer of the server, as far as the oracle needs it."""

    cn: str
    mn: str
    qn: str


def take_replies(buffer: bytearray) -> Iterator[Reply | None]:
    """Take whole frames from the front of ``buffer``; None for what is no frame with a right
    length and checksum."""
    while len(buffer) >= 12:
        if not buffer.startswith(b"##") or not buffer[2:6].isdigit():
            skipped = buffer.find(b"##", 1)
            del buffer[: skipped if skipped > 0 else len(buffer)]
            yield None
            continue
        length = int(buffer[2:6])
        end = 6 + length + 4
        if len(buffer) < end + 2:
            return
        segment = bytes(buffer[6 : 6 + length])
        whole = buffer[end - 4 : end + 2] == crc_text(segment) + b"\r\n"
        del buffer[: end + 2]
        if not whole:
            yield None
            continue
        head = segment.decode("ascii", "replace").partition(";CP=&&")[0]
        fields = dict(part.split("=", 1) for part in head.split(";") if "=" in part)
        yield Reply(fields.get("CN", ""), fields.get("MN", ""), fields.get("QN", ""))


class Verdict(msgspec.Struct):
    """What the store was found to hold. ``violations`` describes the first ones; ``passed`` is
    the judgement. ``bad_rows`` counts rows in quarantine, by reason."""

    frames_sent: int = 0
    frames_acked: int = 0
    frames_stored: int = 0
    samples_checked: int = 0
    bad_rows: dict[str, int] = {}
    counts: dict[str, int] = {}
    violations: list[str] = []

    @property
    def passed(self) -> bool:
        """No promise was broken."""
        return not self.counts

    def breach(self, kind: str, text: str) -> None:
        """A broken promise."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(self.violations) < SHOWN:
            self.violations.append(f"{kind}: {text}")

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"passed": self.passed, **msgspec.to_builtins(self)}


def judge(ledger: Ledger, store: TimeSeriesStore) -> Verdict:
    """Compare what a store answers with the ledger; a store that does not answer is a breach, too.

    Only the queries of the product are used, so that every engine is judged alike. The store is
    the caller's.
    """
    verdict = Verdict(frames_sent=len(ledger), frames_acked=sum(each.acked for each in ledger))
    try:
        stored = _judge_frames(ledger, store, verdict)
        _judge_samples(ledger, stored, store, verdict)
    except StoreUnavailable as problem:
        verdict.breach("no_store", str(problem))
    return verdict


def _judge_frames(
    ledger: Ledger, store: TimeSeriesStore, verdict: Verdict
) -> set[tuple[str, str]]:
    """Each frame once, byte for byte; those that were found, as (mn, qn)."""
    rows = store.frames(FrameQuery(limit=ALL)).select(["mn", "qn", "reason", "raw"])
    times: Counter[tuple[str, str]] = Counter()
    for mn, qn, reason, raw in _rows(rows):
        if reason != "ok":
            verdict.bad_rows[reason] = verdict.bad_rows.get(reason, 0) + 1
            continue
        sent = ledger.find(mn, qn)
        if sent is None:
            verdict.breach("never_sent", f"stored frame of MN {mn!r}, QN {qn!r}: {raw[:300]!r}")
            continue
        times[mn, qn] += 1
        if raw != sent.raw:
            verdict.breach("not_equal", f"MN {mn} QN {qn}: sent {sent.raw!r}, stored {raw!r}")
    for sent in ledger:
        count = times[sent.mn, sent.qn]
        who = f"MN {sent.mn} number {sent.sequence} QN {sent.qn}"
        if count == 0 and sent.acked:
            verdict.breach("lost", f"{who} was acknowledged and is not in the store")
        if count > 1:
            verdict.breach("doubled", f"{who} is stored {count} times")
    verdict.frames_stored = len(times)
    return set(times)


def _judge_samples(
    ledger: Ledger, stored: set[tuple[str, str]], store: TimeSeriesStore, verdict: Verdict
) -> None:
    """The readings of each stored frame once, with value and mark; and no others."""
    expected: dict[str, dict[tuple[int, str], float]] = {}
    for sent in ledger:
        found = expected.setdefault(sent.mn, {})
        if (sent.mn, sent.qn) in stored:
            found |= {(sent.data_time_s, code): value for code, value in sent.values.items()}
    rows = 0
    for mn, wanted in expected.items():
        answer = store.samples(SampleQuery(mn, None, limit=ALL))
        rows += answer.num_rows
        _judge_readings(mn, wanted, answer, verdict)
        verdict.samples_checked += len(wanted)
    in_all = store.totals()["samples"]
    if in_all != rows:
        # Of another period, or of a device that has sent nothing.
        verdict.breach("sample_never_sent", f"{in_all} rows in samples, {rows} of those sent")


def _judge_readings(
    mn: str, wanted: dict[tuple[int, str], float], answer: pa.Table, verdict: Verdict
) -> None:
    seen: Counter[tuple[int, str]] = Counter()
    for data_time, factor, rtd, flag in _rows(
        answer.select(["data_time", "factor", "rtd", "flag"])
    ):
        key = (int(data_time.replace(tzinfo=UTC).timestamp()), factor)
        seen[key] += 1
        value = wanted.get(key)
        if value is None:
            verdict.breach("sample_never_sent", f"MN {mn} {data_time} {factor} = {rtd}")
        elif rtd != value or flag != "N":
            verdict.breach("sample_wrong", f"MN {mn} {key}: sent {value} N, stored {rtd} {flag}")
    for key in wanted:
        if seen[key] != 1:
            verdict.breach("sample_count", f"MN {mn} {key} stands {seen[key]} times in samples")


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)
