"""Answers to requests about keys and activation. A key itself is in no answer.

Tests: tests/hub/keys/test_keys_desk.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from twisted.internet.defer import inlineCallbacks

from hj212d.hub.commands.new_command import Refused
from hj212d.hub.devices import Devices
from hj212d.hub.keys import report
from hj212d.hub.keys.activation import ActivationService
from hj212d.hub.keys.requests import Activate, Activations, Keys
from hj212d.hub.keys.service import KeyService
from hj212d.hub.keys.tally import Tally
from hj212d.hub.slow_work import SlowWork
from hj212d.hub.stations import Stations
from hj212d.wire.settings import sm4_key
from store.registry.records import ActivationRecord, CommandRecord

Answer = dict[str, Any]
_ALL = 10_000_000


class KeysDesk:
    """Answers for the control socket and whoever else asks."""

    def __init__(
        self,
        reactor: Any,
        *,
        keys: KeyService,
        activation: ActivationService,
        tally: Tally,
        stations: Stations,
        devices: Devices,
        slow: SlowWork,
        now_us: Callable[[], int],
    ) -> None:
        self._reactor = reactor
        self._keys = keys
        self._activation = activation
        self._tally = tally
        self._stations = stations
        self._devices = devices
        self._slow = slow
        self._now_us = now_us

    def keys(self, request: Keys) -> Any:
        """The answer to ``keys``, or a Deferred of it; Refused, RegistryUnavailable."""
        match request.do:
            case "report":
                return self._slow.defer(self._reactor, lambda: self._report(request))
            case "rotate":
                return self._rotate(request)
            case "set":
                return self._set(request)
            case "history":
                return self._history(request)

    @inlineCallbacks
    def activations(self, request: Activations) -> Any:
        """The answer to ``activations``."""
        found = yield self._activation.asking(request.state, request.limit)
        return {"activations": [_activation(one) for one in found]}

    @inlineCallbacks
    def activate(self, request: Activate) -> Any:
        """The answer to ``activate``."""
        who = request.who or "control"
        if request.do == "dismiss":
            record = yield self._activation.dismiss(request.id, who)
            return {"activation": _activation(record)}
        record, why = yield self._activation.accept(request.id, request.mn, request.name, who)
        return {"activation": _activation(record), "not_sent": why}

    def _report(self, request: Keys) -> Answer:
        """In a thread: the rows that were asked for, and the summary of all."""
        now = datetime.fromtimestamp(self._now_us() / 1e6, UTC)
        if request.mn is not None:
            rows = [report.row(self._facts(request.mn, None), now, self._keys.settings)]
            return {"keys": rows}
        every = [report.row(facts, now, self._keys.settings) for facts in self._everybody()]
        behind = [one for one in every if one["mn"] > request.after]
        shown = behind[: request.limit]
        answer: Answer = {"keys": shown, "summary": report.summary(every)}
        answer["since"] = datetime.fromtimestamp(self._tally.since_us / 1e6, UTC)
        if len(behind) > len(shown):
            answer["next"] = shown[-1]["mn"]
        return answer

    def _everybody(self) -> Iterator[report.Facts]:
        mns = self._stations.mns_after("", _ALL)
        known = set(mns)
        rows = {row["mn"]: row for piece in self._stations.pieces(mns) for row in piece}
        more = {*self._keys.rings.rings, *self._tally.unreadable_mns()} - known
        for mn in sorted({*mns, *more}):
            yield self._facts(mn, rows.get(mn))

    def _facts(self, mn: str, station: Answer | None) -> report.Facts:
        record = self._devices.record(mn)
        keys = self._keys
        return report.Facts(
            mn,
            record.version,
            record.encrypt,
            station or self._stations.row(mn) or {"name": record.name},
            keys.rings.of(mn),
            keys.rings.uses.get(mn),
            self._tally.of(mn, self._now_us()),
            keys.changing(mn),
            keys.says.get(mn, ""),
        )

    @inlineCallbacks
    def _rotate(self, request: Keys) -> Any:
        who = request.who or "control"
        if request.mn is None:
            return {"due": self._keys.rotate_due()}
        record = yield self._keys.rotate(
            request.mn, who=who, why=f"asked for by {who}", fresh=request.fresh
        )
        return {"command": _command(record)}

    @inlineCallbacks
    def _set(self, request: Keys) -> Any:
        if not request.mn or not request.key:
            raise Refused("an MN and a key are needed")
        try:
            key = sm4_key(request.key)
        except ValueError as fault:
            # The fault's own text could hold a part of the key.
            raise Refused("an SM4 key is 32 hexadecimal digits or 16 characters") from fault
        ring = yield self._keys.set_key(request.mn, key, request.who or "control")
        return {"mn": request.mn, "keys": [report.history_row(one) for one in ring.keys]}

    @inlineCallbacks
    def _history(self, request: Keys) -> Any:
        if not request.mn:
            raise Refused("an MN is needed")
        found = yield self._keys.history(request.mn)
        return {"mn": request.mn, "keys": [report.history_row(one) for one in found]}


def _activation(record: ActivationRecord) -> Answer:
    return msgspec.structs.asdict(record)


def _command(record: CommandRecord) -> Answer:
    """What the sender of a key needs to know; neither frame nor arguments."""
    return {
        "id": record.id,
        "mn": record.mn,
        "state": record.state,
        "why": record.why,
        "expires_at": record.expires_at,
    }
