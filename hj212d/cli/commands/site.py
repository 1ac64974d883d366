"""`hj212d site`: monitoring sites: list, show, set, remove, import, export.

Tests: tests/cli/test_site_command.py.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal

_COLUMNS = ("mn", "name", "region", "medium", "role", "longitude", "latitude", "since", "origin")


@click.group("site")
def command() -> None:
    """Monitoring sites: what is measured where, and how its readings are judged.

    The registry's word wins over the [[site]] of the configuration, field by field. Changes are
    noted with who made them; a running daemon goes by them at once.
    """


@command.command("list")
@located
@click.option("--medium", help="Of this medium only: air, flue, wastewater, water, noise, dust.")
@click.option("--region", default="", help="In this region and all below it: a code.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(here: Here, medium: str | None, region: str, as_json: bool) -> None:
    """All sites of registry and configuration, as they are in force."""
    from hj212d.cli.deciding import sites
    from hj212d.cli.decision_text import cell, print_json
    from hj212d.cli.tables import print_table

    rows = sites(here, medium=medium, region=region)
    if as_json:
        print_json(rows)
        return
    right = ("longitude", "latitude")
    print_table(_COLUMNS, ([cell(row[name]) for name in _COLUMNS] for row in rows), right=right)


@command.command("show")
@located
@click.argument("mn")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(here: Here, mn: str, as_json: bool) -> None:
    """One site with its last changes. Status 1 when nobody knows it."""
    from hj212d.cli.deciding import decide
    from hj212d.cli.decision_text import cell, change_lines, print_json
    from hj212d.cli.tables import aligned, harmless
    from hj212d.hub.decisions.site_deeds import SiteGet

    answer = decide(here, SiteGet, mn=mn)
    if as_json:
        print_json([{**answer["site"], "changes": answer["changes"]}])
        return
    for line in aligned([(name, harmless(cell(one))) for name, one in answer["site"].items()]):
        click.echo(line.rstrip())
    if answer["changes"]:
        click.echo()
    for line in change_lines(answer["changes"]):
        click.echo(line)


@command.command("set")
@located
@click.argument("mn")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
def set_(here: Here, mn: str, fields: tuple[str, ...]) -> None:
    """Make an MN a site, or change some fields of one.

    name, region (digits), longitude, latitude; medium (air, flue, wastewater, water, noise,
    dust), role (assessed, control, other), air_class (1, 2), programme (PM2.5,O3),
    units (a34004=mg/m3;a21005=mg/m3), stamp (start, end), hour_from (hour,minute,realtime),
    reference_o2, stack_area_m2, outlet and water (KEY=VALUE;...), noise_zone, since, until. An
    empty value empties the field.
    """
    from hj212d.cli.deciding import decide
    from hj212d.config.nearest import did_you_mean
    from hj212d.hub.decisions.site_changes import FIELDS
    from hj212d.hub.decisions.site_deeds import SitePut

    changes = {"mn": mn}
    for field in fields:
        name, equals, value = field.partition("=")
        if name not in FIELDS:
            raise Refusal(f"a site has no field {name}{did_you_mean(name, FIELDS)}")
        if not equals:
            raise Refusal(f"{field}: expected FIELD=VALUE")
        changes[name] = value
    changed = decide(here, SitePut, sites=[changes])["changed"]
    click.echo(f"{mn} changed" if changed else f"{mn} was so already")


@command.command("remove")
@located
@click.argument("mns", nargs=-1, required=True, metavar="MN...")
def remove(here: Here, mns: tuple[str, ...]) -> None:
    """Forget what the registry says of sites, all or none.

    The configuration's word holds again where there is one. Devices and data stay.
    """
    from hj212d.cli.deciding import decide
    from hj212d.hub.decisions.site_deeds import SiteRemove

    click.echo(f"{decide(here, SiteRemove, mns=list(mns))['removed']} removed")


@command.command("import")
@located
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what is wrong.")
def import_(here: Here, file: Path, dry_run: bool) -> None:
    """Take sites from FILE, all or none: CSV with a header, as `site export` writes it.

    The header has mn and any fields of `site set`; an empty cell says nothing.
    """
    from hj212d.cli.csv_rows import read_rows
    from hj212d.cli.deciding import decide_many
    from hj212d.hub.decisions.site_changes import FIELDS
    from hj212d.hub.decisions.site_deeds import SitePut

    rows = read_rows(file, ("mn", *FIELDS), ("mn",), "a site", _problem)
    if not rows:
        raise Refusal(f"{file} has no site", NO)
    if dry_run:
        click.echo(f"{len(rows)} sites, nothing is wrong with them")
        return
    changed = decide_many(here, SitePut, sites=rows)["changed"]
    click.echo(f"{len(rows)} sites read, {changed} of them new or changed")


@command.command("export")
@located
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def export(here: Here, as_json: bool) -> None:
    """All sites as they are in force, as CSV that `site import` takes."""
    from hj212d.cli.deciding import sites
    from hj212d.cli.decision_text import packed, print_json
    from hj212d.hub.decisions.site_changes import FIELDS
    from hj212d.hub.decisions.site_deeds import as_fields

    rows = [as_fields(row) for row in sites(here)]
    if as_json:
        print_json(rows)
        return
    writer = csv.DictWriter(sys.stdout, ("mn", *FIELDS), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: packed(one) for name, one in row.items()} for row in rows)


def _problem(row: dict[str, str]) -> str:
    from hj212d.hub.decisions.site_changes import OF_DEVICE, apply, value
    from hj212d.hub.device_changes import mn_of
    from store.registry.decisions import SiteRecord

    try:
        mn_of(row.get("mn"))
        for name in OF_DEVICE:
            if name in row:
                value(name, row[name])
        apply(SiteRecord(mn=row["mn"]), row)
    except ValueError as problem:
        return str(problem)
    if ("longitude" in row) != ("latitude" in row):
        return "longitude and latitude come together"
    return ""
