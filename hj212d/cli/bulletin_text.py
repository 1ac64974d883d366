"""A bulletin for people. Tests: tests/cli/test_bulletin_command.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from hj212d.cli.tables import aligned, harmless, print_table
from hj212d.cli.times import show_iso

Row = Mapping[str, Any]


def print_bulletin(found: Row) -> None:
    """What it says, then its versions."""
    row = found["bulletin"]
    said = row["content"]
    facts = [("period", said["period"]), ("place", f"{said['place']} {said.get('name', '')}")]
    if "rankings" in said:
        _print_facts([*facts, ("by", said["by"])])
        for name, ranking in said["rankings"].items():
            click.echo(f"\n{name} {ranking['period']}")
            print_table(
                ("rank", "place", "name", "value", "main", "mark"),
                [
                    [one[key] for key in ("rank", "place", "name", "value", "main", "mark")]
                    for one in ranking["rows"]
                ],
                right=("rank", "value"),
            )
    else:
        _print_place(said, facts)
    click.echo()
    print_table(
        ("version", "correction", "published", "data up to"),
        [
            (
                one["version"],
                "yes" if one["correction"] else "",
                show_iso(one["published_at"]),
                show_iso(one["as_of"]),
            )
            for one in found["versions"]
        ],
        right=("version",),
    )


def _print_place(said: Row, facts: list[tuple[str, str]]) -> None:
    facts += [
        ("AQI", f"{said['aqi']} {said['category']} ({said['standard']})"),
        ("primary", "; ".join(said["primary"])),
        ("missing", "; ".join(said["missing"])),
        ("advice", f"{said['effect']}{said['advice']}"),
        *(
            (f"sensitive, {one['pollutant']}", "、".join(one["groups"]))
            for one in said["sensitive"]
        ),
        ("mark", said["mark"]),
    ]
    _print_facts(facts)
    click.echo()
    print_table(
        ("pollutant", "value", "unit", "iaqi"),
        [
            [one[name] for name in ("pollutant", "value", "unit", "iaqi")]
            for one in said["pollutants"]
        ],
        right=("value", "iaqi"),
    )


def _print_facts(facts: list[tuple[str, str]]) -> None:
    for line in aligned([(name, harmless(text).strip()) for name, text in facts if text.strip()]):
        click.echo(line)
