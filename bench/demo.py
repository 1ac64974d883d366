"""``python -m bench demo`` (``make run``): the daemon and 85 instruments that report to it.

Makes the data folder and its configuration when they are not there, starts ``hj212d serve`` and
drives the fleet until Ctrl-C or SIGTERM, which end both orderly. Test: tests/system/test_demo.py.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import socket
from pathlib import Path
from typing import Any

import click
import msgspec
import uvloop

from bench.daemon import PROGRAM, Daemon, DaemonError, Ready
from bench.fleet import Fleet
from bench.instruments import county, roster
from bench.instruments.station import KINDS, Station, Sticking
from bench.simulate import cut_offs, keep_secret, one_line
from bench.statusline import StatusLine
from hj212d.cli.own_registry import somebody
from hj212d.hub.client import ControlClient, ControlError

SEED = 1
FAULTS = 0.1
CUT_OFF_S = 200.0  # one station is out of reach so long, and forgets; the daemon asks for it
HISTORY_DAYS = 14  # of the air; the roll-up is told to begin with it
OTHERS_DAYS = 3
STICKS_AT = "a34004"
STICKS = Sticking(STICKS_AT, 600.0, 1500.0)  # one station shows one value of PM2.5 now and then
# Rules of alerts for both, far quicker than the product's own, so that there is something to see.
RULES = {
    "demo-silent": ("offline", ("after_s=60", "wait_s=0"), ()),
    "demo-stuck": (
        "stuck",
        ("default_s=180", "least_samples=5", "wait_s=0"),
        ("--factor", STICKS_AT),  # a temperature stands still for minutes
    ),
}
CONTACT = "值班员"
FILLED_AFTER_MIN = 10  # at the latest: its interval is to be learned from its first minutes
CONFIG_FILE = "hj212d.toml"
SITES_FILE = "sites.csv"
NAMES = "\n".join(f'"{code}" = "{name}"' for code, name in county.regions())
HEADER = f"""\
# Written by `make run`, once; it is yours to change, and never written over.
# What can stand here, with defaults: hj212d config --explain

# Shorter than usual, so that a hole in the uploads is seen to be filled.
[completeness]
grace_s = 60.0
quiet_s = 60.0
settle_s = 20.0
round_h = 0.1

# Stations bring the hours of some days with them; means are made of all of these, soon.
[means]
first_days = {HISTORY_DAYS}
late_every_s = 20.0

# Much is published before all of that has come; a correction follows within minutes.
[bulletins]
corrections_minutes = 2

[quality.regions]
{NAMES}

