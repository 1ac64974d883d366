"""The cutter: limits, what is held and what is pending, giving up, tolerances per device."""

from __future__ import annotations

from wire_samples import ANNEX_A, FRAME, SEGMENT, cut_all

from hj212d.wire import build
from hj212d.wire.cutter import JUNK_BYTES, Cutter
from hj212d.wire.frame import Cut
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, Tolerance

BARE = FRAME.removesuffix(b"\r\n")


def test_a_frame_is_out_with_its_last_digit() -> None:
    """The line end is not waited for (A1), and is no part of raw."""
    cutter = Cutter()
    assert cutter.feed(BARE[:-1]) == []
    assert cutter.pending == len(BARE) - 1
    (cut,) = cutter.feed(BARE[-1:])
    assert (cut.reason, cut.raw, cutter.pending) == (Reason.OK, BARE, 0)
    assert cutter.feed(b"\r\n") == []
    assert cutter.pending == 0


def test_a_cut_tells_where_and_what() -> None:
    """Offset in the stream, bounds of the segment in raw, declared length, CRC as printed."""
    (first, second) = cut_all(ANNEX_A + b"\r\n" + ANNEX_A)
    assert first == Cut(Reason.OK, ANNEX_A[:-2], 0, 6, 107, 101, "1C80")
    assert second.offset == len(ANNEX_A) + 2


def test_junk_comes_out_in_pieces_of_bounded_size() -> None:
    """Junk is not held until a frame comes, and nothing of it is lost."""
    junk = b"x" * (3 * JUNK_BYTES + 10)
    cutter = Cutter()
    cuts = cutter.feed(junk)
    assert [len(cut.raw) for cut in cuts] == [JUNK_BYTES] * 3
    assert cutter.pending == 0  # the rest is no half frame
    rest = cutter.feed(FRAME)
    assert b"".join(cut.raw for cut in cuts + rest[:-1]) == junk
    assert rest[-1].reason is Reason.OK


def test_only_a_half_frame_is_pending() -> None:
    """Text of a modem starts no half-frame timer; the ## of a frame does."""
    cutter = Cutter()
    cutter.feed(b"http://www.cmsoft.cn")
    assert cutter.pending == 0
    cutter.feed(b"##01")
    assert cutter.pending == 4
    assert [cut.reason for cut in cutter.expire()] == [Reason.TRUNCATED]
    assert cutter.pending == 0


def test_expire_of_nothing() -> None:
    """Without held bytes there is nothing to give up."""
    assert Cutter().expire() == []


def test_expire_cuts_what_is_behind() -> None:
    """A false header that swallowed good frames gives them back."""
    cutter = Cutter()
    assert cutter.feed(b"##4000ST=" + FRAME + FRAME) == []
    cuts = cutter.expire()
    assert [cut.reason for cut in cuts] == [Reason.TRUNCATED, Reason.OK, Reason.OK]
    assert cutter.feed(FRAME)[0].offset == 9 + 2 * len(FRAME)


def test_a_false_length_is_found_out_when_its_bytes_are_there() -> None:
    """Without any timer, too: after 4,000 bytes the frames that stand inside come out."""
    stream = b"##4000ST=" + FRAME * 40
    cuts = Cutter().feed(stream)
    assert [cut.reason for cut in cuts] == [Reason.TRUNCATED] + [Reason.OK] * 40


def test_an_impossible_length_is_not_waited_for() -> None:
    """9,999 bytes will never be held: the broken piece ends with its line (A7)."""
    cutter = Cutter(max_segment_bytes=1024)
    cuts = cutter.feed(b"##9999QN=1;ST=22;\r\n" + FRAME)
    assert [cut.reason for cut in cuts] == [Reason.LENGTH_OVER_LIMIT, Reason.OK]


def test_what_is_held_is_bounded() -> None:
    """However a broken frame goes on, no more than a frame and a few bytes stay inside."""
    limit = 1024
    for head in (b"", b"##", b"##0100QN=", b"##1024QN=", b"##9999QN=", b"##12", b"##123Q"):
        cutter = Cutter(limit)
        for _ in range(200):
            cutter.feed((head or b"x") if _ == 0 else b"y" * 100)
            assert len(cutter._held) <= limit + 200


def test_a_drip_is_not_looked_at_again_and_again() -> None:
    """While a frame's length is known and its bytes are not there, no byte is searched."""
    looked = []

    class Watched(Cutter):
        def _cut(self, data: bytes, final: bool) -> list[Cut]:
            looked.append(len(data))
            return super()._cut(data, final)

    cutter = Watched()
    cuts = [cut for byte in BARE for cut in cutter.feed(bytes((byte,)))]
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
    cuts = Cutter(4096, tolerances).feed(FRAME + off + b"\r\n" + other + b"\r\n")
    assert [cut.reason for cut in cuts] == [Reason.OK, Reason.OK, Reason.LENGTH_WRONG]
    assert cuts[1].repairs == Tolerance.LENGTH_OFF
    assert asked == ["A110000_0001", "A110000_0002"]  # not for the good frame
