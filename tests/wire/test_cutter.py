"""The cutter: limits, what is held and what is pending, giving up, tolerances per device."""

from __future__ import annotations

import pytest
from wire_samples import ANNEX_A, FRAME, SEGMENT, cut_all

from hj212d.wire import build, codec, cutter
from hj212d.wire.cutter import JUNK_BYTES
from hj212d.wire.frame import Cut
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, Tolerance

pytestmark = pytest.mark.usefixtures("both_codecs")

BARE = FRAME.removesuffix(b"\r\n")


def test_a_frame_is_out_with_its_last_digit() -> None:
    """The line end is not waited for (A1), and is no part of raw."""
    one = codec.Cutter()
    assert one.feed(BARE[:-1]) == []
    assert one.pending == len(BARE) - 1
    (cut,) = one.feed(BARE[-1:])
    assert (cut.reason, cut.raw, one.pending) == (Reason.OK, BARE, 0)
    assert one.feed(b"\r\n") == []
    assert one.pending == 0


def test_a_cut_tells_where_and_what() -> None:
    """Offset in the stream, bounds of the segment in raw, declared length, CRC as printed."""
    (first, second) = cut_all(ANNEX_A + b"\r\n" + ANNEX_A)
    assert first == Cut(Reason.OK, ANNEX_A[:-2], 0, 6, 107, 101, "1C80")
    assert second.offset == len(ANNEX_A) + 2


def test_junk_comes_out_in_pieces_of_bounded_size() -> None:
    """Junk is not held until a frame comes, and nothing of it is lost."""
    junk = b"x" * (3 * JUNK_BYTES + 10)
    one = codec.Cutter()
    cuts = one.feed(junk)
    assert [len(cut.raw) for cut in cuts] == [JUNK_BYTES] * 3
    assert one.pending == 0  # the rest is no half frame
    rest = one.feed(FRAME)
    assert b"".join(cut.raw for cut in cuts + rest[:-1]) == junk
    assert rest[-1].reason is Reason.OK


def test_only_a_half_frame_is_pending() -> None:
    """Text of a modem starts no half-frame timer; the ## of a frame does."""
    one = codec.Cutter()
    one.feed(b"http://www.cmsoft.cn")
    assert one.pending == 0
    one.feed(b"##01")
    assert one.pending == 4
    assert [cut.reason for cut in one.expire()] == [Reason.TRUNCATED]
    assert one.pending == 0


def test_a_cutter_without_bytes_is_empty() -> None:
    """Half a frame and junk that may go on are held; what was cut is not."""
    one = codec.Cutter()
    assert one.empty
    for held, rest in ((BARE[:1], BARE[1:]), (BARE[:50], BARE[50:]), (b"x", BARE), (b"##x", BARE)):
        one.feed(held)
        assert not one.empty
        one.feed(rest + b"\r\n")
        assert one.empty


def test_expire_of_nothing() -> None:
    """Without held bytes there is nothing to give up."""
    assert codec.Cutter().expire() == []


def test_expire_cuts_what_is_behind() -> None:
    """A false header that swallowed good frames gives them back."""
    one = codec.Cutter()
    assert one.feed(b"##4000ST=" + FRAME + FRAME) == []
    cuts = one.expire()
    assert [cut.reason for cut in cuts] == [Reason.TRUNCATED, Reason.OK, Reason.OK]
    assert one.feed(FRAME)[0].offset == 9 + 2 * len(FRAME)


def test_a_false_length_is_found_out_when_its_bytes_are_there() -> None:
    """Without any timer, too: after 4,000 bytes the frames that stand inside come out."""
    stream = b"##4000ST=" + FRAME * 40
    cuts = codec.Cutter().feed(stream)
    assert [cut.reason for cut in cuts] == [Reason.TRUNCATED] + [Reason.OK] * 40


def test_an_impossible_length_is_not_waited_for() -> None:
    """9,999 bytes will never be held: the broken piece ends with its line (A7)."""
    one = codec.Cutter(max_segment_bytes=1024)
    cuts = one.feed(b"##9999QN=1;ST=22;\r\n" + FRAME)
    assert [cut.reason for cut in cuts] == [Reason.LENGTH_OVER_LIMIT, Reason.OK]


def test_what_is_held_is_bounded() -> None:
    """However a broken frame goes on, no more than a frame and a few bytes stay inside."""
    limit = 1024
    for head in (b"", b"##", b"##0100QN=", b"##1024QN=", b"##9999QN=", b"##12", b"##123Q"):
        one = codec.Cutter(limit)
        held = 0
        for number in range(200):
            data = b"y" * 100 if number else head or b"x"
            held += len(data) - sum(len(cut.raw) for cut in one.feed(data))
            assert held <= limit + 200


def test_a_drip_is_not_looked_at_again_and_again() -> None:
    """While a frame's length is known and its bytes are not there, no byte is searched."""
    looked = []

    class Watched(cutter.Cutter):
        def _cut(self, data: bytes, final: bool) -> list[Cut]:
            looked.append(len(data))
            return super()._cut(data, final)

    watched = Watched()
    cuts = [cut for byte in BARE for cut in watched.feed(bytes((byte,)))]
    assert [cut.reason for cut in cuts] == [Reason.OK]
    assert len(looked) < 12


def test_the_limit_is_exact() -> None:
    """A segment as long as the limit is cut, one byte more is over it."""
    limit = len(SEGMENT)
    assert cut_all(FRAME, limit=limit)[0].reason is Reason.OK
    assert cut_all(FRAME, limit=limit - 1)[0].reason is Reason.LENGTH_OVER_LIMIT


def test_the_longest_frame_of_four_digits() -> None:
    """9,999 bytes are possible where the limit allows them."""
    segment = SEGMENT[:-2] + b";" + b"a" * (9999 - len(SEGMENT) - 1) + b"&&"
    (cut,) = cut_all(build.frame(segment), limit=9999)
    assert (cut.reason, cut.declared_length) == (Reason.OK, 9999)


def test_tolerances_can_be_per_device() -> None:
    """Repairs ask for the set of the MN that stands in the broken frame."""
    asked = []

    def tolerances(mn: str) -> Tolerance:
        asked.append(mn)
        return DEFAULT | (Tolerance.LENGTH_OFF if mn == "A110000_0001" else Tolerance.NONE)

    off = BARE.replace(b"##%04d" % len(SEGMENT), b"##0099")
    other = off.replace(b"A110000_0001", b"A110000_0002")
    other = other[:-4] + build.frame(other[6:-4])[-6:-2]
    cuts = codec.Cutter(4096, tolerances).feed(FRAME + off + b"\r\n" + other + b"\r\n")
    assert [cut.reason for cut in cuts] == [Reason.OK, Reason.OK, Reason.LENGTH_WRONG]
    assert cuts[1].repairs == Tolerance.LENGTH_OFF
    assert asked == ["A110000_0001", "A110000_0002"]  # not for the good frame
