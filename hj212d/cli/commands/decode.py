"""`hj212d decode`: frames from a file or a pipe, explained.

Tests: tests/cli/test_decode_command.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO

if TYPE_CHECKING:
    from hj212d.wire.frame import Frame


@click.command("decode")
@located
@click.argument("file", type=click.File("rb"), default="-", metavar="[FILE|-]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--key", "keys", multiple=True, metavar="HEX", help="SM4 key, 32 digits; repeatable."
)
@click.option(
    "--tolerate", multiple=True, metavar="NAME", help="Switch a tolerance on; repeatable."
)
@click.option("--raw", is_flag=True, help="A byte stream, whatever it looks like.")
@click.pass_context
def command(
    context: click.Context,
    here: Here,
    file: BinaryIO,
    as_json: bool,
    keys: tuple[str, ...],
    tolerate: tuple[str, ...],
    raw: bool,
) -> None:
    """Explain frames from a file or a pipe.

    Lines of text, "HEX:" lines, or a raw byte stream, told apart by their first bytes. Lines
    that begin with "# " are comments. Keys and tolerances of [[device]] count, and on the desk
    length_short and length_off are on. Exit status 1 when a bad frame was found.
    """
    from hj212d.cli import frame_text
    from hj212d.cli.desk import Desk
    from hj212d.cli.frame_source import pieces

    desk = Desk(here.config(), keys, tolerate)
    found = ((line, desk.frame(cut)) for line, cut in pieces(file, desk.cutter, raw=raw))
    good = _print_json(found) if as_json else frame_text.explain(found)
    sys.stdout.flush()
    if not good:
        context.exit(NO)


def _print_json(found: Iterator[tuple[int, Frame]]) -> bool:
    """Print each frame; whether all were good."""
    import msgspec

    from hj212d.cli.frame_json import as_object

    all_good = True
    for line, frame in found:
        all_good = all_good and frame.ok
        click.echo(msgspec.json.encode(as_object(frame, line)))
    return all_good
