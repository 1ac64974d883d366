"""`hj212d serve`: the daemon. What it does is in `hj212d.cli.serve`.

Tests: tests/cli/test_commands_live.py, tests/cli/test_serve.py.
"""

from __future__ import annotations

import click

from hj212d.cli.here import Here, located


@click.command("serve")
@located
@click.option("--listen", multiple=True, metavar="HOST:PORT", help="Instead of link.listen.")
@click.option("--http", metavar="HOST:PORT", help="Instead of hub.http; empty: no pages.")
@click.option("--store", metavar="URL", help="Instead of store.url.")
@click.option("--workers", type=int, metavar="N", help="Instead of link.workers.")
@click.pass_context
def command(
    context: click.Context,
    here: Here,
    listen: tuple[str, ...],
    http: str | None,
    store: str | None,
    workers: int | None,
) -> None:
    """The daemon: receive, journal, acknowledge, store.

    Prints one line "ready listen=... http=... store=... workers=... pid=..." when it accepts.
    SIGTERM ends it in order, SIGHUP reads the configuration again.
    """
    from hj212d.cli.serve import run

    overrides = {
        "link.listen": list(listen) or None,
        "hub.http": http,
        "store.url": store,
        "link.workers": workers,
    }
    context.exit(run(here, overrides))
