"""`hj212d tail`: frames as they come.

Tests: tests/cli/test_commands_live.py.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal


@click.command("tail")
@located
@click.option("--mn", help="Of this MN only.")
@click.option("--cn", help="With this CN only.")
@click.option("--errors", is_flag=True, help="Only frames that are not good.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(here: Here, mn: str | None, cn: str | None, errors: bool, as_json: bool) -> None:
    """Frames as they arrive, until Ctrl-C.

    Exit status 1 when no daemon runs on the data folder, or when it ends.
    """
    import msgspec

    from hj212d.cli.answers import Answers
    from hj212d.cli.tail_text import event_line

    show: Any = msgspec.json.encode if as_json else event_line
    for event in Answers(here).tail(mn=mn, cn=cn, errors=errors):
        click.echo(show(event))
        sys.stdout.flush()
    raise Refusal("the daemon has ended", NO)
