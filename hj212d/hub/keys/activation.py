"""Activation of new devices: who asks for an MN (CN 1001), and giving them one (CN 1002).

What was accepted is durable before anything is sent, and is sent again whenever the same serial
numbers ask again, on whatever link, until the device says that it has the MN or speaks under it
(HJ 212-2025, C.1-C.3). Anybody may ask, so each step is bounded. Event loop only.
Tests: tests/hub/keys/test_activation.py.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from twisted.internet.defer import Deferred, DeferredList, inlineCallbacks
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.ear import Heard
from hj212d.hub.commands.service import CommandService, NewCommand, Refused
from hj212d.hub.keys.settings import KeysSettings
from hj212d.hub.registry_service import RegistryService
from hj212d.wire.activation import LOGGER_ID, NOTICE, serials
from hj212d.wire.version import V2025
from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry
from store.registry.records import ActivationRecord, CommandRecord, DeviceRecord

SET_MN = "1002"
NEW_A_SECOND = 10.0  # serial numbers that nobody knows; of more, some are not noted
NOTED_AGAIN_US = 60_000_000  # the same device, on the same link
REMEMBERED = 10_000

_MN = re.compile(r"[0-9A-Za-z_-]{1,64}")


class _Noted(msgspec.Struct):
    """A device that asked: its number in the registry, when and where that was written."""

    id: int
    at_us: int
    link: int


class _Header(msgspec.Struct, frozen=True):
    """What a request to it must carry: as in its notice."""

    st: str
    pw: str


class ActivationService:
    """Knows who asks, and gives MNs.

    ``taken``: whether an MN is in use; ``speaks``: whether it is on a link now; ``peer_of``:
    address of a link on which an MN (or none) spoke, "" when it is not known.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        registry: RegistryService,
        commands: CommandService,
        taken: Callable[[str], bool],
        speaks: Callable[[str], bool],
        peer_of: Callable[[str, int], str],
        settings: KeysSettings,
        now_us: Callable[[], int],
    ) -> None:
        self.settings = settings
        self.not_noted = 0
        self._registry = registry
        self._commands = commands
        self._taken = taken
        self._speaks = speaks
        self._peer_of = peer_of
        self._now_us = now_us
        self._noted: OrderedDict[tuple[tuple[str, str], ...], _Noted] = OrderedDict()
        self._headers: OrderedDict[int, _Header] = OrderedDict()  # by activation
        self._accepted: dict[str, int] = {}  # new MN -> activation
        self._sending: set[str] = set()
        self._room = NEW_A_SECOND
        self._room_at_us = now_us()
        registry.opened.append(self.load)
        commands.finished.append(self._finished)
        commands.ear.listeners.append(self._heard)

    def load(self) -> None:
        """Read what was accepted and is not done."""
        found = self._registry.call(_accepted)
        found.addCallbacks(self._loaded, self._fault)

    def asking(self, state: str, limit: int) -> Deferred[list[ActivationRecord]]:
        """Who asked, the latest heard first."""
        return self._registry.call(
            lambda registry: registry.activations.list(state or None, limit)
        )

    @inlineCallbacks
    def accept(self, id_: int, mn: str, name: str, who: str) -> Any:
        """Give a device its MN; fires with the record once that is durable, and with why it could
        not be sent at once, "" when it was. Refused."""
        if not _MN.fullmatch(mn):
            raise Refused("an MN has letters, digits, _ and -, 24 of them as the standard has it")
        if self._accepted.get(mn, id_) != id_ or (mn not in self._accepted and self._taken(mn)):
            raise Refused(f"the MN {mn} is in use")
        record = yield self._registry.call(_accept, id_, mn, name, who)
        self._accepted[mn] = id_
        why = yield self._send(record, who)
        return record, why

    @inlineCallbacks
    def dismiss(self, id_: int, who: str) -> Any:
        """Hear a device no more; fires with the record. Refused."""
        record = yield self._registry.call(_dismiss, id_, who)
        self._accepted.pop(record.new_mn, None)
        return record

    def identified(self, mn: str) -> None:
        """An MN speaks: one that was given away has arrived."""
        if mn in self._accepted:
            self._done(mn)

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {"accepted": len(self._accepted), "not_noted": self.not_noted}

    def _loaded(self, accepted: dict[str, int]) -> None:
        self._accepted = accepted
        for mn in [mn for mn in accepted if self._speaks(mn)]:
            self._done(mn)

    def _heard(self, heard: list[Heard]) -> Deferred[Any] | None:
        waiting = []
        for one in heard:
            if one.frame.ok and one.frame.mn in self._accepted and one.frame.cn != NOTICE:
                self._done(one.frame.mn)
            told = serials(one.frame)
            if told:
                noting = self._note(told, one)
                if noting is not None:
                    waiting.append(noting)
        return DeferredList(waiting) if waiting else None

    def _note(self, told: dict[str, str], heard: Heard) -> Deferred[Any] | None:
        identity = tuple(sorted(told.items()))
        known = self._noted.get(identity)
        if known is not None:
            fresh = heard.received_us - known.at_us < NOTED_AGAIN_US
            if known.link == heard.link and fresh:
                return None
        elif not self._may_note():
            self.not_noted += 1
            return None
        written: Deferred[ActivationRecord] = self._registry.call(
            _seen,
            told,
            heard.frame.mn,
            heard.link,
            self._peer_of(heard.frame.mn, heard.link),
            _moment(heard.received_us),
            self.settings.max_waiting,
        )
        written.addCallback(self._seen, identity, heard)
        return written.addErrback(self._fault)

    def _may_note(self) -> bool:
        now_us = self._now_us()
        passed_s = max(0, now_us - self._room_at_us) / 1e6
        self._room = min(NEW_A_SECOND, self._room + passed_s * NEW_A_SECOND)
        self._room_at_us = now_us
        if self._room < 1.0:
            return False
        self._room -= 1.0
        return True

    def _seen(
        self, record: ActivationRecord, identity: tuple[tuple[str, str], ...], heard: Heard
    ) -> Any:
        if identity not in self._noted:
            self._log.info("event=activation_asked id={id} peer={peer}", id=record.id,
                           peer=record.peer)  # fmt: skip
        self._noted[identity] = _Noted(record.id, heard.received_us, heard.link)
        self._noted.move_to_end(identity)
        self._headers[record.id] = _Header(heard.frame.st, heard.frame.pw)
        self._headers.move_to_end(record.id)
        for memory in (self._noted, self._headers):
            if len(memory) > REMEMBERED:
                memory.popitem(last=False)
        if record.state == "waiting" and record.new_mn:
            return self._send(record, record.who)
        return None

    @inlineCallbacks
    def _send(self, record: ActivationRecord, who: str) -> Any:
        """Send an accepted device its MN over the link on which it was last heard; why that was
        not possible, "" when it is on its way."""
        mn = record.new_mn
        if mn in self._sending:
            return ""
        self._sending.add(mn)
        header = self._headers.get(record.id)
        try:
            if header is not None:
                self._commands.saw_password(mn, header.pw)
                yield self._registry.call(_set_st, mn, header.st)
            yield self._commands.submit(
                NewCommand(
                    mn=mn,
                    name="set-mn",
                    version=V2025,
                    args={"MN": mn, f"{LOGGER_ID}-Info": record.serials.get(LOGGER_ID, "")},
                    origin="keys",
                    who=who,
                    link=record.link,
                    expires_s=60.0,
                    priority=1,
                    queue=False,
                )
            )
        except (Refused, RegistryUnavailable) as problem:
            self._sending.discard(mn)
            return str(problem)
        return ""

    def _finished(self, record: CommandRecord) -> None:
        if record.cn != SET_MN:
            return
        self._sending.discard(record.mn)
        if record.state == "done" and record.mn in self._accepted:
            self._done(record.mn)

    def _done(self, mn: str) -> None:
        """It has its MN."""
        id_ = self._accepted.pop(mn)
        self._log.info("event=activated id={id} mn={mn}", id=id_, mn=mn)
        self._registry.call(_activated, id_, mn).addErrback(self._fault)

    def _fault(self, failure: Failure) -> None:
        """The registry is away: the device asks again."""
        self._log.warn("event=activation_not_written error={error}",
                       error=failure.getErrorMessage())  # fmt: skip


