"""Routes of the API about bulletins: /api/bulletins, /api/bulletin.

Tests: tests/hub/bulletins/test_bulletin_api.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, Protocol

import msgspec
from flask import Blueprint, Response, g, request
from msgspec import Meta

from admin.api_answers import Said, body_as, converted, json_answer
from admin.source import Row

Kind = Literal["hour", "day", "ranking"]


class BulletinsWindow(Protocol):
    """Who publishes. May block, but not for long; raises :class:`admin.source.NotAvailable`, or
    :class:`admin.commands.Declined` for a question that makes no sense."""

    def bulletins(self, asked: Row) -> Row:
        """{"bulletins"}, the last published first."""

    def bulletin(self, asked: Row) -> Row:
        """{"bulletin", "versions"}; bulletin None: there is none."""

    def publish(self, asked: Row, who: str) -> Row:
        """Begin to publish a span by hand."""


class _Listing(msgspec.Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """Query of GET /api/bulletins; times in ISO 8601, Beijing time where no zone is given."""

    kind: Kind | None = None
    place: str | None = None
    start: str | None = None
    end: str | None = None
    versions: bool = False
    before_id: int | None = None
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 100


class _One(msgspec.Struct, forbid_unknown_fields=True):
    """Query of GET /api/bulletin; ``start`` of the period; ``version`` 0: the newest."""

    kind: Kind
    place: str
    start: str
    version: Annotated[int, Meta(ge=0)] = 0


class _Span(msgspec.Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """Body of POST /api/bulletins."""

    kind: Kind
    start: str
    end: str


def routes(window: BulletinsWindow) -> Callable[[Blueprint], None]:
    """What adds the routes to the API's blueprint."""

    def add(pages: Blueprint) -> None:
        @pages.get("/bulletins")
        def bulletins() -> Response:
            asked = converted(dict(request.args), _Listing)
            return json_answer(window.bulletins(msgspec.structs.asdict(asked)))

        @pages.get("/bulletin")
        def bulletin() -> Response:
            asked = converted(dict(request.args), _One)
            found = window.bulletin(msgspec.structs.asdict(asked))
            if found["bulletin"] is None:
                raise Said(404, f"there is no such bulletin of {asked.place}")
            return json_answer(found)

        @pages.post("/bulletins")
        def publish() -> Response:
            asked = body_as(_Span)
            return json_answer(window.publish(msgspec.structs.asdict(asked), g.who), 202)

    return add
