"""The life of a device's keys, as rules: the state of each, and what follows from what is heard.

A change (HJ 212-2025, 6.4.3) is safe against a crash anywhere because of the order alone: the new
key is written down as *pending* and tried on every frame before the device may know it; ExeRtn=1,
or a frame that it opens, makes it *current* and the old one *previous*; the previous one is
retired when it was not needed for long enough. Nothing here waits, stores or sends: clock and
randomness are arguments. Tests: tests/hub/keys/test_rotation.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone

import msgspec

from hj212d.hub.keys.settings import KeysSettings
from store.registry.records import KeyRecord, KeyState

BEIJING = timezone(timedelta(hours=8))
# A device that said ExeRtn=1 and then so often in a row still used the old key has not changed.
DISPROOF_FRAMES = 5
LONGEST_RETRY = timedelta(days=7)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LIVING = frozenset(("pending", "current", "previous"))


class Ring(msgspec.Struct, frozen=True):
    """The keys of one device that may open its frames, newest first."""

    keys: tuple[KeyRecord, ...] = ()

    @classmethod
    def of(cls, records: Iterable[KeyRecord]) -> Ring:
        """Those of ``records`` that live."""
        living = [key for key in records if key.state in _LIVING]
        return cls(tuple(sorted(living, key=lambda key: key.created_at, reverse=True)))

    @property
    def current(self) -> KeyRecord | None:
        """The key that the device has, as far as we know."""
        return next((key for key in self.keys if key.state == "current"), None)

    @property
    def pending(self) -> KeyRecord | None:
        """The key that the device may have."""
        return next((key for key in self.keys if key.state == "pending"), None)

    @property
    def previous(self) -> tuple[KeyRecord, ...]:
        """Keys that the device had, or may have had."""
        return tuple(key for key in self.keys if key.state == "previous")

    @property
    def unsettled(self) -> bool:
        """Whether its frames must be looked at: which key opens them says something new."""
        current = self.current
        return len(self.keys) > 1 or (current is not None and current.proven_at is None)


class Change(msgspec.Struct, frozen=True):
    """One key's new state, to be written. ``proven``: it opened a frame, or the device said so."""

    created_at: datetime
    state: KeyState
    why: str
    proven: bool = False


class Use(msgspec.Struct):
    """Which keys a device's frames needed, since the start of the hub."""

    key: bytes = b""  # of the newest frame
    run: int = 0  # frames in a row that it opened
    last: dict[bytes, datetime] = {}  # key -> when a frame needed it

    def note(self, key: bytes, at: datetime) -> None:
        """A frame was opened by ``key``."""
        self.run = self.run + 1 if key == self.key else 1
        self.key = key
        self.last[key] = at


def opened(ring: Ring, use: Use) -> list[Change]:
    """What follows from the newest frame, opened by ``use.key``."""
    found = next((key for key in ring.keys if key.key == use.key), None)
    if found is None:
        return []
    if found.state == "pending":
        return promoted(ring, found, "opened a frame")
    if found.state == "current":
        return (
            []
            if found.proven_at
            else [Change(found.created_at, "current", "opened a frame", True)]
        )
    current = ring.current
    if current is None or use.run < DISPROOF_FRAMES or current.key in use.last:
        return []
    changes = [Change(found.created_at, "current", "the device went on using it", True)]
    if ring.pending is None:
        return [Change(current.created_at, "pending", "said to be set, never used"), *changes]
    return [Change(current.created_at, "previous", "said to be set, never used"), *changes]


def promoted(ring: Ring, new: KeyRecord, why: str) -> list[Change]:
    """The changes that make ``new`` the current key."""
    followed = f"followed by the key of {wire_time(new.created_at)}"
    return [
        *(
            Change(key.created_at, "previous", followed)
            for key in ring.keys
            if key.state == "current" and key.created_at != new.created_at
        ),
        Change(new.created_at, "current", why, proven=True),
    ]


def retired(
    ring: Ring, use: Use, now: datetime, since: datetime, settings: KeysSettings
) -> list[Change]:
    """Previous keys that are not needed any more.

    Never before the current key opened a frame. ``since``: when the hub began to look.
    """
    current = ring.current
    if current is None or current.proven_at is None:
        return []
    enough = use.key == current.key and use.run >= settings.retire_frames
    patience = timedelta(days=settings.retire_days)
    changes = []
    for key in ring.previous:
        unused = now - max(use.last.get(key.key, since), current.proven_at, since)
        if enough or (current.key in use.last and unused >= patience):
            changes.append(Change(key.created_at, "retired", "no frame needs it any more"))
    return changes


def due_at(ring: Ring, settings: KeysSettings) -> datetime | None:
    """When the key is to be changed; None: never by itself."""
    current = ring.current
    if current is None or not settings.rotate_days:
        return None
    return current.created_at + timedelta(days=settings.rotate_days)


def retry_at(tried: int, last: datetime, settings: KeysSettings) -> datetime:
    """When a change that failed ``tried`` times, last at ``last``, is to be tried again."""
    wait = timedelta(hours=settings.retry_h * float(2 ** min(max(tried - 1, 0), 10)))
    return last + min(wait, LONGEST_RETRY)


def new_key(form: str, random_bytes: Callable[[int], bytes]) -> bytes:
    """16 bytes: letters and digits where they are sent as text, any where as hexadecimal digits.

    ``random_bytes``: as :func:`os.urandom`, unpredictable.
    """
    if form == "hex":
        return random_bytes(16)
    # Bytes above the last multiple of 62 are drawn again: every character is equally likely.
    chosen: list[str] = []
    while len(chosen) < 16:
        chosen += [_ALPHABET[one % 62] for one in random_bytes(32) if one < 248]
    return "".join(chosen[:16]).encode()


def wire_key(key: bytes, form: str) -> str:
    """NewSK as it goes out; a key that is no text goes out as hexadecimal digits in any case."""
    text = key.decode("ascii", "replace")
    return text if form == "text" and text.isalnum() and text.isascii() else key.hex().upper()


def wire_time(moment: datetime, digits: str = "17") -> str:
    """SKCreateTime as it goes out: Beijing time."""
    local = moment.astimezone(BEIJING)
    text = f"{local:%Y%m%d%H%M%S}"
    return text if digits == "14" else f"{text}{local.microsecond // 1000:03d}"


def named(ring_or_all: Sequence[KeyRecord], sk_create_time: str) -> KeyRecord | None:
    """The key that a device means by its SKCreateTime of 14 or 17 digits."""
    if len(sk_create_time) < 14:
        return None
    return next(
        (key for key in ring_or_all if wire_time(key.created_at).startswith(sk_create_time)), None
    )


def creation_time(now: datetime, others: Iterable[KeyRecord]) -> datetime:
    """``now`` in whole seconds, later than that of every other key of the device: it names the
    key on the wire, where some devices keep 14 digits."""
    moment = now.replace(microsecond=0)
    newest = max((key.created_at for key in others), default=None)
    if newest is not None and moment <= newest:
        moment = newest.replace(microsecond=0) + timedelta(seconds=1)
    return moment


class Pace:
    """Lets ``per_hour`` through, evenly; what is not used is saved for a minute at the most."""

    def __init__(self, per_hour: int, now_s: float) -> None:
        self.per_hour = per_hour
        self._room = 1.0
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        """Whether one more may go now."""
        rate = self.per_hour / 3600
        self._room = min(self._room + max(now_s - self._at_s, 0.0) * rate, max(1.0, rate * 60))
        self._at_s = now_s
        if self._room < 1.0:
            return False
        self._room -= 1.0
        return True