# Steps in the registry's thread, each one transaction.


def _accepted(registry: Registry) -> dict[str, int]:
    waiting = registry.activations.list("waiting", 100_000)
    return {one.new_mn: one.id for one in waiting if one.new_mn}


def _seen(
    registry: Registry,
    serials: dict[str, str],
    mn: str,
    link: int,
    peer: str,
    at: datetime,
    most: int,
) -> ActivationRecord:
    return registry.activations.seen(serials, mn, link, peer, at, most)


def _accept(registry: Registry, id_: int, mn: str, name: str, who: str) -> ActivationRecord:
    """Registered at once: the device's first frames under its new MN are welcome."""
    with registry.together():
        record = _known(registry, id_)
        if record.state == "activated":
            raise Refused(f"number {id_} has its MN already: {record.new_mn}")
        if LOGGER_ID not in record.serials:
            raise Refused(f"number {id_} did not tell its {LOGGER_ID}, by which CN 1002 names it")
        device = registry.devices.get(mn)
        if device is not None and record.new_mn != mn:
            raise Refused(f"the MN {mn} is in use")
        if record.new_mn and record.new_mn != mn:
            registry.devices.remove(record.new_mn, who)
        kept = device or DeviceRecord(mn)
        named = msgspec.structs.replace(kept, name=name or kept.name, version="2025")
        registry.devices.put(named, who)
        registry.activations.decide(id_, "waiting", mn, who)
        return _known(registry, id_)


def _set_st(registry: Registry, mn: str, st: str) -> None:
    """Requests go out with the ST of the device's notice."""
    device = registry.devices.get(mn)
    if device is not None and st and not device.st:
        registry.devices.put(msgspec.structs.replace(device, st=st), "activation")


def _dismiss(registry: Registry, id_: int, who: str) -> ActivationRecord:
    with registry.together():
        record = _known(registry, id_)
        if record.state == "activated":
            raise Refused(f"number {id_} has its MN already: {record.new_mn}")
        if record.new_mn and registry.devices.get(record.new_mn) is not None:
            registry.devices.remove(record.new_mn, who)
        registry.activations.decide(id_, "dismissed", "", who)
        return record


def _activated(registry: Registry, id_: int, mn: str) -> None:
    record = _known(registry, id_)
    registry.activations.decide(id_, "activated", mn, record.who)


def _known(registry: Registry, id_: int) -> ActivationRecord:
    record = registry.activations.get(id_)
    if record is None:
        raise Refused(f"there is no activation {id_}")
    return record


def _moment(moment_us: int) -> datetime:
    return datetime.fromtimestamp(moment_us / 1e6, UTC)
