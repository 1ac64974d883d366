"""The ingest bench: both ways bring in the same rows, and it says how they compare."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import ingest
from bench.ingest_once import ENGINES, Recorder, drain


def test_the_journal_holds_what_was_asked(tmp_path: Path) -> None:
    """So many good frames of 12 values, from so many devices, none twice."""
    ingest.make_journal(tmp_path, 300, 40)
    recorder = Recorder()
    assert drain(tmp_path, recorder, 65536) == 300 * 13
    mns = {mn for table in recorder.frames for mn in table["mn"].to_pylist()}
    assert len(mns) == 40
    assert {each for table in recorder.frames for each in table["reason"].to_pylist()} == {"ok"}
    rows = [row for table in recorder.samples for row in table.to_pylist()]
    assert len({(row["mn"], row["data_time"], row["factor"]) for row in rows}) == 300 * 12
    assert {row["flag"] for row in rows} == {"N"}


@pytest.mark.parametrize("engine", ENGINES)
def test_both_ways_are_measured(tmp_path: Path, engine: str) -> None:
    """A small run on each engine; rows agree, and figures are there."""
    result = ingest.run(200, 20, 1, folder=tmp_path, engines=[engine])
    found = result["engines"][engine]
    assert found["rows"] == 200 * 13
    assert found["ratio"] > 0
    assert found["ingest_peak_mb"] > 0
    assert list(tmp_path.iterdir()) == []


def test_ways_that_differ_are_no_result() -> None:
    """A ratio between different amounts of work would be worth nothing."""
    one = {"rows": 1, "seconds": 1.0, "peak_bytes": 1}
    with pytest.raises(RuntimeError, match="different numbers"):
        ingest._compared({"ingest": [one], "load": [one | {"rows": 2}]})
