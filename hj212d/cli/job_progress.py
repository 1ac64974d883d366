"""How far a long job is: a bar for people, or a JSON line a step for the program that started it.

Tests: tests/cli/test_job_progress.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

Step = Callable[[str, int, int], None]

_LEAST_BETWEEN_S = 0.2


@contextmanager
def job_progress(as_json: bool, clock: Callable[[], float] = time.monotonic) -> Iterator[Step]:
    """Gives ``step(stage, done, total)``. JSON goes to standard output, no more often than five
    times a second within a stage; the bar to standard error, and to nobody where that is no
    terminal."""
    if as_json:
        yield _lines(clock)
    elif sys.stderr.isatty():
        with _bar() as step:
            yield step
    else:
        yield _say_nothing


def say_line(said: dict[str, Any]) -> None:
    """One JSON line on standard output, at once."""
    sys.stdout.write(msgspec.json.encode(said).decode() + "\n")
    sys.stdout.flush()


def _lines(clock: Callable[[], float]) -> Step:
    last = ("", -1.0)

    def step(stage: str, done: int, total: int) -> None:
        nonlocal last
        now = clock()
        if stage == last[0] and done < total and now - last[1] < _LEAST_BETWEEN_S:
            return
        last = (stage, now)
        say_line({"stage": stage, "done": done, "total": total})

    return step


@contextmanager
def _bar() -> Iterator[Step]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
    )
    with Progress(
        *columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task("", total=1)

        def step(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=max(1, total))

        yield step


def _say_nothing(stage: str, done: int, total: int) -> None:
    """Nobody looks."""
