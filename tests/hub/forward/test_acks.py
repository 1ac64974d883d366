"""Acknowledgements are found in whatever a target says, and matched by MN and QN."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable

import pytest
from feed_rig import FINDS, NOT_COMPILED, compiled, frame
from hub_rig import MN, OTHER_MN, sealed
from hypothesis import given
from hypothesis import strategies as st

from bench.corpus import cases
from hj212d.hub.forward import acks
from hj212d.wire import build, codec
from hj212d.wire.frame import Cut, Frame
from hj212d.wire.reasons import Reason

Find = Callable[[bytes], tuple["array[int]", list[Frame], bytes]]


def decoded(raw: bytes) -> Frame:
    """A frame as the listener reads it."""
    (cut,) = codec.Cutter().feed(raw + b"\r\n")
    assert isinstance(cut, Cut)
    return codec.decode(cut)


def answer(number: int, cn: str = "9014", mn: str = MN) -> bytes:
    """What a platform says to frame(number)."""
    return build.reply(decoded(frame(number, mn)), cn)


def key(number: int, mn: str = MN) -> int:
    """The key of frame(number)."""
    return acks.key(mn.encode(), decoded(frame(number)).qn.encode())


@pytest.mark.parametrize("find", FINDS)
def test_answers_are_keys_in_their_order(find: Find) -> None:
    """Both CNs acknowledge."""
    data = answer(1) + answer(2, mn=OTHER_MN) + answer(3, "9013")
    keys, others, rest = find(data)
    assert list(keys) == [key(1), key(2, OTHER_MN), key(3)]
    assert (others, rest) == ([], b"")


@pytest.mark.parametrize("find", FINDS)
def test_an_answer_of_2005_has_its_qn_in_cp(find: Find) -> None:
    """The form follows the request, and so does the key."""
    request = decoded(
        frame(1, qn="", flag=1, cp="QN=20260601120000123;DataTime=20260601120000;011-Rtd=1")
    )
    keys, _, _ = find(build.reply(request, "9014"))
    assert list(keys) == [acks.key(MN.encode(), b"20260601120000123")]


@pytest.mark.parametrize("find", FINDS)
@given(data=st.data())
def test_any_cut_of_the_stream_gives_the_same(find: Find, data: st.DataObject) -> None:
    """What is not yet whole comes back and is put in front of the next bytes."""
    stream = answer(1) + frame(9, cn="1013", cp="") + b"\r\n" + answer(2) + b"\r\n\r\n" + answer(3)
    found = array("Q")
    said: list[Frame] = []
    rest = b""
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        keys, others, rest = find(rest + stream[:size])
        stream = stream[size:]
        found += keys
        said += others
    assert list(found) == [key(1), key(2), key(3)]
    assert [one.cn for one in said] == ["1013"]
    assert rest == b""


@pytest.mark.parametrize("find", FINDS)
def test_broken_pieces_are_left_out(find: Find) -> None:
    """What stands behind them counts all the same."""
    damaged = bytearray(answer(1))
    damaged[20] ^= 1
    keys, others, rest = find(bytes(damaged) + b"nonsense\r\n" + answer(2))
    assert list(keys) == [key(2)]
    assert (others, rest) == ([], b"")


@pytest.mark.parametrize("find", FINDS)
def test_a_sealed_request_is_heard(find: Find) -> None:
    """Its key is the device's: it is passed on as it is."""
    _, others, _ = find(sealed(b"0123456789abcdef") + b"\r\n")
    assert [one.reason for one in others] == [Reason.KEY_MISSING]
    assert others[0].mn == MN


def test_a_key_is_never_nothing() -> None:
    """0 stands for a frame that wants no answer."""
    assert acks.key(b"", b"") == 1 or acks.key(b"", b"") > 0
    assert acks.key(b"A", b"1") != acks.key(b"B", b"1") != acks.key(b"B", b"2")


@NOT_COMPILED
def test_twins_find_the_same_in_what_was_damaged() -> None:
    """Streams of the corpus and answers, with bytes changed, cut and doubled."""
    rng = random.Random(212)
    streams = [case.stream for case in cases()]
    streams += [answer(1) + answer(2), answer(3) + answer(4, "9013")[:-9]]
    for _ in range(1500):
        data = bytearray(b"".join(rng.choices(streams, k=rng.randint(1, 3))))
        for _ in range(rng.randint(0, 4)):
            if data:
                data[rng.randrange(len(data))] = rng.choice(b"#&=;0159AMNQ\r\n\xff")
        data = data[: rng.randint(0, len(data))]
        assert compiled.find(bytes(data)) == acks.find(bytes(data))
