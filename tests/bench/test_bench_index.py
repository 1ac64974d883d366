"""The benchmark of the index (bench/index.py)."""

from __future__ import annotations

import json

import numpy as np
from click.testing import CliRunner

from bench import index


def test_both_ways_judge_the_same_air() -> None:
    """What is compared is nearly the same work: rounding first makes the difference."""
    values = index.air(20, 50)
    ours = index.judged(values).aqi.reshape(-1)
    common = index.by_interpolation(values)
    assert (ours >= 0).mean() > 0.99
    assert np.nanmax(np.abs(ours - common)) <= 2


def test_it_prints_json_or_a_line() -> None:
    """--json prints one object."""
    words = ["--stations", "3", "--hours", "24"]
    done = CliRunner().invoke(index.main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert found["values"] == 3 * 24 * 6
    assert found["ratio_to_plain_pass"] > 0
    assert "432 values" in CliRunner().invoke(index.main, words).output
