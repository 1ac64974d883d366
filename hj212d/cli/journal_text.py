"""What `hj212d journal` found, for people. Tests: tests/cli/test_journal_command.py."""

from __future__ import annotations

from collections.abc import Iterable

import click

from hj212d.cli.sizes import show_bytes, show_count
from hj212d.cli.tables import print_table
from hj212d.cli.times import show_us
from hj212d.journal.inspect import Check, Finding, LaneListing, Repair


def print_listing(listing: list[LaneListing]) -> None:
    """Segments, then readers."""
    print_table(
        ("lane", "segment", "size", "blocks", "records", "first", "last"),
        (
            (
                lane.lane + (" (live)" if lane.live else ""),
                segment.path.name,
                show_bytes(segment.file_bytes),
                show_count(segment.blocks),
                show_count(segment.records),
                show_us(segment.first_us),
                show_us(segment.last_us),
            )
            for lane in listing
            for segment in lane.segments
        ),
        right=("size", "blocks", "records"),
    )
    readers = [
        (lane.lane, name, reader.position, show_bytes(reader.lag_bytes))
        for lane in listing
        for name, reader in lane.readers.items()
    ]
    if readers:
        click.echo()
        print_table(
            ("lane", "reader", "position", "unread"), readers, right=("position", "unread")
        )


def print_check(result: Check) -> None:
    """What is damaged, and a line about the whole."""
    _print_findings(result.findings)
    for path in result.damaged_cursors:
        click.echo(f"damaged cursor: {path}")
    click.echo(
        f"{'ok' if result.ok else 'damaged'}: {show_count(result.segments)} segments, "
        f"{show_count(result.blocks)} blocks, {show_count(result.records)} records, "
        f"{show_bytes(result.bytes)}; {len(result.findings)} damaged places"
    )


def print_repair(result: Repair) -> None:
    """What was mended, cut and lost."""
    _print_findings([*result.mended, *result.lost])
    for path in result.cut:
        click.echo(f"cut tail kept in {path}")
    click.echo(
        f"{len(result.mended)} places mended, {len(result.cut)} torn tails cut, "
        f"{len(result.lost)} places lost"
    )


def _print_findings(findings: Iterable[Finding]) -> None:
    rows = [
        (found.lane, found.path.name, found.position, found.bytes, _state(found), found.what)
        for found in findings
    ]
    if rows:
        print_table(
            ("lane", "segment", "position", "bytes", "state", "what"),
            rows,
            right=("position", "bytes"),
        )


def _state(found: Finding) -> str:
    if found.mendable:
        return "mendable"
    return "torn tail" if found.tail else "lost"
