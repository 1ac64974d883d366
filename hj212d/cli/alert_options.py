"""Options that the commands on alerts share. Tests: tests/cli/test_incident_command.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

as_json_lines = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
as_json_object = click.option("--json", "as_json", is_flag=True, help="One JSON object.")
KINDS = click.Choice(
    [
        "over_limit",
        "offline",
        "stuck",
        "swing",
        "drift",
        "clock",
        "completeness",
        "bad_frames",
        "forward",
        "store_lag",
        "disk",
        "key_age",
        "heavy_pollution",
    ]
)
SEVERITIES = click.Choice(["notice", "warning", "severe", "critical"])
CHANNELS = click.Choice(
    ["app", "email", "sms", "wecom", "dingtalk", "feishu", "webhook", "apprise"]
)


limited = click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=100,
    show_default=True,
    help="At most so many.",
)


def paged(function: Callable[..., Any]) -> Callable[..., Any]:
    """--limit and --before of a list."""
    function = click.option(
        "--before",
        type=int,
        metavar="ID",
        help="Only those of a smaller id.",
    )(function)
    return limited(function)


def number_or_name(text: str) -> int | str:
    """A contact: by number, or by name."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


number_or_name.__name__ = "contact"
