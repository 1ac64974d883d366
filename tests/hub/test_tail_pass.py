"""One pass over the journal's end under a flood."""

from __future__ import annotations

from pathlib import Path

import pytest
from hub_rig import MN, OTHER_MN, append, good, lane, upload

from hj212d.hub import tail_pass
from hj212d.hub.requests import Tail
from hj212d.hub.reread import Rereader
from hj212d.hub.tail_pass import JournalEnd, deliveries
from hj212d.wire.frame import Device


def rereader() -> Rereader:
    """With nothing known of any device."""
    return Rereader(lambda _: Device())


def test_only_so_many_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond the limit is dropped and counted for those who asked for it only."""
    monkeypatch.setattr(tail_pass, "DECODED_PER_PASS", 10)
    end = JournalEnd(tmp_path / "journal")
    with lane(tmp_path) as writer:
        append(writer, [good(upload(MN))] * 25)
        of_mn, of_all, of_other = deliveries(
            [Tail(mn=MN), Tail(), Tail(mn=OTHER_MN)], end, rereader()
        )
    end.close()
    assert (len(of_mn[0]), of_mn[1].dropped) == (10, 15)
    assert (len(of_all[0]), of_all[1].dropped) == (10, 15)
    assert (len(of_other[0]), of_other[1].dropped) == (0, 0)


def test_a_lane_that_runs_away_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too far behind, reading goes on at the end, and the bytes between are told."""
    monkeypatch.setattr(tail_pass, "BEHIND_BYTES", 5000)
    with lane(tmp_path) as writer:
        append(writer, [good(upload("PAST"))])
        end = JournalEnd(tmp_path / "journal")
        append(writer, [good(upload("LOST"))] * 100)
        ((lines, missed),) = deliveries([Tail()], end, rereader())
        assert lines == []
        assert missed.skipped_bytes > 5000
        append(writer, [good(upload("SEEN"))])
        ((lines, missed),) = deliveries([Tail()], end, rereader())
        assert len(lines) == 1
        assert b"SEEN" in lines[0]
        assert not missed
        end.close()


def test_only_so_many_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks behind the limit are skipped and told; who asks for an MN that is not in them
    misses nothing."""
    monkeypatch.setattr(tail_pass, "LOOKED_AT_PER_PASS", 20)
    end = JournalEnd(tmp_path / "journal")
    with lane(tmp_path) as writer:
        for _ in range(4):
            append(writer, [good(upload(MN))] * 10)
        append(writer, [good(upload(OTHER_MN))])
        of_all, of_other = deliveries([Tail(), Tail(mn=OTHER_MN)], end, rereader())
        (of_other_alone,) = deliveries([Tail(mn=OTHER_MN)], end, rereader())
    end.close()
    assert len(of_all[0]) == 20
    assert of_all[1].skipped_bytes > 2000
    assert of_other[1].skipped_bytes < 500
    assert of_other_alone == ([], tail_pass.Missed())
