"""Requests on alerts for the commands: done by the running daemon, or in the registry itself when
none runs.

Every failure becomes a `Refusal`. Tests: tests/cli/test_rule_command.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from hj212d.cli.answers import Answers, NoDaemonRuns, refused
from hj212d.cli.here import Here
from hj212d.cli.own_registry import own_registry, sites_of, somebody
from hj212d.cli.refusal import NO, Refusal

if TYPE_CHECKING:
    from hj212d.hub.alert_desk.deeds import AlertDeed, DeskTerms
    from store.registry.open import Registry

Answer = dict[str, Any]


def ask(here: Here, deed: type[AlertDeed], **said: Any) -> Answer:
    """What comes of a deed; its warnings go to standard error."""
    try:
        with refused():
            answer = Answers(here).client.call(str(deed.__struct_config__.tag), **said)
    except NoDaemonRuns:
        answer = ask_ourselves(here, deed, **said)
    for sentence in answer.get("warnings", ()):
        click.echo(f"hj212d: {sentence}", err=True)
    return answer


def ask_ourselves(here: Here, deed: type[AlertDeed], **said: Any) -> Answer:
    """The same in the registry itself, also for what is too long for the control socket."""
    import msgspec

    from hj212d.hub.alert_desk.deeds import carried_out

    with own_registry(here) as registry:
        try:
            asked = deed(**said, who=somebody())
            done = carried_out(asked, registry, own_terms(here, registry))
        except ValueError as problem:
            raise Refusal(str(problem), NO) from problem
    built: Answer = msgspec.json.decode(msgspec.json.encode(done))
    return built


def own_terms(here: Here, registry: Registry) -> DeskTerms:
    """What deeds go by where no daemon runs."""
    from hj212d.hub.alert_desk.terms import desk_terms
    from hj212d.hub.alerts.places import SitePlaces
    from hj212d.hub.notify.assembly import make_wording

    config = here.config()
    sites = sites_of(config, registry, lambda _: "")
    return desk_terms(
        datetime.now(UTC),
        sites,
        SitePlaces(sites, lambda: config.quality.regions),
        config.alerts,
        make_wording(config.notify).render,
    )


def show_list(
    rows: Iterable[Answer],
    columns: tuple[str, ...],
    cells: Callable[[Answer], Iterable[object]],
    as_json: bool,
    right: tuple[str, ...] = (),
) -> None:
    """Rows as a table, or one JSON object a line."""
    from hj212d.cli.decision_text import print_json
    from hj212d.cli.tables import print_table

    if as_json:
        print_json(rows)
    else:
        print_table(columns, (list(cells(row)) for row in rows), right=right)


def show_one(thing: Answer, lines: Callable[[Answer], Iterable[str]], as_json: bool) -> None:
    """One thing as lines, or as one JSON object."""
    from hj212d.cli.decision_text import print_json

    if as_json:
        print_json([thing])
        return
    for line in lines(thing):
        click.echo(line)


def say_next(answer: Answer) -> None:
    """That there is more, and how to see it."""
    if answer.get("next"):
        click.echo(f"more: --before {answer['next']}", err=True)
