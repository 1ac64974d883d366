"""hj212d journal: listing, checking and repairing real lanes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Hj212d

from hj212d.journal.lanes import segments
from hj212d.journal.record import Kind, Record, encode
from hj212d.journal.writer import LaneWriter

RECORDS = 3
TIME_US = 1_777_593_600_000_000  # 2026-05-01 08:00 in Beijing


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    """The one segment of a lane with three blocks, in the data folder of the commands."""
    lane = tmp_path / "data" / "journal" / "0"
    lane.parent.mkdir(parents=True)
    writer = LaneWriter(
        lane, sync="group", segment_bytes=1 << 20, min_free_bytes=0, now=lambda: TIME_US / 1e6
    )
    for number in range(RECORDS):
        writer.append([encode(Record(Kind.FRAME, TIME_US, number, raw=b"x" * 100))])
    writer.close()
    ((_, path),) = segments(lane)
    return path


def flip(path: Path, at: int, bits: int) -> None:
    """Change a byte of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= bits
    path.write_bytes(content)


def test_ls(segment: Path, hj212d: Hj212d) -> None:
    """Segments with sizes and times in Beijing; the same as JSON."""
    done = hj212d("journal", "ls")
    assert done.status == 0
    assert segment.name in done.out
    assert "2026-05-01 08:00:00" in done.out
    (lane,) = json.loads(hj212d("journal", "ls", "--json").out)
    assert (lane["lane"], lane["live"], lane["segments"][0]["records"]) == ("0", False, RECORDS)


def test_a_whole_journal(segment: Path, hj212d: Hj212d) -> None:
    """Checking says ok, repairing finds nothing."""
    before = segment.read_bytes()
    done = hj212d("journal", "check")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"ok: 1 segments, {RECORDS} blocks, {RECORDS} records")
    assert json.loads(hj212d("journal", "check", "--json").out)["ok"] is True
    done = hj212d("journal", "repair")
    assert (done.status, done.out) == (
        0,
        "0 places mended, 0 torn tails cut, 0 places lost\n",
    )
    assert segment.read_bytes() == before


def test_a_flipped_bit_is_found_and_mended(segment: Path, hj212d: Hj212d) -> None:
    """check: status 1, mendable; repair brings the bytes back."""
    before = segment.read_bytes()
    flip(segment, len(before) - 200, 0x04)
    done = hj212d("journal", "check")
    assert done.status == 1
    assert "mendable" in done.out
    found = json.loads(hj212d("journal", "check", "--json").out)
    assert (found["ok"], len(found["findings"])) == (False, 1)
    assert hj212d("journal", "repair").out.endswith(
        "1 places mended, 0 torn tails cut, 0 places lost\n"
    )
    assert segment.read_bytes() == before


def test_what_is_lost_is_said(segment: Path, hj212d: Hj212d) -> None:
    """Damage in the middle that no checksum brings back: status 1, also after repair."""
    content = bytearray(segment.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8] = b"\0" * 8
    segment.write_bytes(content)
    assert hj212d("journal", "check").status == 1
    done = hj212d("journal", "repair", "--json")
    assert done.status == 1
    assert json.loads(done.out)["ok"] is False


def test_a_torn_tail_is_cut_and_kept(segment: Path, hj212d: Hj212d) -> None:
    """Its bytes are in damaged/, the journal is whole afterwards."""
    segment.write_bytes(segment.read_bytes()[:-10])
    assert "torn tail" in hj212d("journal", "check").out
    done = hj212d("journal", "repair")
    assert done.status == 0
    assert "cut tail kept in" in done.out
    assert list((segment.parents[1] / "damaged").iterdir())
    assert hj212d("journal", "check").out.startswith("ok: ")


def test_check_command_sees_a_damaged_journal(segment: Path, hj212d: Hj212d) -> None:
    """`hj212d check` fails on what is lost, and warns of what can be mended."""

    def state() -> str:
        found = json.loads(hj212d("check", "--json").out)
        return next(one["state"] for one in found if one["what"] == "journal")

    assert state() == "ok"
    flip(segment, -200 + segment.stat().st_size, 0x04)
    assert state() == "warn"
    content = bytearray(segment.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8] = bytes(8)
    segment.write_bytes(content)
    assert state() == "fail"
    assert hj212d("check").status == 1
