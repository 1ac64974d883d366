"""Verdicts on broken frames beyond those of the corpus: ambiguous ends, and costs."""

from __future__ import annotations

import pytest
from wire_samples import ALL, FRAME, SEGMENT, cut_all

from hj212d.wire import build
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, Tolerance

CRC = FRAME[-6:-2]


def reasons(stream: bytes, tolerances: Tolerance = DEFAULT) -> list[str]:
    return [cut.reason.label for cut in cut_all(stream, tolerances)]


def test_a_closed_segment_with_digits_is_believed() -> None:
    """&& and four digits at the declared end: the frame goes whole to decryption, and the bytes
    behind it are the next frame's, though the CRC does not fit."""
    cuts = cut_all(FRAME[:-6] + b"FFFF" + FRAME)
    assert [cut.reason.label for cut in cuts] == ["crc_wrong", "ok"]
    assert cuts[0].raw[cuts[0].start : cuts[0].end] == SEGMENT


def test_a_damaged_end_at_the_declared_place() -> None:
    """Digits at the declared end and the line end behind them: length right, CRC wrong."""
    assert reasons(FRAME.replace(b"&&" + CRC, b"&x" + CRC) + FRAME) == ["crc_wrong", "ok"]


def test_a_true_end_before_the_next_header_wins() -> None:
    """A length that is too long is wrong, not a truncation, when the CRC tells the true end."""
    long = FRAME.replace(b"##%04d" % len(SEGMENT), b"##%04d" % (len(SEGMENT) + 40))
    assert reasons(long + FRAME) == ["length_wrong", "ok"]
    assert reasons(long + FRAME, ALL) == ["ok", "ok"]


@pytest.mark.parametrize("tail", [b"", b"1", b"1C", b"1C8"])
def test_a_link_that_ends_within_the_crc(tail: bytes) -> None:
    """Digits that are cut off are no short CRC and no absent one: the frame is a half one."""
    assert reasons(FRAME[:-6] + tail) == ["truncated"]


def test_a_link_that_ends_before_an_absent_crc() -> None:
    """A device that sends no CRC and no line end is told from a cut link by its tolerance."""
    assert reasons(FRAME[:-6], ALL) == ["ok"]


def test_text_behind_an_open_segment_is_no_crc() -> None:
    """A declared end right behind CP=&& does not take 'Da' of DataTime for a CRC."""
    at = SEGMENT.index(b"CP=&&") + 5
    stream = b"##%04d" % at + FRAME[6:] + FRAME
    assert reasons(stream) == ["length_wrong", "ok"]
    (cut, _) = cut_all(stream, ALL)
    assert (cut.reason, cut.repairs) == (Reason.OK, Tolerance.LENGTH_OFF)
    assert cut.raw[6:] == FRAME[6:-2]


def test_many_false_ends_cost_linear_time() -> None:
    """The CRC goes on from one && to the next instead of beginning again."""
    stream = b"##0010QN=" + b"&&ABCD" * 5000
    cuts = cut_all(stream, ALL, limit=9999)
    assert sum(len(cut.raw) for cut in cuts) == len(stream)


def test_a_frame_inside_a_length_field() -> None:
    """A header that is cut off within its digits gives way to the next header."""
    for cut_at in range(2, 6):
        assert reasons(FRAME[:cut_at] + FRAME)[-1] == "ok"


def test_a_good_frame_of_ordinary_ends() -> None:
    """An unusual but whole frame is not searched: ## and && inside a fitting frame stay inside."""
    segment = SEGMENT[:-2] + b";i11001-Info=//##0101QN=1&&ABCD//&&"
    (cut,) = cut_all(build.frame(segment))
    assert cut.reason is Reason.OK
