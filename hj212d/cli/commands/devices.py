"""`hj212d devices`: the stations, who speaks and who is silent.

Tests: tests/cli/test_commands_live.py.
"""

from __future__ import annotations

import click

from hj212d.cli.here import Here, located


@click.command("devices")
@located
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--offline", is_flag=True, help="Only those that are silent.")
def command(here: Here, as_json: bool, offline: bool) -> None:
    """Stations: who speaks and who is silent.

    MN, name, state, when last heard, version, frames, and what was bad or repaired. Without a
    daemon the store is asked.
    """
    from hj212d.cli.answers import Answers
    from hj212d.cli.tables import print_table
    from hj212d.cli.times import show_iso

    rows = Answers(here).devices()
    if offline:
        rows = [row for row in rows if row["state"] == "offline"]
    if as_json:
        import msgspec

        for row in rows:
            click.echo(msgspec.json.encode(row))
        return
    columns = ("mn", "name", "state", "last seen", "version", "frames", "bad", "why", "repairs")
    print_table(
        columns,
        (
            (
                row["mn"],
                row["name"],
                row["state"],
                show_iso(row["last_seen"]),
                row["version"],
                row["frames"],
                row["bad"],
                _counts(row["reasons"], but="ok"),
                _counts(row["repairs"]),
            )
            for row in rows
        ),
        right=("frames", "bad"),
    )


def _counts(counts: dict[str, int], but: str = "") -> str:
    """``crc_wrong 3, junk 1``, most first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {count}" for name, count in ordered if name != but)
