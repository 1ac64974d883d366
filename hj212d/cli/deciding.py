"""People's decisions for the commands: done by the running daemon, so that it goes by them at
once, or in the registry itself when none runs.

Every failure becomes a `Refusal`. Tests: tests/cli/test_site_command.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from hj212d.cli.answers import Answers, NoDaemonRuns, refused
from hj212d.cli.here import Here
from hj212d.cli.own_registry import heard_sts, own_registry, sites_of, somebody
from hj212d.cli.refusal import NO, Refusal

if TYPE_CHECKING:
    from hj212d.hub.decisions.deeds import Deed, Terms
    from store.registry.open import Registry

Answer = dict[str, Any]

_AT_ONCE = 2000


def decide(here: Here, deed: type[Deed], **said: Any) -> Answer:
    """What comes of a deed."""
    answers = Answers(here)
    try:
        with refused():
            return answers.client.call(str(deed.__struct_config__.tag), **said)
    except NoDaemonRuns:
        with own_registry(here) as registry:
            return _done(here, registry, deed(**said, who=somebody()))


def sites(here: Here, **asked: Any) -> list[Answer]:
    """Rows of all sites in force, in order of MN; ``asked``: medium, region."""
    from hj212d.hub.decisions.site_deeds import Sites

    answers = Answers(here)

    def by_daemon(after: str) -> Answer:
        return answers.client.call("sites", after=after, limit=_AT_ONCE, **asked)

    try:
        with refused():
            return list(_pages(by_daemon))
    except NoDaemonRuns:
        with own_registry(here) as registry:
            terms = _terms(here, registry)
            deeds = Sites(**asked)

            def by_ourselves(after: str) -> Answer:
                return msgspec.structs.replace(deeds, after=after).do(registry, terms)

            return list(_pages(by_ourselves))


def decide_many(here: Here, deed: type[Deed], **said: Any) -> Answer:
    """The same for a long list: written into the registry itself; a daemon that runs is told."""
    with own_registry(here) as registry:
        answer = _done(here, registry, deed(**said, who=somebody()))
    try:
        with refused():
            Answers(here).client.call("registry_look")
    except NoDaemonRuns:
        pass
    return answer


def _pages(ask: Callable[[str], Answer]) -> Iterator[Answer]:
    after: str | None = ""
    while after is not None:
        page = ask(after)
        yield from page["sites"]
        after = page.get("next")


def _terms(here: Here, registry: Registry) -> Terms:
    from hj212d.hub.decisions.deeds import Terms

    config = here.config()
    book = sites_of(config, registry, _heard(here))
    return Terms(book, config.review, datetime.now(UTC))


def _done(here: Here, registry: Registry, deed: Deed) -> Answer:
    try:
        return deed.do(registry, _terms(here, registry))
    except ValueError as problem:
        raise Refusal(str(problem), NO) from problem


def _heard(here: Here) -> Callable[[str], str]:
    """MN -> ST as the store knows it; "" where there is no store, or a daemon holds it. Opened
    when somebody asks: few do."""

    @cache
    def known() -> Callable[[str], str]:
        try:
            with Answers(here).store() as store:
                return heard_sts(store)
        except Refusal:
            return lambda _: ""

    return lambda mn: known()(mn)
