"""`hj212d status`: what the running daemon says of itself.

Tests: tests/cli/test_status_text.py, tests/cli/test_commands_live.py.
"""

from __future__ import annotations

import sys
import time

import click

from hj212d.cli.here import Here, located


@click.command("status")
@located
@click.option("--json", "as_json", is_flag=True, help="The daemon's answer as it is.")
@click.option("--watch", is_flag=True, help="Again every two seconds, until Ctrl-C.")
def command(here: Here, as_json: bool, watch: bool) -> None:
    """What the running daemon says of itself.

    Links, stations, frames, rejects by reason, journal, store and workers.

    Exit status 1 when no daemon runs on the data folder.
    """
    from hj212d.cli.answers import Answers

    answers = Answers(here)
    while True:
        _print(answers.status(), as_json, again=watch)
        if not watch:
            return
        sys.stdout.flush()
        time.sleep(_PAUSE_S)


_PAUSE_S = 2.0
_CLEAR = "\x1b[H\x1b[2J"


def _print(status: dict[str, object], as_json: bool, *, again: bool) -> None:
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(status))
        return
    from hj212d.cli.status_text import print_status

    if again and sys.stdout.isatty():
        click.echo(_CLEAR, nl=False)
    print_status(status)
