"""`hj212d registry`: look the registry over, bring its tables up to date, exchange its key.

Tests: tests/cli/test_registry_command.py.
"""

from __future__ import annotations

import json

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal


@click.group("registry")
def command() -> None:
    """Where devices, keys, commands and what people decide are kept."""


@command.command("check")
@located
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def check(context: click.Context, here: Here, as_json: bool) -> None:
    """Open it, read every secret, compare its tables. Exit status 1 when something is wrong."""
    from hj212d.config import places
    from store.registry.checking import problems

    config = here.config()
    found = problems(
        places.registry_url(config, here.data), places.registry_key(config, here.data)
    )
    if as_json:
        print(json.dumps({"problems": found}, ensure_ascii=False))
    else:
        for sentence in found or ["the registry is as it should be"]:
            print(sentence)
    if found:
        context.exit(NO)


@command.command("migrate")
@located
def migrate(here: Here) -> None:
    """Make its tables, or bring those of an earlier version up to date; the daemon does it at its
    start, too."""
    from hj212d.config import places
    from store.registry.errors import RegistryUnavailable
    from store.registry.migrate import HEAD
    from store.registry.open import migrate_registry

    config = here.config()
    try:
        before = migrate_registry(places.registry_url(config, here.data))
    except RegistryUnavailable as problem:
        raise Refusal(str(problem), NO) from problem
    if before == HEAD:
        print(f"the tables are of version {HEAD} already")
    else:
        print(f"the tables were brought from version {before or 'nothing'} to {HEAD}")


@command.command("rekey")
@located
def rekey(here: Here) -> None:
    """Exchange the key that its secrets are sealed with.

    The new key takes the place of the old one in registry.key: copy the file to where you keep
    it. Safe to break off at any moment. Other daemons on the same registry need the new file.
    """
    from hj212d.cli.registered import RegisteredDevices

    count = RegisteredDevices(here).rekey()
    print(f"{count} secrets are sealed with a new key")
