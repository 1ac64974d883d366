"""``python -m bench simulate``: a fleet of believable instruments for any HJ 212 server.

The same seed gives the same stations and the same readings. Test: tests/system/test_fleet.py.
"""

from __future__ import annotations

import asyncio
import json
import math
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import uvloop

from bench.fleet import Fleet
from bench.instruments import roster
from bench.instruments.behaviour import Behaviour
from bench.instruments.cut_off import CutOff
from bench.instruments.station import Station
from bench.statusline import StatusLine


@click.command(help="A fleet of simulated instruments that wait for their replies.")
@click.option("--target", metavar="HOST:PORT", help="The server.")
@click.option("--stations", default=85, show_default=True, help="How many.")
@click.option("--interval", default=10.0, show_default=True, help="Of real-time data, seconds.")
@click.option("--seconds", default=math.inf, help="Length of the run.  [default: until Ctrl-C]")
@click.option("--seed", default=1, show_default=True)
@click.option("--speed", default=1.0, show_default=True, help="Simulated seconds in a real one.")
@click.option(
    "--faults",
    default=0.1,
    show_default=True,
    help="Share of stations with bad links or habits against the standard, 0 to 1.",
)
@click.option(
    "--cut-off",
    default=0,
    show_default=True,
    help="So many stations are out of reach for a while each quarter of an hour, and forget what "
    "they could not send; they still have it when they are asked for history.",
)
@click.option(
    "--cut-off-s", default=200.0, show_default=True, help="How long they are out of reach."
)
@click.option(
    "--behaviour",
    type=click.Choice(list(Behaviour)),
    default=Behaviour.ORDERLY,
    show_default=True,
    help="How all of them answer requests.",
)
@click.option(
    "--write-config",
    type=click.Path(path_type=Path),
    help="Write the [[device]] tables of the fleet there and, without --target, end.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object at the end.")
def main(
    target: str | None,
    stations: int,
    interval: float,
    seconds: float,
    seed: int,
    speed: float,
    faults: float,
    cut_off: int,
    cut_off_s: float,
    behaviour: str,
    write_config: Path | None,
    as_json: bool,
) -> None:
    if speed > 1 and math.isinf(seconds):
        raise click.UsageError("--speed above 1 needs --seconds, so that the run ends at present")
    members = roster.make(stations, seed, interval_s=interval, odd_share=faults)
    if write_config is not None:
        keep_secret(write_config, roster.device_tables(members))
    if target is None:
        if write_config is None:
            raise click.UsageError("--target HOST:PORT says where the server is")
        return
    host, _, port = target.rpartition(":")
    if not host or not port.isdigit():
        raise click.UsageError(f"--target {target}: HOST:PORT is wanted")

    async def run() -> dict[str, Any]:
        fleet = Fleet(
            members,
            host.strip("[]"),
            int(port),
            seed=seed,
            interval_s=interval,
            seconds=seconds,
            speed=speed,
            faults=faults,
            behaviours={each.mn: Behaviour(behaviour) for each in members},
            cut_offs=cut_offs(members[:cut_off], cut_off_s),
            asks_clock=True,
        )
        await run_shown(fleet)
        return fleet.summary()

    summary = uvloop.run(run())
    if as_json:
        click.echo(json.dumps(summary))
        return
    for name, value in summary.items():
        click.echo(f"{name:17} {value}")


def cut_offs(members: Sequence[Station], for_s: float) -> dict[str, CutOff]:
    """These stations are out of reach a minute after the start, then each quarter of an hour."""
    return {each.mn: CutOff(60.0, for_s, max(900.0, 2 * for_s)) for each in members}


async def run_shown(fleet: Fleet) -> None:
    """Run a fleet with a status line; Ctrl-C and SIGTERM end it orderly."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, fleet.stop)
    running = asyncio.create_task(fleet.run())
    with StatusLine() as line:
        while not running.done():
            line.show(one_line(fleet.summary()))
            await asyncio.wait([running], timeout=0.5)
    await running


def keep_secret(path: Path, text: str) -> None:
    """Write a file that others cannot read: it holds passwords and keys."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def one_line(summary: dict[str, Any]) -> str:
    """The state of a fleet in words."""
    reply = summary["reply_ms"]
    return (
        f"{summary['reporting']}/{summary['stations']} stations report · "
        f"{summary['sent']} frames sent, {summary['acked']} acknowledged, "
        f"{summary['resent'] + summary['resent_later']} resent, {summary['backlog']} waiting · "
        f"reply {reply.get('p50', 0):.1f} ms (99 %: {reply.get('p99', 0):.1f} ms) · "
        f"{summary['cuts']} links cut · {summary['requests']} requests"
    )
