"""Answers to the requests about bulletins, for the control socket and the API.

The functions below the class need a registry and nothing else: commands use them when no hub
runs. Tests: tests/hub/bulletins/test_bulletin_desk.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from hj212d.hub.bulletins.requests import Bulletin, BulletinPublish, Bulletins
from hj212d.hub.bulletins.service import BulletinService
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.times import iso, microseconds, parse
from store.registry.bulletins import Published
from store.registry.decisions import BulletinRecord
from store.registry.open import Registry

Row = dict[str, Any]


class BulletinDesk:
    """Reads the book in the registry's thread, and has the service publish."""

    _log = Logger()

    def __init__(self, registry: RegistryService, service: BulletinService) -> None:
        self._registry = registry
        self._service = service

    def bulletins(self, request: Bulletins) -> Deferred[Row]:
        """Rows of the book. ValueError, RegistryUnavailable."""
        return self._registry.call(found, request)

    def bulletin(self, request: Bulletin) -> Deferred[Row]:
        """One of them, with its versions. ValueError, RegistryUnavailable."""
        return self._registry.call(one, request)

    def publish(self, request: BulletinPublish) -> Deferred[Row]:
        """How many are new. ValueError, Busy, StoreUnavailable, RegistryUnavailable."""
        span = microseconds(parse(request.start)), microseconds(parse(request.end))

        def told(done: Published) -> Row:
            self._log.info(
                "event=published_by_hand who={who} kind={kind} start={start} end={end}",
                who=request.who,
                kind=request.kind,
                start=request.start,
                end=request.end,
            )
            return {"published": done.first, "corrections": done.corrections}

        return self._service.publish(request.kind, *span).addCallback(told)


def found(registry: Registry, request: Bulletins) -> Row:
    """What of the book is asked for, newest first."""
    records = registry.bulletins.list(
        request.kind,
        request.place,
        _moment(request.start),
        _moment(request.end),
        not request.versions,
        request.limit,
        request.before_id,
    )
    return {"bulletins": [shown(record) for record in records]}


def one(registry: Registry, request: Bulletin) -> Row:
    """{"bulletin", "versions"}; bulletin None: there is none."""
    start = parse(request.start).replace(tzinfo=UTC)
    behind = start + timedelta(microseconds=1)
    its = registry.bulletins.list(request.kind, request.place, start, behind)
    wanted = [record for record in its if request.version in (0, record.version)]
    return {
        "bulletin": shown(wanted[0]) if wanted else None,
        "versions": [
            {name: value for name, value in shown(record).items() if name != "content"}
            for record in its
        ],
    }


def shown(record: BulletinRecord) -> Row:
    """A bulletin as answers have it; moments in ISO 8601, UTC."""
    return {
        "id": record.id,
        "kind": record.kind,
        "place": record.place,
        "start": _iso(record.start),
        "version": record.version,
        "correction": record.correction,
        "as_of": _iso(record.as_of),
        "published_at": _iso(record.published_at),
        "content": msgspec.json.decode(record.content),
    }


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse(text).replace(tzinfo=UTC)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(microseconds(moment))
