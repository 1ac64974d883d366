"""`hj212d journal`: what is in the journal, whether it is whole, and mending it.

Tests: tests/cli/test_journal_command.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal


@click.group("journal")
def command() -> None:
    """What is in the journal, and is it whole?"""


@command.command("ls")
@located
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def ls(here: Here, as_json: bool) -> None:
    """Lanes with their segments, and how far each reader has come."""
    from hj212d.cli import journal_text
    from hj212d.cli.progress import progress_bar
    from hj212d.journal import inspect

    with progress_bar("reading") as tell:
        listing = inspect.ls(_folder(here), tell)
    if as_json:
        _print_json(listing)
    else:
        journal_text.print_listing(listing)


@command.command("check")
@located
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def check(context: click.Context, here: Here, as_json: bool) -> None:
    """Read every block. Exit status 1 when something is damaged."""
    from hj212d.cli import journal_text
    from hj212d.cli.progress import progress_bar
    from hj212d.journal import inspect

    with progress_bar("checking") as tell:
        result = inspect.check(_folder(here), tell)
    if as_json:
        _print_json(result, ok=result.ok)
    else:
        journal_text.print_check(result)
    if not result.ok:
        context.exit(NO)


@command.command("repair")
@located
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def repair(context: click.Context, here: Here, as_json: bool) -> None:
    """Turn flipped bits back and cut torn tails off, which are kept in damaged/.

    The daemon must be stopped. Exit status 1 when something stays lost.
    """
    from hj212d.cli import journal_text
    from hj212d.cli.progress import progress_bar
    from hj212d.journal import inspect
    from hj212d.journal.errors import LaneBusy

    try:
        with progress_bar("repairing") as tell:
            result = inspect.repair(_folder(here), tell)
    except LaneBusy as error:
        raise Refusal(f"{error}; stop the daemon first", NO) from error
    except OSError as error:
        raise Refusal(f"the disk refuses: {error}", NO) from error
    if as_json:
        _print_json(result, ok=not result.lost)
    else:
        journal_text.print_repair(result)
    if result.lost:
        context.exit(NO)


def _folder(here: Here) -> Path:
    from hj212d.config import places

    folder = places.journal_dir(here.config(), here.data)
    if not folder.is_dir():
        raise Refusal(f"there is no journal at {folder}")
    return folder


def _print_json(found: Any, **more: Any) -> None:
    import msgspec

    plain = msgspec.to_builtins(found, enc_hook=str)
    click.echo(msgspec.json.encode({**more, **plain} if more else plain))
