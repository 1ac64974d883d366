"""Bales made by hand, as the feed would give them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from hj212d.hub.forward import acks
from hj212d.hub.forward.bale import Bale
from hj212d.wire import build


def frame(mn: str, number: int, cn: str = "2011", flag: int = 5) -> bytes:
    """A frame of 2017 whose QN and value tell its number."""
    text = build.segment(
        qn=qn(number),
        st="31",
        cn=cn,
        pw="123456",
        mn=mn,
        flag=flag,
        cp=f"DataTime=20261121{number // 3600 % 24:02d}{number // 60 % 60:02d}{number % 60:02d}"
        f";a34004-Rtd={number}",
    )
    return build.frame(text)


def qn(number: int) -> str:
    """17 digits, another one for each number below 86,400,000."""
    seconds, thousandths = divmod(number, 1000)
    return (
        f"20261121{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}{thousandths:03d}"
    )


def bale(
    first: int,
    count: int,
    *,
    mn: str = "MN1",
    lane: str = "0",
    keys: Sequence[int] | None = None,
) -> Bale:
    """``count`` frames numbered from ``first``; the record of frame n ends at position n + 1."""
    frames = [frame(mn, number) for number in range(first, first + count)]
    ends = array("I")
    size = 0
    for raw in frames:
        size += len(raw)
        ends.append(size)
    if keys is None:
        keys = [acks.key(mn.encode(), qn(n).encode()) for n in range(first, first + count)]
    return Bale(
        lane,
        b"".join(frames),
        count,
        ends,
        array("Q", keys),
        array("q", range(first + 1, first + count + 1)),
        first + count,
        array("q", [0] * count),
        array("Q", [acks.key(mn.encode(), b"")] * count),
    )
