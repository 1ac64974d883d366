"""The journal's benchmark (bench/journal.py)."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from bench.journal import main, run


def test_all_policies_are_measured(tmp_path: Path) -> None:
    """Each policy and number in flight has its figures, and what was written is read back."""
    result = run(tmp_path, seconds=0.05, in_flight=(1, 8))
    assert [(row["sync"], row["in_flight"]) for row in result["write"]] == [
        (sync, count) for sync in ("group", "always", "none") for count in (1, 8)
    ]
    assert all(row["records_per_s"] > 0 < row["bare_records_per_s"] for row in result["write"])
    assert all(1 <= row["records_per_commit"] <= row["in_flight"] for row in result["write"])
    assert result["read"]["records_per_s"] > 0


def test_it_prints_json_and_leaves_nothing(tmp_path: Path) -> None:
    """--json prints one object; the folder is as it was."""
    done = CliRunner().invoke(main, ["--seconds", "0.02", "--dir", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.output)["write"]) == 12
    assert not list(tmp_path.iterdir())
