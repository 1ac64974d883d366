"""Records as they stand in a block (hj212d/journal/record.py)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212d.journal.record import HEAD_BYTES, Record, decode_all, encode, offsets

try:
    from hj212d.journal import _records as compiled
except ImportError:
    compiled = None  # type: ignore[assignment]

COUNTS = [
    pytest.param(lambda body: len(offsets(body)), id="python"),
    pytest.param(
        compiled and compiled.count,
        id="compiled",
        marks=pytest.mark.skipif(compiled is None, reason="it is not built"),
    ),
]

records = st.builds(
    Record,
    kind=st.integers(0, 255),
    time_us=st.integers(-(2**63), 2**63 - 1),
    link=st.integers(0, 2**64 - 1),
    verdict=st.integers(0, 2**16 - 1),
    marks=st.integers(0, 2**32 - 1),
    meta=st.binary(max_size=40),
    raw=st.binary(max_size=200),
)


@given(st.lists(records, max_size=8))
def test_records_come_back_as_they_were(given_records: list[Record]) -> None:
    """Any records, one behind the other, are read back equal, at the offsets where they stand."""
    parts = [encode(one) for one in given_records]
    found = list(decode_all(b"".join(parts)))
    assert [one for _, one in found] == given_records
    assert [at for at, _ in found] == [sum(map(len, parts[:i])) for i in range(len(parts))]


def test_meta_has_a_limit() -> None:
    """Meta that does not fit its length field is refused, not cut."""
    assert len(encode(Record(1, 0, 0, meta=bytes(65535)))) == HEAD_BYTES + 65535
    with pytest.raises(ValueError, match="65536"):
        encode(Record(1, 0, 0, meta=bytes(65536)))


@given(st.lists(records, min_size=1, max_size=3), st.data())
def test_a_body_that_is_cut_is_refused(given_records: list[Record], data: st.DataObject) -> None:
    """A body cut anywhere but between records is a ValueError."""
    parts = [encode(one) for one in given_records]
    body = b"".join(parts)
    ends = {sum(map(len, parts[:i])) for i in range(len(parts) + 1)}
    cut = data.draw(st.integers(0, len(body)).filter(lambda at: at not in ends))
    with pytest.raises(ValueError):
        list(decode_all(body[:cut]))


@pytest.mark.parametrize("count", COUNTS)
def test_records_are_counted(count: Callable[[bytes], int]) -> None:
    """As many as begin; bytes that are no whole records are refused, in both makes alike."""
    one = encode(Record(1, 5, 7, meta=b"{}", raw=b"abc"))
    assert [count(one * number) for number in range(3)] == [0, 1, 2]
    long_meta = one[:28] + b"\xff\xff" + one[30:]
    for broken in (one[:-1], one + b"x", b"\xff" * 40, long_meta):
        with pytest.raises(ValueError, match=r"stray bytes|impossible length"):
            count(broken)
