"""The oracle must see each kind of broken promise; one that cannot fail proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

import pyarrow as pa
import pytest

from bench.oracle import Ledger, Reply, Sent, Verdict, crc_text, judge, take_replies
from hj212d.wire import build
from hj212d.wire.cutter import Cutter
from hj212d.wire.decode import decode
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import FrameQuery, SampleQuery, TimeSeriesStore

READ = pa.schema(
    [
        ("mn", pa.string()),
        ("data_time", pa.timestamp("us")),
        ("factor", pa.string()),
        ("period", pa.string()),
        ("rtd", pa.float64()),
        ("flag", pa.string()),
    ]
)
START = 1_784_001_600
Row = dict[str, Any]


class Held(NamedTuple):
    """Rows of a store."""

    frames: list[Row]
    samples: list[Row]


def ledger(count: int = 30) -> Ledger:
    """Frames of three devices, all acknowledged but the last of each."""
    found = Ledger(START)
    for n in range(count):
        found.issue(f"DEV{n % 3}").acked = n < count - 3
    return found


def frame_row(sent: Sent, position: int) -> Row:
    return {
        "lane": "0", "position": position, "mn": sent.mn, "qn": sent.qn, "reason": "ok",
        "raw": sent.raw,
    }  # fmt: skip


def sample_rows(sent: Sent) -> list[Row]:
    at = datetime.fromtimestamp(sent.data_time_s, UTC).replace(tzinfo=None)
    return [
        {"mn": sent.mn, "data_time": at, "factor": code, "period": "realtime", "rtd": value,
         "flag": "N"}
        for code, value in sent.values.items()
    ]  # fmt: skip


class Store:
    """Answers like a store that holds these rows, whatever they are."""

    url = "memory:"

    def __init__(self, held: Held) -> None:
        self._held = held

    def frames(self, _: FrameQuery) -> pa.Table:
        return pa.Table.from_pylist(self._held.frames)

    def samples(self, query: SampleQuery) -> pa.Table:
        asked = (query.mn, query.period)
        rows = [row for row in self._held.samples if (row["mn"], row["period"]) == asked]
        return pa.Table.from_pylist(rows, schema=READ)

    def totals(self) -> dict[str, int]:
        return {"samples": len(self._held.samples)}


def verdict_on(book: Ledger, held: Held) -> Verdict:
    return judge(book, cast(TimeSeriesStore, Store(held)))


def honest(book: Ledger) -> Held:
    """What a store holds that did everything right."""
    frames = [frame_row(sent, n) for n, sent in enumerate(book)]
    return Held(frames, [row for sent in book for row in sample_rows(sent)])


def test_an_honest_store_passes() -> None:
    """All is there, once; frames that were not acknowledged may be missing."""
    book = ledger()
    assert verdict_on(book, honest(book)).passed
    frames, _ = honest(book)
    acked = [sent for sent in book if sent.acked]
    samples = [row for sent in acked for row in sample_rows(sent)]
    kept = [row for row in frames if any(row["qn"] == s.qn and row["mn"] == s.mn for s in acked)]
    verdict = verdict_on(book, Held(kept, samples))
    assert verdict.passed
    assert (verdict.frames_sent, verdict.frames_acked, verdict.frames_stored) == (30, 27, 27)


def lose(held: Held) -> None:
    del held.frames[4]


def quarantine(held: Held) -> None:
    held.frames[4]["reason"] = "crc_wrong"


def double(held: Held) -> None:
    held.frames.append(held.frames[4] | {"position": 999})


def change_a_byte(held: Held) -> None:
    held.frames[4]["raw"] = held.frames[4]["raw"][:-1] + b"?"


def invent(held: Held) -> None:
    held.frames.append(held.frames[4] | {"qn": "20200101000000000"})


def lose_a_sample(held: Held) -> None:
    del held.samples[7]


def double_a_sample(held: Held) -> None:
    held.samples.append(held.samples[7])


def change_a_value(held: Held) -> None:
    held.samples[7]["rtd"] += 0.01


def change_a_mark(held: Held) -> None:
    held.samples[7]["flag"] = "D"


def invent_a_sample(held: Held) -> None:
    held.samples.append(held.samples[7] | {"factor": "w99999"})


def change_a_period(held: Held) -> None:
    held.samples[7]["period"] = "minute"


def invent_a_device(held: Held) -> None:
    held.samples.append(held.samples[7] | {"mn": "NOBODY"})


@pytest.mark.parametrize(
    ("crime", "kind"),
    [
        (lose, "lost"),
        (quarantine, "lost"),
        (double, "doubled"),
        (change_a_byte, "not_equal"),
        (invent, "never_sent"),
        (lose_a_sample, "sample_count"),
        (double_a_sample, "sample_count"),
        (change_a_value, "sample_wrong"),
        (change_a_mark, "sample_wrong"),
        (invent_a_sample, "sample_never_sent"),
        (change_a_period, "sample_count"),
        (invent_a_device, "sample_never_sent"),
    ],
)
def test_every_broken_promise_is_seen(crime: Callable[[Held], None], kind: str) -> None:
    """One change to an honest store, and the verdict names it."""
    book = ledger()
    held = honest(book)
    crime(held)
    verdict = verdict_on(book, held)
    assert not verdict.passed
    assert kind in verdict.counts
    assert any(text.startswith(f"{kind}: ") for text in verdict.violations)


def test_a_store_that_cannot_be_read_is_no_pass(tmp_path: Path) -> None:
    """No file, or a file that is no database."""
    (tmp_path / "text").write_text("no database at all")
    for name in ("nothing", "text"):
        store = open_store(f"duckdb:///{tmp_path / name}", StoreSettings(), read_only=True)
        assert judge(ledger(), store).counts == {"no_store": 1}


def test_numbered_frames_are_good_and_all_different() -> None:
    """The real decoder reads them; QN, DataTime and bytes are never the same twice."""
    book = ledger(60)
    cutter = Cutter()
    for sent in book:
        (cut,) = cutter.feed(sent.raw + b"\r\n")
        frame = decode(cut)
        assert frame.ok
        assert (frame.mn, frame.qn, frame.raw) == (sent.mn, sent.qn, sent.raw)
        assert frame.data_time_us == sent.data_time_s * 1_000_000
        values = {code: float(fields["Rtd"]) for code, fields in frame.factors.items()}
        assert values == sent.values
    for name in ("qn", "data_time_s", "raw"):
        assert len({(sent.mn, getattr(sent, name)) for sent in book}) == 60
    assert len({len(sent.values) for sent in book}) > 3


def test_the_checksum_of_the_oracle() -> None:
    """Vectors of HJ 212-2017 annex A and a plain one."""
    assert crc_text(b"123456789") == b"2F80"
    assert (
        crc_text(
            b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
            b"CP=&&RtdInterval=30&&"
        )
        == b"1C80"
    )


def test_replies_are_read_whole_and_in_pieces() -> None:
    """The oracle's own reader takes what the server sends, however it is cut."""
    book = Ledger(START)
    (cut,) = Cutter().feed(book.issue("DEV0").raw)
    stream = build.reply(decode(cut), "9014") * 3
    expected = Reply("9014", "DEV0", decode(cut).qn)
    assert list(take_replies(bytearray(stream))) == [expected] * 3
    buffer = bytearray()
    found = []
    for byte in stream:
        buffer.append(byte)
        found += take_replies(buffer)
    assert found == [expected] * 3


def test_a_broken_reply_is_no_reply() -> None:
    """A wrong checksum or stray bytes are reported, and the next reply is still read."""
    book = Ledger(START)
    (cut,) = Cutter().feed(book.issue("DEV0").raw)
    good = build.reply(decode(cut), "9014")
    broken = good.replace(b"ST=91", b"ST=92")
    found = list(take_replies(bytearray(b"stray" + broken + good)))
    assert found[0] is None
    assert found[1] is None
    assert found[2] is not None
