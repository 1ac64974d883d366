"""Streams as properties: delivery does not matter, no byte is lost, good frames come out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_samples import ALL, FRAME

from bench import corpus, fuzz
from hj212d.wire import build, codec
from hj212d.wire.frame import Device
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, Tolerance

pytestmark = pytest.mark.usefixtures("both_codecs")

STREAMS = [case.stream for case in corpus.cases()]
GOOD = [
    case.stream
    for case in corpus.cases()
    if [one.reason for one in case.expected] == ["ok"]
    and case.device == Device()
    and case.expected[0].facts.get("repairs", "") in ("", "crc_lower_case", "separator_loose")
]
junk = st.one_of(
    st.sampled_from([b"", b"", b"\r\n", b"ZHB_HRB", b"http://www.cmsoft.cn", b"#", b"\0\0"]),
    st.binary(max_size=40).map(lambda data: data.replace(b"##", b"#-").rstrip(b"#")),
)
sizes = st.lists(st.integers(1, 400), max_size=8)
devices = st.sampled_from([Device(), Device(ALL, (b"0" * 16,)), Device(Tolerance.NONE)])


@given(st.lists(st.tuples(junk, st.sampled_from(GOOD)), max_size=6), sizes)
def test_good_frames_among_junk(parts: list[tuple[bytes, bytes]], cuts_at: list[int]) -> None:
    """Whatever junk stands between them and however they come, all good frames are read."""
    stream = b"".join(noise + frame for noise, frame in parts)
    cuts = fuzz.check(stream, cuts_at, Device())
    good = [cut.raw for cut in cuts if cut.reason is Reason.OK]
    assert good == [frame.rstrip(b"\r\n") for _, frame in parts] + [fuzz.GOOD]


@given(st.lists(st.sampled_from(STREAMS), max_size=4), sizes, devices)
def test_any_streams_together(parts: list[bytes], cuts_at: list[int], device: Device) -> None:
    """Frames, good and bad, in any order keep all rules of the fuzzer."""
    fuzz.check(b"".join(parts), cuts_at, device)


@given(st.binary(max_size=300), sizes, devices)
def test_random_bytes(stream: bytes, cuts_at: list[int], device: Device) -> None:
    """Bytes from nowhere raise nothing and do not stall the next good frame."""
    fuzz.check(stream, cuts_at, device)


@given(st.randoms(use_true_random=False), devices)
@settings(max_examples=300)
def test_mutated_frames(rng, device: Device) -> None:  # type: ignore[no-untyped-def]
    """Nor do frames with a few changes."""
    stream = fuzz.mutate(rng, STREAMS)
    fuzz.check(stream, [1] * len(stream), device)


@given(st.sampled_from(GOOD), st.integers(0, 2000))
def test_every_split_position(frame: bytes, at: int) -> None:
    """A frame cut in two at any byte is the same frame."""
    cutter = codec.Cutter(4096, DEFAULT)
    cuts = cutter.feed(frame[:at]) + cutter.feed(frame[at:])
    assert [cut.raw for cut in cuts] == [frame.rstrip(b"\r\n")]


fields = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"),
                               exclude_characters="；＝＆;,=& /-"), max_size=12)  # fmt: skip
codes = st.from_regex(r"[0-9A-Za-z_]{1,8}", fullmatch=True)


@given(st.dictionaries(codes, st.dictionaries(codes, fields, min_size=1, max_size=3), max_size=5))
def test_what_is_built_is_read(factors: dict[str, dict[str, str]]) -> None:
    """Content in the order of the standard comes back as it was put in, without a repair."""
    groups = [
        ",".join(f"{code}-{suffix}={value}" for suffix, value in suffixes.items())
        for code, suffixes in factors.items()
    ]
    segment = build.segment(
        qn="20240601085857223", st="22", cn="2011", pw="123456", mn="M1", flag=5,
        cp=";".join(["DataTime=20240601085857", *groups]),
    )  # fmt: skip
    cutter = codec.Cutter()
    (cut,) = cutter.feed(build.frame(segment))
    frame = codec.decode(cut)
    assert (frame.reason, frame.repairs) == (Reason.OK, Tolerance.NONE)
    assert frame.factors == factors


def test_the_sample_is_good() -> None:
    """The frame behind every fuzz input is good by itself."""
    assert [cut.reason for cut in fuzz.check(FRAME, [], Device())] == [Reason.OK, Reason.OK]
