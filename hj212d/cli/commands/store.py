"""`hj212d store`: make the store's tables, look them over, bring them up to date.

Tests: tests/cli/test_store_command.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal

_of_url = click.option("--store", "url", metavar="URL", help="Instead of store.url.")


@click.group("store")
def command() -> None:
    """Make, check and migrate the store's tables, while no daemon has it open."""


@command.command("init")
@located
@_of_url
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def init(here: Here, url: str | None, as_json: bool) -> None:
    """Make the tables where there are none."""
    _say("done", _asked(here, url, "init"), as_json, "the tables are there already")


@command.command("check")
@located
@_of_url
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def check(context: click.Context, here: Here, url: str | None, as_json: bool) -> None:
    """Compare the tables with what is wanted. Exit status 1 when something differs."""
    problems = _asked(here, url, "check")
    _say("problems", problems, as_json, "the tables are as they should be")
    if problems:
        context.exit(NO)


@command.command("migrate")
@located
@_of_url
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def migrate(here: Here, url: str | None, as_json: bool) -> None:
    """Bring the tables of an earlier version, and the days to keep, up to date."""
    _say("done", _asked(here, url, "migrate"), as_json, "nothing was to be done")


def _asked(here: Here, url: str | None, what: str) -> list[str]:
    """The sentences of the store that ``url`` names, else the configuration."""
    from hj212d.config import places
    from store.open import open_admin
    from store.timeseries import StoreUnavailable

    config = here.config({} if url is None else {"store.url": url})
    try:
        admin = open_admin(
            places.store_url(config, here.data),
            config.store,
            late_after_s=config.hub.late_after_s,
        )
        steps: dict[str, Callable[[], list[str]]] = {
            "init": admin.init,
            "check": admin.check,
            "migrate": admin.migrate,
        }
        return steps[what]()
    except ValueError as problem:
        raise Refusal(str(problem)) from problem
    except StoreUnavailable as problem:
        raise Refusal(str(problem), NO) from problem


def _say(name: str, sentences: list[str], as_json: bool, nothing: str) -> None:
    if as_json:
        print(json.dumps({name: sentences}, ensure_ascii=False))
        return
    for sentence in sentences or [nothing]:
        print(sentence)
