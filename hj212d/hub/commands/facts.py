"""What must be known of a device before anything can be asked of it.

The registry's and the configuration's word first, then what the device itself sent last; what is
assumed is said. Tests: tests/hub/commands/test_facts.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec
from twisted.internet.defer import Deferred, succeed

from hj212d.hub.commands.ear_pass import Heard
from hj212d.wire.version import V2005, V2017, V2025
from store.registry.records import DeviceRecord
from store.timeseries import FrameQuery

USUAL_VERSION = V2017
USUAL_ST = "32"
USUAL_PASSWORD = "123456"  # what loggers leave the factory with
PASSWORDS_KEPT = 100_000
SPOKE_KEPT = 10_000
FRAMES_LOOKED_AT = 3

_VERSIONS = frozenset((V2005, V2017, V2025))
_ST_OF_REPLIES = "91"


class Facts(msgspec.Struct, frozen=True):
    """``known``: registered, or heard at least once. ``password`` "": nobody told us."""

    known: bool
    version: str
    st: str
    password: str = ""
    medium: str = ""
    encrypt: str = "auto"
    assumed: str = ""  # one sentence about what is not known


class Directory(Protocol):
    """Who is registered."""

    def record(self, mn: str) -> DeviceRecord:
        """What is in force for an MN."""

    def knows(self, mn: str) -> bool:
        """Whether it is registered."""


class Witness:
    """Puts together what several parts of the hub know of a device.

    ``heard``: mn -> the station's row of the live picture, None when it never spoke.
    ``last_frames``: for the password of a device that nobody registered one for.
    """

    def __init__(
        self,
        directory: Directory,
        heard: Callable[[str], dict[str, Any] | None],
        connected: Callable[[str], bool],
        last_frames: Callable[[FrameQuery], Deferred[list[bytes]]],
    ) -> None:
        self._directory = directory
        self._heard = heard
        self._connected = connected
        self._last_frames = last_frames
        self._passwords: OrderedDict[str, str] = OrderedDict()
        # MN -> version and ST: who asks for the time first of all is answered before the live
        # picture has it.
        self._spoke: OrderedDict[str, tuple[str, str]] = OrderedDict()
        # MN -> registered password, and the one that was set since: until the registry has it.
        self._exchanged: dict[str, tuple[str, str]] = {}

    def facts(self, mn: str) -> Facts:
        """What is known now."""
        record = self._directory.record(mn)
        row = self._heard(mn) or {}
        spoken_version, spoken_st = self._spoke.get(mn, ("", ""))
        versions = (record.version, row.get("version"), spoken_version)
        version = next((one for one in versions if one), "")
        assumed = ""
        if version not in _VERSIONS:
            assumed = f"the version of {mn} is not known, the form of {USUAL_VERSION} is used"
            version = USUAL_VERSION
        return Facts(
            known=self._directory.knows(mn) or bool(row) or self._connected(mn),
            version=version,
            st=record.st or row.get("st") or spoken_st or USUAL_ST,
            password=record.password,
            medium=record.medium,
            encrypt=record.encrypt,
            assumed=assumed,
        )

    def password(self, mn: str) -> Deferred[str]:
        """The PW to send: registered, or as in the device's last good frame, or the usual one."""
        known = self._registered(mn) or self._passwords.get(mn, "")
        if known:
            return succeed(known)
        query = FrameQuery(mn=mn, reason="ok", limit=FRAMES_LOOKED_AT)
        found: Deferred[Any] = self._last_frames(query)
        found.addCallbacks(lambda frames: self._in(mn, frames), self._not_found)
        return found

    def has_password(self, mn: str, password: str) -> bool:
        """It was set in the device; whether the registry is to know it, because it knew the one
        before."""
        registered = self._directory.record(mn).password
        if registered:
            self._exchanged[mn] = (registered, password)
        else:
            self.saw_password(mn, password)
        return bool(registered)

    def _registered(self, mn: str) -> str:
        registered = self._directory.record(mn).password
        before, now = self._exchanged.get(mn, ("", ""))
        if registered == before:
            return now
        self._exchanged.pop(mn, None)
        return registered

    def spoke(self, heard: Iterable[Heard]) -> None:
        """A listener of the ear."""
        for frame in (one.frame for one in heard):
            if frame.ok and frame.st and frame.st != _ST_OF_REPLIES:
                self._spoke[frame.mn] = frame.version, frame.st
                self._spoke.move_to_end(frame.mn)
                if len(self._spoke) > SPOKE_KEPT:
                    self._spoke.popitem(last=False)

    def saw_password(self, mn: str, password: str) -> None:
        """A good frame of this MN carried it."""
        if password and self._passwords.get(mn) != password:
            self._passwords[mn] = password
            self._passwords.move_to_end(mn)
            if len(self._passwords) > PASSWORDS_KEPT:
                self._passwords.popitem(last=False)

    def _in(self, mn: str, frames: list[bytes]) -> str:
        for raw in reversed(frames):
            _, field, rest = raw.partition(b";PW=")
            password = rest.partition(b";")[0].decode("ascii", "replace")
            if field and password:
                self.saw_password(mn, password)
                return password
        return USUAL_PASSWORD

    def _not_found(self, _: Any) -> str:
        """The store is away or busy: that must not hold up a command."""
        return USUAL_PASSWORD
