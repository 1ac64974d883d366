"""``python -m bench report``: runs what is published and writes docs/benchmarks.md.

Each bench is a process of its own, one after the other. Results are kept in a JSON file beside
the page, so that the page can be built step by step (--only) and rendered anew (--render).
The table of benches: bench/entries.py, entries_alerts.py and entries_bad_days.py; the page:
bench/report_page.py.
Test: tests/bench/test_report.py.
"""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bench import report_page
from bench.entries import REACHED
from bench.entries_alerts import ALERTED
from bench.entries_bad_days import ENDURED
from bench.entry import Entry
from bench.machine import machine, versions
from bench.statusline import StatusLine

KEPT = Path("docs/benchmarks.json")
ENTRIES = (*REACHED, *ALERTED, *ENDURED)
_END_S = 60.0  # for a bench that is ended to end its daemon


def run(entry: Entry, *, quick: bool = False) -> dict[str, Any]:
    """Run one; what is kept of it. ``result`` is missing when it printed none, ``error`` tells."""
    arguments = entry.quick if quick else entry.arguments
    command = [sys.executable, "-m", "bench", *shlex.split(arguments), "--json"]
    began = time.monotonic()
    kept: dict[str, Any] = {
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": f"python -m bench {arguments}",
        "quick": quick,
        "machine": machine(),
        "versions": versions(),
    }
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said, _ = process.communicate(timeout=entry.limit_s)
    except subprocess.TimeoutExpired:
        said = _ended(process)
        kept["error"] = f"it had not ended after {entry.limit_s:.0f} s"
    except BaseException:
        _ended(process)
        raise
    kept["seconds"] = round(time.monotonic() - began, 1)
    kept["status"] = process.returncode
    try:
        kept["result"] = json.loads(said.strip().rpartition("\n")[2])
    except ValueError:
        kept.setdefault("error", f"it ended with status {process.returncode} and no result")
    return kept


def _ended(process: subprocess.Popen[str]) -> str:
    """End a bench, so that it takes its daemon along; what it had said."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.communicate(timeout=_END_S)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0]


def load(path: Path) -> dict[str, Any]:
    """What is kept, by name of the bench; empty when there is no file."""
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def save(path: Path, kept: dict[str, Any]) -> None:
    """Keep results, and write the page beside them."""
    path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    # As kept, whose names are in order: the page is the same whenever it is rendered.
    path.with_suffix(".md").write_text(report_page.page(load(path), ENTRIES))


def _chosen(only: str) -> Sequence[Entry]:
    names = [name for name in only.split(",") if name]
    known = {entry.name: entry for entry in ENTRIES}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.UsageError(
            f"no such bench: {', '.join(unknown)}; there are {', '.join(known)}"
        )
    return [known[name] for name in names] or ENTRIES


@click.command(help="Run the published benches and write docs/benchmarks.md.")
@click.option("--quick", is_flag=True, help="Short forms; figures are shown, not judged.")
@click.option("--only", default="", metavar="NAME,...", help="These; the others stay as kept.")
@click.option("--render", is_flag=True, help="Run nothing, write the page from what is kept.")
@click.option("--list", "as_list", is_flag=True, help="Show the names and their commands.")
@click.option(
    "--keep",
    type=click.Path(dir_okay=False, path_type=Path),
    default=KEPT,
    show_default=True,
    help="Results; the page lies beside it.",
)
@click.pass_context
def main(
    context: click.Context, quick: bool, only: str, render: bool, as_list: bool, keep: Path
) -> None:
    chosen = _chosen(only)
    if as_list:
        for entry in chosen:
            click.echo(f"{entry.name:18} python -m bench {entry.arguments}")
        return
    kept = load(keep)
    failed = False
    with StatusLine() as line:
        for number, entry in enumerate([] if render else chosen):
            line.say(f"{number + 1}/{len(chosen)} {entry.name}")
            found = kept[entry.name] = run(entry, quick=quick)
            failed |= "error" in found or found["status"] != 0
            save(keep, kept)
    save(keep, kept)
    context.exit(1 if failed else 0)