"""


@click.command(help="The daemon and a simulated fleet, until Ctrl-C.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), show_default=True)
@click.option("--listen", default="127.0.0.1:9212", show_default=True, help="For instruments.")
@click.option("--http", default="127.0.0.1:8212", show_default=True, help="For the browser.")
@click.option("--stations", default=85, show_default=True)
@click.option("--interval", default=10.0, show_default=True, help="Of real-time data, seconds.")
@click.option(
    "--history-days",
    default=HISTORY_DAYS,
    show_default=True,
    type=click.IntRange(0, HISTORY_DAYS),
    help=f"So many days of hours air stations bring with them, others {OTHERS_DAYS} at most.",
)
@click.option("--seconds", default=None, type=float, help="End by itself after so long.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object at the end.")
@click.pass_context
def main(
    context: click.Context,
    data: Path,
    listen: str,
    http: str,
    stations: int,
    interval: float,
    history_days: int,
    seconds: float | None,
    as_json: bool,
) -> None:
    members = _with_one_that_sticks(
        roster.make(stations, SEED, interval_s=interval, odd_share=FAULTS)
    )
    data.mkdir(parents=True, exist_ok=True)
    if (pid := _running(data)) is not None:
        click.echo(f"a daemon runs on {data} already (pid {pid}); end it first", err=True)
        context.exit(1)
    config = data / CONFIG_FILE
    if not config.exists():
        keep_secret(config, HEADER + roster.device_tables(members))
    daemon = Daemon(
        data.absolute(),
        config=config.absolute(),
        listen=free_address(listen),
        http=free_address(http),
        log=data / "serve.log",
    )
    past = 0 if (data / SITES_FILE).exists() else history_days
    try:
        result = uvloop.run(_demo(daemon, data, members, interval, past, seconds, as_json))
    except DaemonError as error:
        click.echo(f"the daemon failed: {error}", err=True)
        context.exit(1)
    if as_json:
        click.echo(json.dumps(result))


def _running(data: Path) -> int | None:
    """The process that has this data folder, if one answers there."""
    try:
        answer = ControlClient(data / "control.sock", timeout_s=5).call("status")
    except ControlError:
        return None
    return int(answer.get("pid", 0))


def _forgetful(members: list[Station]) -> list[Station]:
    """The station whose uploads have a hole: the first with averages each minute."""
    return [each for each in members if each.minutes == 1 and each.kind == "air"][:1]


def _with_one_that_sticks(members: list[Station]) -> list[Station]:
    """The fleet, of which one station of the air sticks, not the forgetful one."""
    some = _forgetful(members)
    chosen = [each.mn for each in members if each.kind == "air" and each not in some][:1]
    return [
        msgspec.structs.replace(each, sticking=STICKS) if each.mn in chosen else each
        for each in members
    ]


def free_address(address: str) -> str:
    """The address, or one with a free port, and a line that says so, when its port is taken."""
    host, _, port = address.rpartition(":")
    if port == "0":
        return address
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            click.echo(
                f"{address} is taken ({os.strerror(error.errno or 0)}), using a free port",
                err=True,
            )
            return f"{host}:0"
    return address


async def _demo(
    daemon: Daemon,
    data: Path,
    members: list[Station],
    interval_s: float,
    history_days: int,
    seconds: float | None,
    as_json: bool,
) -> dict[str, Any]:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.create_task(asyncio.to_thread(daemon.start))
    ready = await starting
    try:
        await _import_sites(data, members)
        await _set_rules(data, members)
        await _add_a_contact(data)
        _introduce(ready, data, members, history_days, as_json)
        fleet = Fleet(
            members,
            ready.host,
            ready.port,
            seed=SEED,
            interval_s=interval_s,
            faults=FAULTS,
            cut_offs=cut_offs(_forgetful(members), CUT_OFF_S),
            asks_clock=True,
            past_days=past_days(history_days),
        )
        await _drive(fleet, daemon, stop, seconds)
    finally:
        if daemon.pid is not None:
            click.echo("ending the daemon", err=True)
            status = await asyncio.to_thread(daemon.terminate)
            if status:
                raise DaemonError(f"serve ended with {status}: {daemon.last_words()}")
    return fleet.summary()


def past_days(days: int) -> dict[str, float]:
    """By kind of station, the days of history that it brings with it."""
    return {kind: days if kind == "air" else min(days, OTHERS_DAYS) for kind in KINDS}


async def _import_sites(data: Path, members: list[Station]) -> None:
    """Tell the daemon once where the stations stand, as anybody would."""
    file = data / SITES_FILE
    if file.exists():
        return
    file.write_text(county.as_csv(members), encoding="utf-8")
    if not await _told(data, "site", "import", str(file)):
        file.unlink()
        click.echo("the sites were not imported; the next start tries again", err=True)


async def _set_rules(data: Path, members: list[Station]) -> None:
    """Tell the daemon what to look for at the stations that have faults of their own."""
    sticking = [each for each in members if each.sticking is not None]
    for (key, (kind, figures, only)), some in zip(
        RULES.items(), (_forgetful(members), sticking), strict=True
    ):
        for station in some:
            about = ("--mn", station.mn, *only, "--note", "of the demo")
            if not await _told(data, "rule", "set", key, *figures, "--kind", kind, *about):
                click.echo(f"the rule {key} was not set; the next start tries again", err=True)


async def _add_a_contact(data: Path) -> None:
    """Somebody who is told of all incidents, in messages that the user of the demo can read."""
    if ControlClient(data / "control.sock").call("contacts")["contacts"]:
        return
    if await _told(data, "contact", "add", CONTACT, "--way", "app", "--login", somebody()):
        await _told(data, "subscription", "add", CONTACT, "--severity", "notice")


async def _told(data: Path, *words: str) -> bool:
    """Run one of the product's commands; whether it went well."""
    command = (str(PROGRAM), *words[:2], "--data", str(data), *words[2:])
    done = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    return await done.wait() == 0


