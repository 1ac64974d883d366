"""The servers that ours is compared with: each is whole enough to be compared."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from bench.generator import Generator
from bench.oracle import Ledger, crc_text, take_replies
from bench.rivals import compare
from bench.rivals.reading import answer, crc, read
from bench.yardstick import ServerProcess

needs_compiler = pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")), reason="no C compiler"
)


def test_a_frame_is_read_and_answered() -> None:
    """Header, values, and a 9014 that the oracle takes."""
    frame = Ledger(start_s=1_760_000_000).issue("52AC00000000000000000007")
    found = read(frame.raw)
    assert found is not None
    assert (found["MN"], found["QN"], found["x00001-Rtd"]) == (frame.mn, frame.qn, "0.00")
    assert b"%04X" % crc(frame.raw[6:-4]) == crc_text(frame.raw[6:-4])
    (reply,) = take_replies(bytearray(answer(found)))
    assert reply is not None
    assert (reply.cn, reply.mn, reply.qn) == ("9014", frame.mn, frame.qn)


@pytest.mark.parametrize("spoilt", [b"", b"##", b"##0001x", b"hello, this is no frame"])
def test_what_is_no_frame_is_passed_over(spoilt: bytes) -> None:
    """Junk, and frames whose CRC or length is wrong."""
    raw = Ledger().issue("52AC00000000000000000007").raw
    assert read(spoilt) is None
    assert read(raw[:-1] + (b"0" if raw[-1:] != b"0" else b"1")) is None
    assert read(raw[:20] + raw[21:]) is None


@needs_compiler
@pytest.mark.parametrize("way", compare.WAYS, ids=lambda way: way.module)
def test_each_way_answers_every_good_frame(way: compare.Way, tmp_path: Path) -> None:
    """And no bad one."""
    command = [sys.executable, "-m", f"bench.rivals.{way.module}", str(tmp_path)]
    with (
        ServerProcess(command) as server,
        Generator(
            server.host, server.port, 10, "closed", seconds=0.3, bad_crc=0.1, greet=True
        ) as generator,
    ):
        generator.open(20)
        generator.go()
        seen = generator.outcome(30)
    assert not seen.problems()
    assert seen["acked"] > 10
    assert list(tmp_path.iterdir()) == []


@needs_compiler
def test_all_are_compared(tmp_path: Path) -> None:
    """One row for each, the yardstick first and ours last."""
    result = compare.run(10, 30, 0.2, folder=tmp_path, rounds=1)
    assert result["passed"], result["problems"]
    rows = result["servers"]
    assert [row["server"] for row in rows] == [
        "C yardstick", *(way.name for way in compare.WAYS), "hj212d"
    ]  # fmt: skip
    assert [row["durable"] for row in rows] == [False, True, False, False, True]
    assert all(row["frames_per_s"] > 0 and row["all_answered_s"] is not None for row in rows)
