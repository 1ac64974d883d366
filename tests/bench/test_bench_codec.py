"""The codec's benchmark (bench/codec.py)."""

from __future__ import annotations

import json
from itertools import islice

import pytest
from click.testing import CliRunner

from bench import codec, twins


def test_every_step_is_measured() -> None:
    """Each workload, step and make has a rate; the Python one is the yardstick."""
    result = codec.run(frames=60, seconds=0.01)
    rows = result["results"]
    names = {row["codec"] for row in rows}
    assert result["compiled"] == ("compiled" in names)
    assert {(row["workload"], row["step"]) for row in rows} == {
        (workload, step) for workload in codec.WORKLOADS for step in codec.STEPS
    }
    assert len(rows) == len(names) * len(codec.WORKLOADS) * len(codec.STEPS)
    assert all(row["frames_per_s"] > 0 < row["ratio"] for row in rows)
    assert all(row["ratio"] == 1.0 for row in rows if row["codec"] == "python")


@pytest.mark.parametrize("workload", list(codec.WORKLOADS))
def test_the_frames_are_what_is_said(workload: str) -> None:
    """As many as wanted, each another one, nearly all good."""
    frames = list(islice(codec.WORKLOADS[workload](600), 600))
    assert len(frames) == len(set(frames)) == 600
    batch = codec.Work(frames).columns(twins.PYTHON)
    assert batch.frames.num_rows >= 600
    assert batch.frames["reason"].to_pylist().count("ok") > 570
    assert batch.samples.num_rows > 5 * 600


@pytest.mark.parametrize("workload", list(codec.WORKLOADS))
def test_both_make_the_same_columns(workload: str) -> None:
    """What is compared is the same work."""
    compiled = twins.compiled()
    if compiled is None:
        pytest.skip("the compiled codec is not built: pip install -e .")
    work = codec.Work(list(islice(codec.WORKLOADS[workload](300), 300)))
    one, other = work.columns(twins.PYTHON), work.columns(compiled)
    assert one.frames.equals(other.frames)
    assert one.samples.equals(other.samples)


def test_it_prints_json_or_a_table() -> None:
    """--json prints one object, else a line for each figure."""
    words = ["--frames", "20", "--seconds", "0.001"]
    done = CliRunner().invoke(codec.main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    count = len(json.loads(done.output)["results"])
    assert len(CliRunner().invoke(codec.main, words).output.splitlines()) >= 1 + count
