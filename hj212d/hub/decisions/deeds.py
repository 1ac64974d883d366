"""What every request on people's decisions is: done in the registry's thread, or by a command
itself when no daemon runs.

The same deed serves control socket, API and command line; each says in one sentence what is wrong
with it. Tests: tests/hub/decisions/test_deeds.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from hj212d.hub.commands.requests import Signed
from hj212d.hub.decisions.settings import ReviewSettings
from hj212d.hub.site_book import SiteBook
from hj212d.hub.times import parse
from store.registry.open import Registry

Fields = Mapping[str, Any]
Answer = dict[str, Any]


class Unknown(ValueError):
    """There is nothing of that name or number."""


class Terms(msgspec.Struct, frozen=True):
    """What a deed goes by. ``now``: aware, UTC."""

    sites: SiteBook
    review: ReviewSettings
    now: datetime


class Deed(Signed, kw_only=True):
    """One request; ``who`` does it."""

    def do(self, registry: Registry, terms: Terms) -> Answer:
        """What comes of it; blocks. ValueError, one sentence, when it cannot be done, Unknown when
        there is nothing to do it to; then nothing was changed."""
        raise NotImplementedError


def moment(name: str, wanted: Any) -> datetime:
    """A time in ISO 8601, Beijing time when it has no zone; ValueError names the field."""
    if isinstance(wanted, datetime):
        return wanted
    try:
        return parse(str(wanted).strip()).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{name} = {shown(wanted)}: expected a time such as 2026-01-31T08:00"
        ) from None


def text(name: str, wanted: Any, most: int = 200) -> str:
    """A text of one line or more; ValueError names the field."""
    if not isinstance(wanted, str) or len(wanted) > most or "\0" in wanted:
        raise ValueError(f"{name} = {shown(wanted)}: expected a text of {most} at the most")
    return wanted.strip()


def one_of(name: str, wanted: Any, choices: Sequence[str]) -> str:
    """One of some words; ValueError names the field."""
    if wanted not in choices:
        words = ", ".join(choice for choice in choices if choice)
        raise ValueError(f"{name} = {shown(wanted)}: expected one of {words}")
    return str(wanted)


def texts(name: str, wanted: Any) -> list[str]:
    """A list of texts, or a text with commas; ValueError names the field."""
    parts = wanted.replace(";", ",").split(",") if isinstance(wanted, str) else wanted
    if not isinstance(parts, Sequence) or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{name} = {shown(wanted)}: expected a list of texts")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def only(fields: Fields, known: Sequence[str], what: str) -> None:
    """Refuse a field that there is not: a misspelt one must not quietly mean nothing."""
    for name in fields:
        if name not in known:
            raise ValueError(f"{name}: {what} has no such field; there are {', '.join(known)}")


def shown(wanted: Any) -> str:
    """A value as sentences show it, on one line."""
    return msgspec.json.encode(wanted, enc_hook=str).decode()


def row(record: msgspec.Struct) -> Answer:
    """A record for showing, as it goes over the socket: moments in ISO 8601, UTC."""
    built: Answer = msgspec.json.decode(msgspec.json.encode(record))
    return built
