"""The compiled codec does what the Python one does: cuts, frames, plain facts and numbers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_samples import ALL, ANNEX_A, FRAME

from bench import corpus, fuzz, fuzz_command, fuzz_twins, twins
from hj212d.wire import build, codec
from hj212d.wire.frame import Cut, Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, Tolerance

CASES = list(corpus.cases())
STREAMS = [case.stream for case in CASES]
KEY = b"0" * 16
devices = st.sampled_from([Device(), Device(ALL, (KEY,)), Device(Tolerance.NONE)])
sizes = st.lists(st.integers(1, 400), max_size=8)


@pytest.fixture(scope="module")
def comparison(compiled: twins.Codec) -> twins.Comparison:
    """What compares the two."""
    return twins.Comparison(compiled)


def test_it_is_built_where_it_can_be() -> None:
    """A run that counts does not skip these tests for want of a build."""
    if os.environ.get("CI") != "true" or not shutil.which("cc"):
        pytest.skip("not CI, or no compiler")
    assert twins.compiled() is not None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.place} {case.name}")
def test_corpus(case: corpus.Case, comparison: twins.Comparison) -> None:
    """Every line of the corpus, whole and byte by byte, for its device."""
    pieces = [1] * len(case.stream)
    assert not comparison.difference(case.stream, pieces, case.device, case.max_segment_bytes)


@pytest.mark.parametrize("path", sorted(fuzz.SEEDS.glob("*.json")), ids=lambda path: path.stem)
def test_seeds(path: Path, comparison: twins.Comparison) -> None:
    """Inputs that broke a rule once."""
    finding = msgspec.json.decode(path.read_bytes(), type=fuzz.Finding)
    assert not comparison.difference(finding.data, finding.sizes, finding.device, 4096)


@given(st.randoms(use_true_random=False), sizes, devices)
@settings(max_examples=300)
def test_sealed_segments(  # type: ignore[no-untyped-def]
    comparison: twins.Comparison, rng, cuts_at: list[int], device: Device
) -> None:
    """Generated and changed segments in frames whose length and CRC fit."""
    stream = fuzz_twins.sealed(rng, STREAMS)
    assert not comparison.difference(stream, cuts_at, device, 4096)


@given(st.randoms(use_true_random=False), devices)
@settings(max_examples=150)
def test_mutated_streams(comparison: twins.Comparison, rng, device: Device) -> None:  # type: ignore[no-untyped-def]
    """Changed streams, byte by byte."""
    stream = fuzz.mutate(rng, STREAMS)
    assert not comparison.difference(stream, [1] * len(stream), device, 4096)


@given(st.binary(max_size=300), sizes, devices)
def test_random_bytes(
    comparison: twins.Comparison, stream: bytes, cuts_at: list[int], device: Device
) -> None:
    """Bytes from nowhere."""
    assert not comparison.difference(stream, cuts_at, device, 4096)


def test_a_cut_that_says_something_else(compiled: twins.Codec) -> None:
    """A cut by hand, whose bounds or CRC are not those of its bytes, is read as Python does."""
    raw = ANNEX_A[:-2]
    for cut in (
        Cut(Reason.OK, raw, 7, 6, 107, 101, "1C80"),
        Cut(Reason.OK, raw, 7, 6, 107, 100, "1C80"),
        Cut(Reason.OK, raw, 7, 6, 106, 101, "1C80"),
        Cut(Reason.OK, raw, 7, 6, 107, 101, "1c80"),
        Cut(Reason.OK, raw, 7, 6, 107, 101, ""),
        Cut(Reason.OK, raw + b"\r", 7, 6, 107, 101, "1C80"),
        Cut(Reason.OK, raw, 7, 6, 107, 101, "1C80", Tolerance.CRC_SHORT),
        Cut(Reason.CRC_WRONG, raw, 7, 6, 107, 101, "1C80"),
    ):
        for device in (Device(), Device(DEFAULT, (KEY,))):
            assert compiled.decode(cut, device) == twins.PYTHON.decode(cut, device)


def test_more_keys_than_the_table_has_places(compiled: twins.Codec) -> None:
    """Keys that share a place in the table of texts are not mixed up."""
    for number in range(20_000):
        segment = f"ST=22;CN=3020;MN=M1;CP=&&f{number}-R{number}=1;P{number}=2&&".encode()
        (cut,) = compiled.cutter(4096, DEFAULT).feed(build.frame(segment))
        frame = compiled.decode(cut, Device())
        assert frame.factors == {f"f{number}": {f"R{number}": "1"}}
        assert frame.cp == {f"P{number}": "2"}


def test_an_idle_cutter_is_small(compiled: twins.Codec) -> None:
    """One object a link; nothing is kept of frames that are gone."""
    cutter = compiled.cutter(4096, DEFAULT)
    before = sys.getsizeof(cutter)
    assert before <= 128
    assert [len(cutter.feed(part)) for part in (FRAME[:50], FRAME[50:])] == [0, 1]
    assert sys.getsizeof(cutter) == before


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(("wish", "name"), [("python", "python"), ("", "compiled")])
def test_the_environment_chooses(wish: str, name: str) -> None:
    """HJ212D_CODEC=python forces the Python one."""
    words = [sys.executable, "-c", "from hj212d.wire import codec; print(codec.NAME)"]
    done = subprocess.run(
        words, env={**os.environ, "HJ212D_CODEC": wish}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == name


def test_a_difference_is_found(compiled: twins.Codec) -> None:
    """A twin that reads something else is told from the other."""

    def wrong(cut: Cut, device: Device) -> Frame:
        frame = twins.PYTHON.decode(cut, device)
        frame.st = "99"
        return frame

    comparison = twins.Comparison(compiled._replace(decode=wrong))
    assert comparison.difference(FRAME, (), Device(), 4096) == "decode: st"
    comparison = twins.Comparison(twins.PYTHON)
    assert comparison.difference(FRAME, (), Device(), len(FRAME)) == ""
    assert comparison.counts["plain"] == 1


def test_the_codec_can_be_exchanged() -> None:
    """For a while, and then it is what it was."""
    before = codec.NAME, codec.Cutter, codec.decode, codec.crc
    with twins.in_use(twins.PYTHON):
        assert (codec.NAME, codec.Cutter) == ("python", twins.PYTHON.cutter)
    assert (codec.NAME, codec.Cutter, codec.decode, codec.crc) == before


@pytest.mark.usefixtures("compiled")
def test_the_command_compares() -> None:
    """A short run of the fuzzer finds nothing, and says what it compared."""
    words = ["--twins", "--inputs", "500", "--processes", "1", "--json"]
    result = CliRunner().invoke(fuzz_command.main, words)
    assert result.exit_code == 0, result.output
    assert '"failures": 0' in result.output
    assert '"plain": ' in result.output
