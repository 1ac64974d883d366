"""Options of commands that print rows or write them to a file.

Tests: tests/cli/test_quality_commands.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from hj212d.cli.refusal import Refusal


def output_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --format, --json and --output; it gets ``form`` and ``output``."""

    @click.option(
        "--format",
        "form",
        type=click.Choice(["table", "csv", "json", "parquet"]),
        default="table",
        show_default=True,
    )
    @click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
    @click.option(
        "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there."
    )
    @wraps(function)
    def command(*arguments: Any, form: str, as_json: bool, output: str | None, **rest: Any) -> Any:
        form = "json" if as_json else form
        if form == "table" and output:
            raise Refusal("--format table is for the screen; a file takes csv, json or parquet")
        return function(*arguments, form=form, output=output, **rest)

    return command
