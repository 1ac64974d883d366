"""`hj212d check`: the one command after installing, and each night.

Tests: tests/cli/test_check_command.py.
"""

from __future__ import annotations

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO


@click.command("check")
@located
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_context
def command(context: click.Context, here: Here, as_json: bool) -> None:
    """Is everything as it should be? ok, warn or fail.

    Configuration, clock, limits, disk, journal, daemon and store. Changes nothing. Exit status
    1 when something fails; warnings do not count.
    """
    import msgspec

    from hj212d.cli import checks
    from hj212d.cli.tables import print_table

    found = list(checks.findings(here))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        print_table(
            ("state", "what", "found"), ((one.state, one.what, one.detail) for one in found)
        )
    if any(one.state == checks.FAIL for one in found):
        context.exit(NO)
