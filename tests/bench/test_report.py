"""The page of figures: every bench that it names exists, and a kept result becomes a page."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from bench import report
from bench.__main__ import COMMANDS, MODULES
from bench.entry import Entry, Figure, figure_of
from bench.machine import machine, versions
from bench.report_page import page

PLAIN = Entry(
    "plain",
    "Things",
    "journal",
    "codec --frames 20 --seconds 0.01",
    (
        Figure("time", ("took", "s"), "s", 10, 3),
        Figure("share", ("list", {"a": 1}, "share"), "", 0.5, 0.8, more=True),
        Figure("count", ("count",)),
    ),
    note="A note.",
)


def kept(result: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = {
        "at": "2026-01-02 03:04 UTC", "command": "python -m bench journal", "quick": False,
        "machine": {"processor": "P"}, "versions": {"duckdb": "1"}, "seconds": 2.0, "status": 0,
        "result": result,
    }  # fmt: skip
    return {"plain": found | more}


GOOD = {"took": {"s": 2.5}, "list": [{"a": 2}, {"a": 1, "share": 0.6}], "count": 12345}


@pytest.mark.parametrize("form", ["arguments", "quick"])
@pytest.mark.parametrize("entry", report.ENTRIES, ids=lambda entry: entry.name)
def test_every_published_command_can_be_pasted(entry: Entry, form: str) -> None:
    """The bench exists and takes its arguments, and --json."""
    name, *words = shlex.split(getattr(entry, form))
    assert name in COMMANDS
    command = importlib.import_module(f"bench.{MODULES.get(name, name)}").main
    assert isinstance(command, click.Command)
    command.make_context(name, [*words, "--json"])


def test_names_are_different() -> None:
    """--only chooses one."""
    names = [entry.name for entry in report.ENTRIES]
    assert len(set(names)) == len(names)


def test_figures_are_found_by_their_path() -> None:
    """Keys, places in lists, and elements by what they hold; None where nothing is."""
    result = {"a": [{"b": 1, "c": 2}, {"b": 3, "c": 4}]}
    assert figure_of(result, ("a", 1, "c")) == 4
    assert figure_of(result, ("a", {"b": 1}, "c")) == 2
    assert figure_of(result, ("a", {"b": 9}, "c")) is None
    assert figure_of(result, ("a", 7, "c")) is None
    assert figure_of(result, ("x", "y")) is None
    assert figure_of(None, ("x",)) is None


def test_a_page_shows_what_was_reached() -> None:
    """Figure, must, aim, ratio and verdict; command, note and moment."""
    shown = page(kept(GOOD), [PLAIN])
    assert "| time | 2.5 s | 10 s | 3 s | 4.00 | yes, aim too | `plain` |" in shown
    assert "| share | 0.6 | 0.5 | 0.8 | 1.20 | yes | `plain` |" in shown
    assert "| count | 12,345 |" in shown
    assert "```sh\n.venv/bin/python -m bench journal\n```" in shown
    assert "A note." in shown
    assert "`2026-01-02 03:04 UTC`, in 2 s." in shown


def test_what_is_missed_is_said() -> None:
    """A figure on the wrong side, a run with a problem, a run without a figure, no run at all."""
    assert "| 0.50 | **no** |" in page(kept(GOOD | {"took": {"s": 20.0}}), [PLAIN])
    troubled = page(kept(GOOD | {"problems": ["3 links lost"]}, status=1), [PLAIN])
    assert "| 4.00 | failed |" in troubled
    assert "* Problem: 3 links lost" in troubled
    assert "| failed |" in page(kept({}, error="it had not ended after 3 s"), [PLAIN])
    assert "| not measured |" in page({}, [PLAIN])
    assert "short form, not judged" in page(kept(GOOD, quick=True), [PLAIN])


def test_cases_of_one_bench_have_their_own_problems() -> None:
    """What a case says against itself stands on the page with its name."""
    shown = page(kept(GOOD | {"flood": {"passed": False, "problems": ["too slow"]}}), [PLAIN])
    assert "* Problem: flood: too slow" in shown


def test_a_result_of_another_machine_is_told_apart() -> None:
    """The page has one machine: what differs stands beside the figure."""
    both = kept(GOOD) | {
        "other": kept(GOOD, at="2025-01-01 00:00 UTC", versions={"duckdb": "0.9"})["plain"]
    }
    other = Entry("other", "Things", "journal", "journal", PLAIN.figures)
    assert "Then: duckdb 0.9." in page(both, [PLAIN, other])


def test_one_bench_runs_and_the_rest_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--only runs that one as a process, keeps its result with machine and versions, and leaves
    the others as they were."""
    monkeypatch.setattr(report, "ENTRIES", (PLAIN,))
    path = tmp_path / "kept.json"
    path.write_text(json.dumps({"older": kept(GOOD)["plain"]}))
    words = ["--quick", "--only", "plain", "--keep", str(path)]
    done = CliRunner().invoke(report.main, words)
    assert done.exit_code == 0, done.output
    found = json.loads(path.read_text())
    assert set(found) == {"older", "plain"}
    assert found["plain"]["result"]["frames"] == 20
    assert found["plain"]["machine"] == machine()
    assert "## Things" in path.with_suffix(".md").read_text()


def test_a_wrong_name_is_refused() -> None:
    """And the right ones are told."""
    done = CliRunner().invoke(report.main, ["--only", "nothing"])
    assert done.exit_code == 2
    assert "steady-1200" in done.output


def test_the_committed_page_is_that_of_the_kept_results() -> None:
    """Nobody has typed into it."""
    kept_path = Path(__file__).parents[2] / report.KEPT
    shown = kept_path.with_suffix(".md").read_text()
    assert shown == page(report.load(kept_path), report.ENTRIES)


def test_machine_and_versions_name_no_place() -> None:
    """Facts of hardware and packages, no host and no path."""
    text = json.dumps([machine(), versions()])
    assert "cores" in text
    assert not re.search(r"/(home|root|work|tmp)\b", text)
