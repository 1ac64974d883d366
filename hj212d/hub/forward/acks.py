"""What a target's acknowledgement (9014, or 9013) is matched by, and how it is found.

An answer repeats MN and QN of the frame that it answers (HJ 212-2017, 6.4; 2005 has QN in CP).
Packets of one message share their QN, and so their key: the oldest on its way is meant.
Nothing is kept here between calls. Twin: _bales.pyx; bales.py chooses.
Tests: tests/hub/forward/test_acks.py.
"""

from __future__ import annotations

from array import array

from xxhash import xxh64_intdigest

from hj212d.wire import codec
from hj212d.wire.frame import Frame
from hj212d.wire.reasons import Reason

_SPREAD = 0x9E3779B97F4A7C15
_MASK = 0xFFFFFFFFFFFFFFFF
_SEPARATORS = b"\r\n \0"
_ACKNOWLEDGEMENTS = ("9014", "9013")
# The key of an encrypted request is the device's business, which gets it as it is.
_READABLE = (Reason.OK, Reason.KEY_MISSING)


def key(mn: bytes, qn: bytes) -> int:
    """A 64-bit number for MN and QN, never 0. ``qn`` is empty for a frame without one: all such
    frames of an MN share a key."""
    return ((xxh64_intdigest(mn) * _SPREAD + xxh64_intdigest(qn)) & _MASK) or 1


def find(data: bytes) -> tuple[array[int], list[Frame], bytes]:
    """What a target said: keys of its acknowledgements in order, its other frames, and the bytes
    of a piece that is not yet whole, to be put in front of what comes next; less than a frame.

    Broken pieces are left out: whatever they were, the frame they answer is sent again.
    """
    cutter = codec.Cutter()
    keys = array("Q")
    others: list[Frame] = []
    end = 0
    for cut in cutter.feed(data):
        end = cut.offset + len(cut.raw)
        frame = codec.decode(cut)
        if frame.ok and frame.cn in _ACKNOWLEDGEMENTS:
            keys.append(key(frame.mn.encode(), frame.qn.encode()))
        elif frame.reason in _READABLE:
            frame.offset = 0  # there is no stream here that it could be counted from
            others.append(frame)
    return keys, others, data[end:].lstrip(_SEPARATORS)
