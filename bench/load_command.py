"""What the commands of the load benches share: the look at limits before, orderly ends, printing.

Test: tests/bench/test_load_benches.py.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from bench import limits
from bench.daemon import DaemonError
from bench.generator import GeneratorFailed
from bench.native.build import CannotCompile
from bench.statusline import StatusLine


@contextmanager
def prepared(links: int) -> Iterator[StatusLine]:
    """Refuse what this machine cannot hold; end all processes on Ctrl-C and SIGTERM alike; tell a
    failure of daemon or generator in its own words."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with StatusLine() as line:
            for warning in limits.check(links):
                line.say(warning)
            yield line
    except (CannotCompile, DaemonError, GeneratorFailed) as failure:
        raise click.ClickException(str(failure)) from failure
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def show(
    context: click.Context,
    result: dict[str, Any],
    as_json: bool,
    table: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Print it, as one JSON object or with ``table`` (lines of name and value where there is none)
    and the problems last; exit 0 when there were none, else 1."""
    if as_json:
        click.echo(json.dumps(result))
    else:
        (table or _lines)(result)
        for problem in result["problems"]:
            click.echo(f"problem: {problem}")
    context.exit(0 if result["passed"] else 1)


def _lines(result: dict[str, Any]) -> None:
    for name, value in result.items():
        if name != "problems":
            click.echo(f"{name:22} {_text(value)}")


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(each)}" for name, each in value.items())
    return str(value)
