"""The frame of a command at the moment when it goes out: its QN, PW, key and time.

Tests: tests/hub/commands/test_command_service.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import inlineCallbacks

from hj212d.hub.commands.around import Knowing
from hj212d.hub.commands.book import Book
from hj212d.hub.commands.drawing_up import at_sending
from hj212d.hub.keys.policy import request_key
from hj212d.wire.requests import RequestSpec, build_request, qn_at
from store.registry.records import CommandRecord


class Maker:
    """Makes frames, no two of them with the same QN."""

    def __init__(self, book: Book, knowing: Knowing, now_us: Callable[[], int]) -> None:
        self._book = book
        self._knowing = knowing
        self._now_us = now_us
        self._last_qn = ""

    def used(self, qn: str) -> None:
        """A hub before this one gave this QN."""
        self._last_qn = max(self._last_qn, qn)

    @inlineCallbacks
    def make(self, record: CommandRecord, spec: RequestSpec) -> Any:
        """A Deferred of frame, QN and arguments as they go out; fails with NoKey, ValueError,
        RegistryUnavailable."""
        password = yield self._knowing.password(record.mn)
        keys = (yield self._book.keys(record.mn)) if spec.encrypted else []
        now_us = self._now_us()
        args = at_sending(spec, {**record.args, **record.secret_args}, now_us)
        qn = self._last_qn = qn_at(now_us, self._last_qn)
        raw = build_request(
            spec,
            version=record.version,
            qn=qn,
            st=record.st,
            pw=password,
            mn=record.mn,
            args=args,
            key=request_key(
                encrypted=spec.encrypted,
                version=record.version,
                encrypt=self._knowing.facts(record.mn).encrypt,
                keys=keys,
                cn=spec.cn,
            ),
        )
        return raw, qn, args