async def _drive(fleet: Fleet, daemon: Daemon, stop: asyncio.Event, seconds: float | None) -> None:
    """Run the fleet until it is told to stop, time is up, or the daemon is gone."""
    loop = asyncio.get_running_loop()
    end = math.inf if seconds is None else loop.time() + seconds
    running = asyncio.create_task(fleet.run())
    stopping = asyncio.create_task(stop.wait())
    with StatusLine() as line:
        while not (stopping.done() or running.done()) and loop.time() < end:
            line.show(one_line(fleet.summary()))
            if daemon.pid is None:
                break
            await asyncio.wait(
                [running, stopping], timeout=0.5, return_when=asyncio.FIRST_COMPLETED
            )
    stopping.cancel()
    fleet.stop()
    await running
    if daemon.pid is None:
        raise DaemonError(f"it ended by itself: {daemon.last_words()}")


def _introduce(
    ready: Ready, data: Path, members: list[Station], history_days: int, as_json: bool
) -> None:
    """Where to look, and what to try."""
    station = next((each for each in members if each.kind == "air"), members[0])
    factor = station.factors[0].code
    inside = PROGRAM.is_relative_to(Path.cwd())
    program = PROGRAM.relative_to(Path.cwd()) if inside else PROGRAM
    where = "" if data == Path("data") else f" --data {data}"
    hole = "".join(
        f"{each.name} ({each.mn}) is out of reach for {CUT_OFF_S:.0f} s after a minute and "
        f"forgets what it could not send.\nThe daemon asks for it; within {FILLED_AFTER_MIN} "
        f"minutes from now this says `filled`:\n"
        f"  {program} gaps{where} --mn {each.mn} --state all\n"
        f"  {program} completeness{where} --mn {each.mn} --period minute --summed\n\n"
        for each in _forgetful(members)
    )
    brought = ""
    if history_days:
        brought = (
            f"Stations of the air bring the hours of {history_days} days with them. "
            f"After a minute or two:\n"
            f"  {program} airquality{where} region:* --days 1\n"
            f"  {program} rank{where} stations:* --days 7\n"
            f"  {program} assess{where} --level day --days 1 --exceeded\n"
            f"  {program} bulletin list{where}\n"
            f"  {program} map{where} --factor PM2.5 --output map.png\n"
            f"  {program} report day{where} --output day.pdf\n\n"
        )
    click.echo(
        f"{len(members)} instruments report to {ready.host}:{ready.port}; "
        f"data and log are in {data}/\n"
        f"\nhttp://{ready.http}/\n\n"
        f"In another terminal:\n"
        f"  {program} status{where}\n"
        f"  {program} query{where} --mn {station.mn} --factor {factor} --from -10m --to now\n"
        f"  {program} frames{where} --mn {station.mn} --from -5m --to now\n"
        f"  {program} tail{where}\n"
        f"  {program} tail{where} --errors\n"
        f"  {program} send{where} {station.mn} read-clock\n"
        f"  {program} keys report{where}\n"
        f"  {program} site list{where} --medium air\n"
        f"  {program} incident list{where}\n"
        f"  {program} messages{where}\n"
        f"\n{brought}{hole}Ctrl-C ends it.\n",
        err=as_json,
    )
