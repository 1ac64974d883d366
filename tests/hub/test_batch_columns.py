"""The columns of a batch, compiled and in Python: equal tables, and what each may do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from column_kinds import COMPILED, KINDS, NOT_COMPILED, Columns, compiled
from hub_rig import MN, good, upload
from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh64_intdigest

from bench.corpus import cases
from hj212d.hub.assemble import Assembler
from hj212d.hub.batch_columns import FACTOR_COLUMNS, BatchColumns
from hj212d.hub.reread import Rereader
from hj212d.journal.reader import Piece
from hj212d.journal.record import Kind, Record, encode
from hj212d.wire import build, codec
from hj212d.wire.frame import Device
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance
from hj212d.wire.values import time_text
from store.timeseries import FRAMES, SAMPLES, Batch

# 2026-06-01 12:00 in Beijing.
NOON_US = 1_780_286_400_000_000
OVERSIZE = int(Tolerance.SEGMENT_OVERSIZE)
MadeOf = Callable[[float, float], Columns]


def piece(records: Iterable[Record], position: int = 100) -> Piece:
    """Records as they stand in a block."""
    encoded = [encode(record) for record in records]
    return Piece(position, len(encoded), b"".join(encoded))


def batch(
    columns: MadeOf, *pieces: Piece, clock_tolerance_s: float = 600.0, late_after_s: float = 600.0
) -> Batch:
    """What becomes of the pieces, each in a lane of its own."""
    assembler = Assembler(Rereader(lambda _: Device()).as_recorded, columns)
    entries = [(str(lane), one) for lane, one in enumerate(pieces)]
    made = assembler.batch(
        entries, {}, clock_tolerance_s=clock_tolerance_s, late_after_s=late_after_s
    )
    assert assembler.errors == 0
    return made


def check(*pieces: Piece, **limits_s: float) -> Batch:
    """Both kinds make the same of the pieces, whole down to the last bit."""
    expected = batch(BatchColumns, *pieces, **limits_s)
    found = batch(compiled.BatchColumns, *pieces, **limits_s)
    for name in ("frames", "samples", "links", "counts"):
        one, other = getattr(found, name), getattr(expected, name)
        one.validate(full=True)
        assert one.schema == other.schema
        assert one.equals(other), name
    return found


def framed(cp: str, *, cn: str = "2011", **fields: Any) -> bytes:
    """A frame of 2017 with this content."""
    usual = {"qn": "20260601120000000", "st": "32", "pw": "123456", "mn": MN, "flag": 5}
    segment = build.segment(cn=cn, cp=cp, **(usual | fields))
    return build.frame(segment).removesuffix(b"\r\n")


def received(raw: bytes, *, time_us: int = NOON_US, marks: int = 0) -> Record:
    """The record of a good frame."""
    return Record(Kind.FRAME, time_us, 2**63 + 5, marks=marks, raw=raw)


@NOT_COMPILED
def test_the_corpus_becomes_the_same() -> None:
    """Each frame of the corpus, good and bad, in one batch."""
    records = []
    for case in cases():
        cutter = codec.Cutter(case.max_segment_bytes)
        for cut in cutter.feed(case.stream) + cutter.expire():
            frame = codec.decode(cut, case.device)
            records.append(
                Record(Kind.FRAME, NOON_US, 1, frame.reason, int(frame.repairs), b"", frame.raw)
            )
    made = check(piece(records))
    assert made.frames.num_rows == len(records)
    assert made.samples.num_rows > 50


CONTENTS = [
    "",
    "DataTime=20260601120000;w01018-Rtd=1.5,w01018-Flag=N",
    "DataTime=20260601120000;w01018-Rtd=1.5,w01018-Flag=N;w01001-Avg=7,w01001-EFlag=A1",
    "DataTime=20260601120000;w01018-Rtd=,w01018-Flag=",
    'DataTime=20260601120000;a-Info=say "no" \\ or,a-Rtd=--,a-Min=1;b-SN=x;c-Rtd=2',
    "DataTime=20260601120000;" + ";".join(f"w{at:05d}-Rtd={at}.25" for at in range(90)),
    "DataTime=20260601120000;w01018-Rtd=1e400,w01018-Min=-0,w01018-Max=0.1e-3,w01018-Cou=1_0",
    "DataTime=20260601115959;LA-Data=50.1,LA-DayData=2,LA-NightData=3;SB1-RS=1;SB1-RT=2.5",
    "DataTime=20260601120000;SB1-RS=1,SB1-RT=2.5,SB1-ZsRtd=1,SB1-ZsMin=2,SB1-ZsAvg=3,SB1-ZsMax=4",
    "DataTime=20260601120000;BeginTime=20260601110000;w01018-Rtd=1;PolId=w01018",
    "DataTime=19700101000000;w01018-Rtd=1",
    "DataTime=99991231235959;w01018-Rtd=1",
    "DataTime=20260601120000;w01018-Rtd=1;w01019-Rtd=1;w01018-Flag=N",
    "DataTime=20260601120000;LA-Data=1;LB-Data=2,LB-X=a;LA-DayData=3,LA-Flag=N;LB-Flag=D,LB-X=b",
    "DataTime=20260601120000123;w01018-Rtd=1",
    "w01018-Rtd=1",
    "QnRtn=1",
]


@NOT_COMPILED
@pytest.mark.parametrize("cn", ["2011", "2031", "2051", "2061", "2062", "3020", "8888", "9014"])
def test_contents_of_all_kinds_become_the_same(cn: str) -> None:
    """Values, texts, JSON, empty columns, no DataTime, each flag, resent or not, near and far."""
    for number, cp in enumerate(CONTENTS):
        records = [
            received(framed(cp, cn=cn, flag=flag, rf=rf), time_us=NOON_US + ahead, marks=OVERSIZE)
            for flag in (0, 4, 5, 8, 9, None)
            for rf in (False, True)
            for ahead in (0, 600_000_000, 600_000_001, -600_000_001)
        ]
        made = check(piece(records))
        assert made.frames.num_rows == len(records), number


@NOT_COMPILED
def test_what_is_not_plain_keeps_its_place() -> None:
    """Bad frames, links, packets, marks and unknown kinds among good ones, over several blocks,
    in the order of the journal."""
    packets = framed("DataTime=20260601120000;w01018-Avg=1", cn="2051", pnum=2, pno=1)
    records = [
        good(upload(), time_us=NOON_US),
        Record(Kind.LINK_OPENED, NOON_US, 1, meta=b'{"peer":"x"}'),
        Record(Kind.FRAME, NOON_US, 1, int(Reason.JUNK), raw=b"junk"),
        good(upload(rtd="2"), time_us=NOON_US),
        received(packets),
        received(upload().replace(b";ST", b" ;ST"), marks=int(Tolerance.SEPARATOR_LOOSE)),
        received(upload(), marks=int(Tolerance.SEPARATOR_LOOSE)),
        received(framed("x=" + "y" * 1100)),
        received(framed("x=" + "y" * 1100), marks=OVERSIZE),
        received(upload() + b"\r\n"),
        received(b""),
        Record(Kind.FRAME, NOON_US, 1, meta=b"told", raw=upload(rtd="3")),
        good(upload(rtd="4"), time_us=NOON_US),
    ]
    made = check(piece(records), piece(reversed(records)), piece(records[:1]))
    places = made.frames["position"].to_pylist()[: len(records) - 1]
    assert places == sorted(places)
    assert made.frames["lane"].to_pylist().count("2") == 1


@NOT_COMPILED
@pytest.mark.parametrize("clock_tolerance_s", [0.0, 0.9999996, 1.0, 1e300])
def test_the_tolerance_of_clocks_is_the_same(clock_tolerance_s: float) -> None:
    """To the microsecond, and without a limit."""
    raw = framed("DataTime=20260601120000;w01018-Rtd=1")
    moments = [NOON_US + off for at in (0, 999_999, 1_000_000) for off in (at, at + 1, -at - 1)]
    records = [received(raw, time_us=moment) for moment in moments]
    check(piece(records), clock_tolerance_s=clock_tolerance_s)


@NOT_COMPILED
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2011", "2013", "2021", "2031", "2051", "2061", "2111", "3020"]),
            st.integers(-90_000, 3_000_000_000),
            st.sampled_from(["", "now", "then"]),
            st.booleans(),
            st.integers(-4_000_000_000, 100_000_000_000),
        ),
        max_size=8,
    ),
    st.sampled_from([0.0, 0.5, 600.0, 1e300]),
    st.sampled_from([0.0, 0.0000015, 600.0, 1e300]),
)
def test_the_same_data_are_late(
    frames: list[tuple[str, int, str, bool, int]], clock_tolerance_s: float, late_after_s: float
) -> None:
    """Whatever the CN, the moments, QN and RF: the same warning, before 1970 too."""
    records = []
    for cn, data_time_s, qn, rf, age_us in frames:
        received_us = data_time_s * 1_000_000 + age_us
        then = time_text(data_time_s * 1_000_000)
        qns = {"": "", "now": time_text(received_us, milliseconds=True), "then": then + "000"}
        raw = framed(f"DataTime={then};w01018-Avg=1", cn=cn, qn=qns[qn], rf=rf)
        records.append(received(raw, time_us=received_us))
    check(piece(records), clock_tolerance_s=clock_tolerance_s, late_after_s=late_after_s)


TEXT = st.text('0123456789abcRtdFlagMin-=;,&/"\\.eE+ #', max_size=60)


@NOT_COMPILED
@given(st.lists(st.tuples(TEXT, st.sampled_from(["2011", "2051", "9014", "1"])), max_size=8))
def test_any_content_becomes_the_same(contents: list[tuple[str, str]]) -> None:
    """Frames with a fitting CRC around whatever text, told to be good."""
    records = [received(framed("DataTime=20260601120000;" + cp, cn=cn)) for cp, cn in contents]
    records += [received(framed(cp, cn=cn)) for cp, cn in contents]
    made = batch(compiled.BatchColumns, piece(records))
    assert made.frames.num_rows == len(records)
    check(piece(records))


@NOT_COMPILED
def test_damaged_frames_become_the_same() -> None:
    """Bytes exchanged anywhere in frames that the journal says are good."""
    chance = random.Random(212)
    records = []
    for _ in range(400):
        raw = bytearray(framed(chance.choice(CONTENTS)))
        for _ in range(chance.randrange(3)):
            raw[chance.randrange(len(raw))] = chance.choice(b'0a;=&-#,\x00\xff" ')
        records.append(received(bytes(raw)))
    check(piece(records))


@pytest.mark.parametrize("columns", KINDS)
def test_a_row_that_does_not_fit_leaves_nothing_behind(columns: MadeOf) -> None:
    """Rows before and behind it are whole, also when one of its values fails."""
    batch_of_none = batch(BatchColumns, piece([])).frames
    assert batch_of_none.num_rows == 0
    made = columns(600.0, 600.0)
    row = tuple(batch(BatchColumns, piece([received(upload())])).frames.to_pylist()[0].values())
    row = tuple(
        NOON_US if name in TIMES else value for name, value in zip(FRAMES.names, row, strict=True)
    )
    factor = ["w01018", 1.5, *[None] * 13, "N", None, None]
    assert len(factor) == len(FACTOR_COLUMNS)
    wrong = [*factor[:-1], "\ud800"]
    made.add_frame(row, [factor], "realtime")
    if columns is not BatchColumns:
        for values in ([factor, wrong], [[None, *factor[1:]]], [[*factor[:1], "x", *factor[2:]]]):
            with pytest.raises((UnicodeEncodeError, TypeError)):
                made.add_frame(row, values, "realtime")
    made.add_frame(row, [factor, factor], "minute")
    frames, samples = made.tables()
    frames.validate(full=True)
    samples.validate(full=True)
    assert frames.num_rows == 2
    assert samples["period"].to_pylist() == ["realtime", "minute", "minute"]
    assert samples["rtd"].to_pylist() == [1.5] * 3
    assert samples["flag"].to_pylist() == ["N"] * 3
    assert samples["extra"].null_count == samples["min"].null_count == 3


TIMES = {field.name for field in FRAMES if str(field.type).startswith("timestamp")}


@pytest.mark.parametrize("columns", KINDS)
def test_an_empty_batch_has_all_columns(columns: MadeOf) -> None:
    """Two tables of the right kind without a row."""
    frames, samples = columns(600.0, 600.0).tables()
    assert (frames.schema, samples.schema) == (FRAMES, SAMPLES)
    assert frames.num_rows == samples.num_rows == 0


@pytest.mark.parametrize("columns", KINDS)
def test_what_is_not_whole_records_is_refused(columns: MadeOf) -> None:
    """Nothing behind the end is read, wherever the bytes end; what stood before is there."""
    body = piece([received(upload())] * 2).body
    half = len(body) // 2
    for end in (*range(half + 1, half + 40), len(body) - 1):
        made = columns(600.0, 600.0)
        with pytest.raises(ValueError):
            made.add_block("0", 0, body[:end], lambda *_: None)
        assert made.tables()[0].num_rows == (columns is not BatchColumns)


@pytest.mark.parametrize("columns", [COMPILED])
def test_tables_outlive_their_columns(columns: MadeOf) -> None:
    """Arrow holds the memory; what was not used is given back."""
    made = columns(600.0, 600.0)
    body = piece([received(upload())] * 3000)
    made.add_block("0", 0, body.body, lambda *_: None)
    frames, samples = made.tables()
    del made
    assert frames["raw"].to_pylist() == [upload()] * 3000
    assert samples["rtd"].to_pylist() == [12.5] * 3000
    assert frames["raw"].nbytes < 3000 * (len(upload()) + 8)


@NOT_COMPILED
def test_digests_are_those_of_the_library() -> None:
    """XXH64 of frames of each length modulo a stripe."""
    raws = [framed("x=" + "y" * size) for size in range(140)]
    made = batch(compiled.BatchColumns, piece(received(raw) for raw in raws))
    assert made.frames["digest"].to_pylist() == [xxh64_intdigest(raw) for raw in raws]
