"""The compiled codec and its Python twin side by side, for those who compare or measure them.

The product uses one of them, by hj212d/wire/codec.py. Tests: tests/wire/test_twins.py.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from hj212d.hub.rows import number_of as python_number
from hj212d.wire import codec, crc, cutter, decode
from hj212d.wire.frame import Cut, Device, Frame
from hj212d.wire.tolerances import Tolerance


class AnyCutter(Protocol):
    """What both cutters are."""

    @property
    def pending(self) -> int: ...
    @property
    def empty(self) -> bool: ...
    def feed(self, data: bytes) -> list[Cut]: ...
    def expire(self) -> list[Cut]: ...


class Codec(NamedTuple):
    """The names of hj212d.wire.codec in one of the two makes."""

    name: str
    cutter: Callable[[int, Tolerance | Callable[[str], Tolerance]], AnyCutter]
    decode: Callable[[Cut, Device], Frame]
    crc: Callable[[bytes], int]


PYTHON = Codec("python", cutter.Cutter, decode.decode, crc.crc)


def compiled() -> Codec | None:
    """The compiled one; None where it was not built."""
    try:
        from hj212d.wire import _cutter, _decode, _plain
    except ImportError:
        return None
    return Codec("compiled", _cutter.Cutter, _decode.decode, _plain.crc)


@contextmanager
def in_use(one: Codec) -> Iterator[None]:
    """Meanwhile hj212d.wire.codec gives this one to those who ask it by name."""
    names = ("NAME", "Cutter", "decode", "crc")
    before = [getattr(codec, name) for name in names]
    _put(names, one)
    try:
        yield
    finally:
        _put(names, before)


def _put(names: Sequence[str], values: Sequence[object]) -> None:
    for name, value in zip(names, values, strict=True):
        setattr(codec, name, value)


class Comparison:
    """Compares what both make of streams. ``counts``: streams, cuts, good frames, those of them
    that are plain (see _plain.pxd), numbers."""

    def __init__(self, compiled: Codec) -> None:
        from hj212d.wire import _plain

        self.counts: Counter[str] = Counter()
        self._compiled = compiled
        self._facts_at = _plain.facts_at
        self._number_of = _plain.number_of

    def difference(self, stream: bytes, sizes: Sequence[int], device: Device, limit: int) -> str:
        """What differs for a stream that comes whole, and in pieces of these sizes; "" when
        nothing does."""
        expected = _cuts(PYTHON, stream, (), device, limit)
        for delivery in ((), sizes):
            if _cuts(self._compiled, stream, delivery, device, limit) != expected:
                return f"cuts in {len(delivery) + 1} pieces"
        self.counts["streams"] += 1
        self.counts["cuts"] += len(expected)
        for cut in expected:
            frame = PYTHON.decode(cut, device)
            name = _first_difference(frame, self._compiled.decode(cut, device))
            if name:
                return f"decode: {name}"
            good = frame.ok and not frame.repairs & ~Tolerance.SEGMENT_OVERSIZE
            self.counts["good"] += good
            facts = self._facts_at(stream, cut.offset, limit)
            if facts is None:
                continue
            self.counts["plain"] += 1
            if facts["repairs"] & ~device.tolerances:
                continue
            if not good:
                return "a frame is plain that is not good"
            said = _plain_facts(cut, frame)
            if facts != said:
                return "plain: " + ", ".join(name for name in said if facts[name] != said[name])
            for _, text in frame.items:
                if problem := self.number_difference(text):
                    return problem
        return ""

    def number_difference(self, text: str) -> str:
        """Whether a text is the same number, to the last bit, or none, for both."""
        self.counts["numbers"] += 1
        expected, found = python_number(text), self._number_of(text.encode())
        if expected is None or found is None:
            same = expected is found
        else:
            same = struct.pack("d", expected) == struct.pack("d", found)
        return "" if same else f"number: {text!r} is {found!r} instead of {expected!r}"


def _plain_facts(cut: Cut, frame: Frame) -> dict[str, Any]:
    """What facts_at() of _plain must give for this frame."""
    return {
        "begin": cut.offset,
        "end": cut.offset + len(cut.raw),
        "length": frame.length,
        "qn": frame.qn,
        "st": frame.st,
        "cn": frame.cn,
        "pw": frame.pw,
        "mn": frame.mn,
        "body": cut.raw.partition(b"CP=&&")[2][:-6].decode(),
        "cn_number": int(frame.cn),
        "flag": -1 if frame.flag is None else frame.flag,
        "pnum": frame.pnum or 0,
        "pno": frame.pno or 0,
        "rf": frame.rf,
        "version": frame.version,
        "repairs": int(frame.repairs),
        "qn_time_us": frame.qn_time_us,
        "data_time_us": frame.data_time_us,
        "factors": len(frame.factors),
        "items": [(*_code_and_suffix(key), value) for key, value in frame.items],
    }


def _code_and_suffix(key: str) -> tuple[str, str]:
    code, _, suffix = key.rpartition("-")
    return code, suffix


def _first_difference(one: Frame, other: Frame) -> str:
    """The name of the first field in which two frames differ; "" when there is none."""
    if one == other:
        return ""
    fields = one.__struct_fields__
    return next(name for name in fields if getattr(one, name) != getattr(other, name))


def _cuts(
    one: Codec, stream: bytes, sizes: Sequence[int], device: Device, limit: int
) -> list[Cut]:
    """All cuts of a stream that comes in pieces of these sizes, the rest at once, and ends."""
    cutter = one.cutter(limit, device.tolerances)
    found: list[Cut] = []
    at = 0
    for size in sizes:
        found += cutter.feed(stream[at : at + size])
        at += size
    return found + cutter.feed(stream[at:]) + cutter.expire()
