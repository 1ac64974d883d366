"""Records are read again as the listener read them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hub_rig import MN, upload
from hypothesis import given
from hypothesis import strategies as st

from bench.corpus import cases
from hj212d.hub.reread import Rereader
from hj212d.journal.record import Kind, Record
from hj212d.wire import codec
from hj212d.wire.frame import Cut, Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, Tolerance

ALL = Tolerance.of(member.name.lower() for member in Tolerance if member.name)
CASES = list(cases())
KEY = bytes([0x30]) * 16


def record_of(frame: Frame) -> Record:
    """What a listener writes of a frame."""
    return Record(Kind.FRAME, 1, 1, frame.reason, int(frame.repairs), b"", frame.raw)


def plain(frame: Frame) -> Frame:
    """Without what belongs to the place in the stream."""
    frame.offset = 0
    return frame


def check(cuts: Sequence[Cut], device: Device) -> int:
    """Each piece is the same when it is read again; how many good frames there were."""
    rereader = Rereader(lambda _: Device(Tolerance.NONE, device.keys))
    good = 0
    for cut in cuts:
        seen = codec.decode(cut, device)
        again = rereader.as_recorded(record_of(seen))
        assert (again.reason, again.raw, again.mn) == (seen.reason, seen.raw, seen.mn)
        if seen.ok:
            good += 1
            assert plain(again) == plain(seen)
    return good


@pytest.mark.parametrize("tolerances", [DEFAULT, ALL], ids=["default", "all"])
def test_the_corpus_reads_the_same(tolerances: Tolerance) -> None:
    """Every frame of the corpus, cut with few and with all tolerances: the good ones field by
    field although no tolerance is configured any more, the bad ones with their verdict."""
    good = 0
    for case in CASES:
        cutter = codec.Cutter(case.max_segment_bytes, tolerances)
        cuts = cutter.feed(case.stream) + cutter.expire()
        good += check(cuts, Device(tolerances, (*case.device.keys, KEY)))
    assert good > len(CASES) // 2


@given(st.data())
def test_damaged_streams_read_the_same(data: st.DataObject) -> None:
    """Frames with bytes changed, lost and doubled, glued together."""
    stream = bytearray()
    for case in data.draw(st.lists(st.sampled_from(CASES), min_size=1, max_size=4)):
        stream += case.stream
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(stream) - 1))
        end = at + data.draw(st.integers(0, 3))
        stream[at:end] = data.draw(st.sampled_from([b"", b"#", b"&&", b"\0", b"\xc3", b";A=1"]))
    cutter = codec.Cutter(4096, ALL)
    check(cutter.feed(bytes(stream)) + cutter.expire(), Device(ALL))


def test_a_verdict_of_admission_stays() -> None:
    """A frame that could be read and was not admitted keeps all its fields and the verdict."""
    raw = upload()
    frame = Rereader(lambda _: Device()).as_recorded(
        Record(Kind.FRAME, 1, 1, Reason.PW_WRONG, raw=raw)
    )
    assert frame.reason is Reason.PW_WRONG
    assert (frame.mn, frame.cn, frame.factors) == (
        MN,
        "2011",
        {"w01018": {"Rtd": "12.5", "Flag": "N"}},
    )


def test_a_good_frame_whose_key_is_gone_says_so() -> None:
    """What decrypted once and cannot be decrypted now is stored with the reason why."""
    [case] = [case for case in CASES if case.device.keys][:1]
    [cut] = case.cuts()[:1]
    seen = codec.decode(cut, case.device)
    assert seen.ok
    assert seen.encrypted
    frame = Rereader(lambda _: Device()).as_recorded(record_of(seen))
    assert frame.reason is Reason.KEY_MISSING
    assert frame.mn == seen.mn


def test_bytes_that_were_never_good_are_not_good_now() -> None:
    """A record that says good over two frames, or over none, does not invent one."""
    for raw in (upload() + b"\r\n" + upload(), b"junk", b""):
        frame = Rereader(lambda _: Device()).as_recorded(Record(Kind.FRAME, 1, 1, raw=raw))
        assert not frame.ok
        assert frame.raw == raw


def test_an_unknown_verdict_is_our_fault() -> None:
    """A number of a later program is no verdict that could be guessed."""
    with pytest.raises(KeyError):
        Rereader(lambda _: Device()).as_recorded(Record(Kind.FRAME, 1, 1, 9999, raw=b"x"))
