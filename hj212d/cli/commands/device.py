"""`hj212d device`: what is registered of devices: list, show, set, remove, import.

Tests: tests/cli/test_device_command.py.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal

_COLUMNS = (
    "mn",
    "name",
    "version",
    "st",
    "region",
    "medium",
    "encrypt",
    "keys",
    "enabled",
    "from",
)


@click.group("device")
def command() -> None:
    """What is registered of devices, beside and above the [[device]] of the configuration.

    A field that the registry holds wins over the configuration's. Changes are noted with who made
    them; a running daemon and its workers go by them at once.
    """


@command.command("list")
@located
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(here: Here, as_json: bool) -> None:
    """All devices of registry and configuration, as they are in force."""
    from hj212d.cli.registered import RegisteredDevices
    from hj212d.cli.tables import print_table

    rows = RegisteredDevices(here).rows()
    if as_json:
        for row in rows:
            _print_json(row)
        return
    print_table(_COLUMNS, ([_cell(row[name]) for name in _COLUMNS] for row in rows))


@command.command("show")
@located
@click.argument("mn")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(here: Here, mn: str, as_json: bool) -> None:
    """One device with its last changes. Status 1 when nobody knows it."""
    from hj212d.cli.registered import RegisteredDevices
    from hj212d.cli.tables import aligned, harmless
    from hj212d.cli.times import show_iso

    row = RegisteredDevices(here).row(mn)
    if as_json:
        _print_json(row)
        return
    changes = row.pop("changes")
    for moment in ("created_at", "changed_at"):
        row[moment] = show_iso(row[moment])
    for line in aligned([(name, harmless(_cell(value))) for name, value in row.items()]):
        click.echo(line)
    if changes:
        click.echo()
    for change in changes:
        said = ", ".join(
            f"{name} {_cell(value)}"
            for name, value in change["after"].items()
            if change["before"] or value not in ("", None, [])
        )
        line = f"{show_iso(change['at'])}  {change['who']}  {change['what']}  {said}"
        click.echo(harmless(line.rstrip()))


@command.command("set")
@located
@click.argument("mn")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
def set_(here: Here, mn: str, fields: tuple[str, ...]) -> None:
    """Register a device, or change some of its fields.

    name, st, version (2005, 2017, 2025), password, region, medium (GPRS, ADSL, NB-IoT, ...),
    encrypt (never, auto, always), tolerate, refuse, allow (lists with commas), rtd_interval_s,
    minute_interval_min, longitude, latitude, enabled. An empty value empties the field;
    password=- reads it from standard input.
    """
    from hj212d.cli.registered import RegisteredDevices

    changes: dict[str, Any] = {"mn": mn}
    for field in fields:
        name, equals, value = field.partition("=")
        _check_field(name)
        if not equals:
            raise Refusal(f"{field}: expected FIELD=VALUE")
        changes[name] = _typed(name) if name == "password" and value == "-" else value
    devices = RegisteredDevices(here)
    known = devices.knows(mn)
    changed = devices.put([changes])
    if not known:
        click.echo(f"{mn} is registered: nobody knew it before")
    else:
        click.echo(f"{mn} changed" if changed else f"{mn} was so already")


@command.command("remove")
@located
@click.argument("mns", nargs=-1, required=True, metavar="MN...")
def remove(here: Here, mns: tuple[str, ...]) -> None:
    """Forget what the registry says of devices, all or none.

    The configuration's word holds again where there is one. Keys and data stay.
    """
    from hj212d.cli.registered import RegisteredDevices

    RegisteredDevices(here).remove(mns)
    click.echo(f"{len(mns)} removed")


@command.command("import")
@located
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what is wrong.")
def import_(here: Here, file: Path | None, dry_run: bool) -> None:
    """Register devices from FILE, all or none: CSV, or the [[device]] of a TOML file.

    Without FILE: the [[device]] of the configuration in force, with their keys. The CSV has a
    header with mn and any fields of `device set`; an empty cell says nothing.
    """
    from hj212d.cli import device_file
    from hj212d.cli.registered import RegisteredDevices

    if file is None or file.suffix == ".toml":
        config = (here if file is None else Here(here.data, file)).config()
        found = device_file.from_settings(config.devices)
    else:
        found = device_file.read_csv(file)
    if not found.changes:
        raise Refusal(f"{file or 'the configuration'} has no device", NO)
    if dry_run:
        click.echo(f"{len(found.changes)} devices, nothing is wrong with them")
        return
    changed = RegisteredDevices(here).take(found)
    click.echo(f"{len(found.changes)} devices read, {changed} of them new or changed")


def _check_field(name: str) -> None:
    from hj212d.config.nearest import did_you_mean
    from hj212d.hub.device_changes import FIELDS

    if name not in FIELDS:
        raise Refusal(f"a device has no field {name}{did_you_mean(name, FIELDS)}")


def _typed(name: str) -> str:
    """A secret that does not stand in the shell's history."""
    if sys.stdin.isatty():
        answer: str = click.prompt(name, hide_input=True, confirmation_prompt=True)
        return answer
    line = sys.stdin.readline()
    if not line:
        raise Refusal(f"there is no {name} on standard input")
    return line.rstrip("\r\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _print_json(value: object) -> None:
    import msgspec

    click.echo(msgspec.json.encode(value))
