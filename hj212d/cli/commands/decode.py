"""`hj212d decode`: frames from a file or a pipe, explained.

Tests: tests/cli/test_decode_command.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal

if TYPE_CHECKING:
    from hj212d.cli.frame_source import Piece
    from hj212d.wire.frame import Device, Frame


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
    from hj212d.cli.frame_source import pieces
    from hj212d.wire import codec

    device = _devices(here, keys, tolerate)
    limit = here.config().link.max_segment_bytes

    def new_cutter() -> codec.Cutter:
        return codec.Cutter(limit, lambda mn: device(mn).tolerances)

    found = _frames(pieces(file, new_cutter, raw=raw), device)
    good = _print_json(found) if as_json else frame_text.explain(found)
    sys.stdout.flush()
    if not good:
        context.exit(NO)


def _devices(
    here: Here, keys: tuple[str, ...], tolerate: tuple[str, ...]
) -> Callable[[str], Device]:
    """MN -> how its frames are read: as configured, and what was asked for here."""
    from hj212d.config.checks import TOLERANCES
    from hj212d.config.nearest import did_you_mean
    from hj212d.link.admission import Admission
    from hj212d.wire.frame import Device
    from hj212d.wire.tolerances import Tolerance

    for name in tolerate:
        if name not in TOLERANCES:
            raise Refusal(f"there is no tolerance {name}{did_you_mean(name, TOLERANCES)}")
    config = here.config()
    gate = Admission(config.link, config.profiles, config.devices).gate("")
    on = Tolerance.LENGTH_SHORT | Tolerance.LENGTH_OFF | Tolerance.of(tolerate)
    given = tuple(_key(text) for text in keys)

    def device(mn: str) -> Device:
        known = gate.device(mn)
        return Device(known.tolerances | on, given + known.keys)

    return device


def _key(text: str) -> bytes:
    from hj212d.config.checks import is_sm4_key

    if not is_sm4_key(text):
        raise Refusal("--key: a key is 16 bytes, as 32 hexadecimal digits or 16 characters")
    return bytes.fromhex(text) if len(text) == 32 else text.encode()


def _frames(
    found: Iterator[Piece], device: Callable[[str], Device]
) -> Iterator[tuple[int, Frame]]:
    from hj212d.wire import codec
    from hj212d.wire.decode import mn_of

    for line, cut in found:
        yield line, codec.decode(cut, device(mn_of(cut.raw)))


def _print_json(found: Iterator[tuple[int, Frame]]) -> bool:
    """Print each frame; whether all were good."""
    import msgspec

    from hj212d.cli.frame_json import as_object

    all_good = True
    for line, frame in found:
        all_good = all_good and frame.ok
        click.echo(msgspec.json.encode(as_object(frame, line)))
    return all_good
