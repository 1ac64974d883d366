"""Keys of instruments while the hub runs: changes them when it is time, and believes the frames.

The order is what makes a change safe (rotation.py says why): pending in the registry, known to
the workers, then the request. What a crash leaves is settled at the next start (keyring.py).
Event loop only. Tests: tests/hub/keys/test_key_service.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, inlineCallbacks, succeed
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.ear import Heard
from hj212d.hub.commands.service import CommandService, NewCommand, Refused
from hj212d.hub.keys import keyring
from hj212d.hub.keys.downlink import key_in
from hj212d.hub.keys.due import Due
from hj212d.hub.keys.keyring import Opened, Pending
from hj212d.hub.keys.policy import SET_KEY
from hj212d.hub.keys.rings import Rings
from hj212d.hub.keys.rotation import (
    Change,
    Ring,
    Use,
    named,
    opened,
    promoted,
    wire_key,
    wire_time,
)
from hj212d.hub.keys.settings import KeysSettings
from hj212d.hub.keys.tally import Tally
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.routes import Routes
from hj212d.wire.settings import DeviceSettings
from hj212d.wire.unseal import key_of
from hj212d.wire.version import V2025
from store.registry.records import OPEN_COMMANDS, CommandRecord, KeyRecord

TICK_S = 5.0
TOLD_S = 0.05
ASK_GAP_S = 3600.0  # between two keys that a device gets because it asked
ASK_AGE_S = 600.0  # a request that was heard later than this is forgotten

Configured = Callable[[], Mapping[str, Sequence[bytes]]]


class KeyService(Service):
    """Owner of all rings. ``loaded``: whether the registry has been read."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        registry: RegistryService,
        commands: CommandService,
        routes: Routes,
        tally: Tally,
        configured: Configured,
        all_told: Callable[[], bool],
        heard_of: Callable[[str], bool],
        settings: KeysSettings,
        now_us: Callable[[], int],
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """``configured``: the keys of the configuration, newest first, by MN. ``all_told``:
        whether the workers were told all that is known of the devices. ``heard_of``: whether
        ST and version of an MN are known, so that a request can be written."""
        self.settings = settings
        self.loaded = False
        self.rings = Rings(commands.ear, settings)
        self.pending: dict[str, Pending] = {}
        self.says: dict[str, str] = {}  # MN -> SKCreateTime of a key that nobody here knows
        self.changes_total = 0
        self.faults = 0
        self._reactor = reactor
        self._registry = registry
        self._commands = commands
        self._routes = routes
        self._configured = configured
        self._all_told = all_told
        self._heard_of = heard_of
        self._now_us = now_us
        self._random = random_bytes
        self._changing: dict[str, int] = {}  # MN -> command, 0: about to be one
        self._asked: dict[str, datetime] = {}
        self._before_load: list[Deferred[Any]] = []
        self._ended_unseen: set[int] = set()  # commands that ended while the rings were read
        self._applying: set[str] = set()
        self._due = Due(self, tally=tally, reachable=self._there, now_us=now_us)
        self._tick_call: Any = None
        registry.opened.append(self.load)
        commands.finished.append(self._finished)
        commands.ear.listeners.append(self._heard)

    def startService(self) -> None:
        """Begin to look at the clock."""
        Service.startService(self)
        self._tick_call = self._reactor.callLater(TICK_S, self._tick)

    def stopService(self) -> None:
        """Change no more keys."""
        Service.stopService(self)
        if self._tick_call is not None and self._tick_call.active():
            self._tick_call.cancel()

    def reload(self, settings: KeysSettings) -> None:
        """Other settings from now on, and keys that are new in the configuration."""
        self.settings = self.rings.settings = settings
        self._due.pace.per_hour = settings.per_hour
        self.load()

    def read_again(self) -> None:
        """Read all rings once more, when the registry was read anew."""
        if self.loaded:
            self.load()

    def load(self) -> None:
        """Read all rings, at the start and when the registry can be used again."""
        found = self._registry.call(keyring.open_rings, self._configured(), self._now())
        found.addCallbacks(self._loaded, self._unavailable)

    def keys_changed(self, devices: Sequence[DeviceSettings]) -> None:
        """Devices are different now; where somebody else changed their keys, read them anew."""
        for one in devices:
            known = {key.key.hex() for key in self.rings.of(one.mn).keys}
            if self.loaded and (len(one.keys) > len(known) or not known.issubset(one.keys)):
                found = self._registry.call(keyring.read, one.mn)
                found.addCallback(self._read_anew, one.mn).addErrback(self._fault)

    def _read_anew(self, ring: Ring, mn: str) -> None:
        self.rings.take(mn, ring)
        if ring.pending is None:
            self.pending.pop(mn, None)

    def changing(self, mn: str) -> int | None:
        """The command that changes the key of a device just now; None: none."""
        return self._changing.get(mn)

    @inlineCallbacks
    def rotate(
        self, mn: str, *, who: str, why: str, fresh: bool = False, queue: bool = True
    ) -> Any:
        """Send a device a new key; fires with the command's record. Refused, or
        RegistryUnavailable.

        A key that is pending already is sent once more, because the device may have taken it;
        ``fresh`` makes another.
        """
        self._check(mn)
        self._changing[mn] = 0
        try:
            ring = self.rings.of(mn)
            if ring.pending is None or fresh:
                ring = yield self._registry.call(
                    keyring.add_pending,
                    mn,
                    self.settings.form,
                    self._random,
                    self._now(),
                    why,
                    who,
                )
                self.rings.take(mn, ring)
                self.pending[mn] = Pending()
            while not self._all_told():
                yield deferLater(self._reactor, TOLD_S, lambda: None)
            new = self.rings.of(mn).pending
            assert new is not None
            record = yield self._commands.submit(self._request(mn, new, who, queue))
        except BaseException:
            del self._changing[mn]
            raise
        self._log.info(
            "event=key_sent mn={mn} command={id} why={why}", mn=mn, id=record.id, why=why
        )
        if record.state in OPEN_COMMANDS:
            self._changing[mn] = record.id
        else:
            self._finished(record)
        return record

    @inlineCallbacks
    def set_key(self, mn: str, key: bytes, who: str) -> Any:
        """The key that a device has, as people know it; fires when it is in force everywhere."""
        ring = yield self._registry.call(
            keyring.set_current, mn, key, self._now(), f"set by {who}", who
        )
        self.rings.take(mn, ring)
        self.pending.pop(mn, None)
        return ring

    def history(self, mn: str) -> Deferred[list[KeyRecord]]:
        """All keys of a device, retired ones too, newest first."""
        return self._registry.call(lambda registry: registry.keys.of(mn))

    def rotate_due(self) -> int:
        """How many keys are due; they are changed one by one, at the set pace."""
        self.rings.gather_due(self._now())
        return len(self.rings.overdue)

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {
            "devices": len(self.rings.rings),
            "changing": len(self._changing),
            "pending": len(self.pending),
            "due": len(self.rings.overdue),
            "watched": len(self.rings.watched),
            "changes_total": self.changes_total,
            "faults": self.faults,
        }

    # What is known.

    def _loaded(self, found: Opened) -> None:
        if any(one.open_id in self._ended_unseen for one in found.pending.values()):
            self._ended_unseen.clear()
            self.load()
            return
        self._ended_unseen.clear()
        self.pending = dict(found.pending)
        under_way = {mn: one.open_id for mn, one in found.pending.items() if one.open_id}
        self._changing = {mn: id_ for mn, id_ in self._changing.items() if id_ == 0} | under_way
        self.rings.replace(found.rings)
        self.loaded = True
        waiting, self._before_load = self._before_load, []
        for later in waiting:
            later.callback(None)

    def _unavailable(self, problem: Failure) -> None:
        """It calls again once it is open."""
        self._log.warn("event=keys_unread error={error}", error=problem.getErrorMessage())

    def _apply(self, mn: str, changes: Sequence[Change]) -> Deferred[Any]:
        """Write changes. While others of this device are being written they wait for the next
        frame, which says it again."""
        if not changes or mn in self._applying:
            return succeed(None)
        self._applying.add(mn)
        done = self._registry.call(keyring.apply, mn, changes, self._now())
        done.addBoth(self._no_longer_applying, mn)
        return done.addCallback(lambda ring: self._applied(mn, ring, changes))

    def _no_longer_applying(self, result: Any, mn: str) -> Any:
        self._applying.discard(mn)
        return result

    def _applied(self, mn: str, ring: Ring, changes: Iterable[Change]) -> None:
        self.rings.take(mn, ring)
        if ring.pending is None:
            self.pending.pop(mn, None)
        else:
            self.pending.setdefault(mn, Pending())
        for one in changes:
            self.changes_total += one.state == "current"
            self._log.info(
                "event=key_{state} mn={mn} key={key} why={why}",
                state=one.state, mn=mn, key=wire_time(one.created_at, "14"), why=one.why,
            )  # fmt: skip

    # What is heard.

    def _heard(self, heard: list[Heard]) -> Deferred[Any] | None:
        if not self.loaded:  # the ear waits, so that nothing is heard too early
            later: Deferred[Any] = Deferred()
            self._before_load.append(later)
            return later.addCallback(lambda _: self._heard(heard))
        waiting = []
        for one in heard:
            mn, frame = one.frame.mn, one.frame
            if mn not in self.rings.rings or not frame.ok:
                continue
            if frame.encrypted and mn in self.rings.watched:
                waiting.append(self._opened(mn, one))
            if frame.cn == SET_KEY and "NewSK" not in frame.cp:
                self._asks(mn, one)
        return DeferredList(waiting) if waiting else None

    def _opened(self, mn: str, heard: Heard) -> Deferred[Any]:
        ring = self.rings.of(mn)
        key = key_of(heard.frame, (one.key for one in ring.keys))
        if key is None:
            return succeed(None)
        use = self.rings.uses.setdefault(mn, Use())
        use.note(key, _moment(heard.received_us))
        return self._apply(mn, opened(ring, use)).addErrback(self._fault)

    def _asks(self, mn: str, heard: Heard) -> None:
        """A device wants a new key, and says which one it has."""
        has = heard.frame.cp.get("SKCreateTime", "")
        if has and named(self.rings.of(mn).keys, has) is None:
            self.says[mn] = has
        else:
            self.says.pop(mn, None)
        now, at = self._now(), _moment(heard.received_us)
        last = self._asked.get(mn)
        if (
            not self.settings.answer_requests
            or mn in self._changing
            or now - at > timedelta(seconds=ASK_AGE_S)
            or (last is not None and now - last < timedelta(seconds=ASK_GAP_S))
        ):
            return
        self._asked[mn] = now
        self._try(mn, "the device asked")

    def _finished(self, record: CommandRecord) -> None:
        mn = record.mn
        if record.cn != SET_KEY:
            return
        if record.origin != "keys":
            self._set_by_another(record)
            return
        self._ended_unseen.add(record.id)  # a reading that is under way may not know it
        was_changing = self._changing.get(mn) in (0, record.id)
        if was_changing:
            del self._changing[mn]
        ring = self.rings.of(mn)
        key = next((one for one in ring.keys if keyring.carries(record, one)), None)
        if key is None or not self.loaded:
            return
        current = ring.current
        if record.state == "done":  # maybe long after it was given up, and newer keys were sent
            if current is None or key.created_at > current.created_at:
                self._apply(mn, promoted(ring, key, "the device said so")).addErrback(self._fault)
        elif key.state == "pending" and was_changing:
            tried = self.pending.get(mn, Pending()).tried + 1
            self.pending[mn] = Pending(0, tried, self._now())

    def _set_by_another(self, record: CommandRecord) -> None:
        """A superior platform gave the device a key, through us: it is ours to know, too."""
        keys = tuple(key.key for key in self.rings.of(record.mn).keys)
        new = key_in(record.raw, keys) if record.state == "done" else None
        if new is not None:
            self.set_key(record.mn, new, record.origin).addErrback(self._fault)

    # What is to be done.

    def _tick(self) -> None:
        self._tick_call = self._reactor.callLater(TICK_S, self._tick)
        if not self.loaded:
            return
        for mn, change in self._due.proofs():
            self._apply(mn, [change]).addErrback(self._fault)
        for mn, changes in self._due.retirements():
            self._apply(mn, changes).addErrback(self._fault)
        for mn, why in self._due.to_send():
            self._try(mn, why)

    def _there(self, mn: str) -> bool:
        return self._routes.route(mn) is not None and self._heard_of(mn)

    def _try(self, mn: str, why: str) -> None:
        self.rotate(mn, who="keys", why=why, queue=False).addErrback(self._not_rotated, mn)

    def _not_rotated(self, failure: Failure, mn: str) -> None:
        if mn in self.pending:
            tried = self.pending[mn].tried + 1
            self.pending[mn] = Pending(0, tried, self._now())
        elif self.rings.is_due(mn, self._now()):
            self.rings.overdue[mn] = None
        if failure.check(Refused) is None:
            self._fault(failure)
        else:
            sentence = failure.getErrorMessage()
            self._log.info("event=key_not_sent mn={mn} why={why}", mn=mn, why=sentence)

    def _check(self, mn: str) -> None:
        if not self.loaded:
            raise Refused("the registry has not been read yet")
        if mn in self._changing:
            raise Refused(f"a change of the key of {mn} is under way")
        if self.rings.of(mn).current is None:
            raise Refused(
                f"{mn} has no key under which a new one could be sent; "
                "set the one that it has: hj212d keys set"
            )

    def _request(self, mn: str, new: KeyRecord, who: str, queue: bool) -> NewCommand:
        return NewCommand(
            mn=mn,
            name="set-key",
            version=V2025,
            args={
                "SKCreateTime": wire_time(new.created_at, self.settings.time_digits),
                "NewSK": wire_key(new.key, self.settings.form),
            },
            origin="keys",
            who=who,
            queue=queue,
            priority=2,
        )

    def _fault(self, failure: Failure) -> None:
        """The registry is away, or a fault of ours: the frames will say it again."""
        self.faults += 1
        self._log.warn("event=key_not_written error={error}", error=failure.getErrorMessage())

    def _now(self) -> datetime:
        return _moment(self._now_us())


def _moment(moment_us: int) -> datetime:
    return datetime.fromtimestamp(moment_us / 1e6, UTC)
