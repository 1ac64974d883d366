"""Requests of the control socket about bulletins.

Tests: tests/hub/bulletins/test_bulletin_desk.py.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hj212d.hub.commands.requests import Signed
from hj212d.hub.requests import Request
from store.registry.decisions import BulletinKind


class Bulletins(Request):
    """Bulletins, the last published first; bounds are on the start of the period, end not
    included. ``versions``: all of them, else the newest of each period."""

    kind: BulletinKind | None = None
    place: str | None = None
    start: str | None = None
    end: str | None = None
    versions: bool = False
    before_id: int | None = None
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 100


class Bulletin(Request):
    """One bulletin with all its versions; ``version`` 0: the newest."""

    kind: BulletinKind
    place: str
    start: str
    version: Annotated[int, Meta(ge=0)] = 0


class BulletinPublish(Signed, tag="bulletin_publish", kw_only=True):
    """Publish now all whole periods of a span that are over, however old."""

    kind: BulletinKind
    start: str
    end: str
