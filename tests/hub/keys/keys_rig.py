"""The rooms of keys on a real registry, with commands that the test ends as it likes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from hj212d.hub.commands.ear import Heard
from hj212d.hub.commands.new_command import NewCommand
from hj212d.hub.keys.service import KeyService
from hj212d.hub.keys.settings import KeysSettings
from hj212d.hub.keys.tally import Tally
from hj212d.hub.routes import Routes
from hj212d.wire import build, codec, sm4
from hj212d.wire.frame import Device
from store.registry.open import Registry, open_registry
from store.registry.records import CommandRecord

MN = "010000A8900016F000169DC0"
OTHER = "010000A8900016F000169DC1"
KEY = b"0123456789abcdef"
START = datetime(2026, 3, 1, tzinfo=UTC)


def plain(cn: str, cp: str, *, mn: str = MN, flag: int = 9) -> bytes:
    """A segment of 2025."""
    return build.segment(
        qn="20260301080000000", st="31", cn=cn, pw="123456", mn=mn, flag=flag, cp=cp
    )


def heard(cn: str, cp: str, at: datetime, *, key: bytes | None = None, mn: str = MN) -> Heard:
    """A frame as the ear tells it; ``key``: what it is encrypted with."""
    segment = plain(cn, cp, mn=mn)
    raw = build.frame(segment)
    if key is not None:
        raw = raw[:6] + sm4.encrypt_cp(segment, key) + raw[-6:]
    (cut,) = codec.Cutter().feed(raw)
    frame = codec.decode(cut, Device(keys=() if key is None else (key,)))
    assert frame.ok, frame.reason
    return Heard(frame, 7, round(at.timestamp() * 1e6), "0", 0)


def upload(at: datetime, key: bytes | None = None, mn: str = MN) -> Heard:
    """Minute data."""
    cp = f"DataTime={at:%Y%m%d%H%M}00;a01011-Avg=1.35,a01011-Flag=N"
    return heard("2051", cp, at, key=key, mn=mn)


class Registrar:
    """A registry service without a thread: each call is done when it returns."""

    def __init__(self, folder: Path) -> None:
        self.registry = open_registry(f"sqlite:///{folder / 'r.db'}", folder / "r.key")
        self.opened: list[Callable[[], object]] = []

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """One transaction."""

        def within() -> Any:
            with self.registry.together():
                return work(self.registry, *args)

        return maybeDeferred(within)

    def open(self) -> None:
        """It can be used."""
        for hook in self.opened:
            hook()


class Ear:
    """What is used of the ear."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[list[Heard]], Any]] = []
        self.patterns: list[bytes] = []
        self.watched: Counter[str] = Counter()

    def watch_mn(self, mn: str) -> None:
        """Hear all of it."""
        self.watched[mn] += 1

    def unwatch_mn(self, mn: str) -> None:
        """Hear it no more."""
        self.watched[mn] -= 1

    def hear(self, *frames: Heard) -> None:
        """Tell the listeners."""
        for listener in self.listeners:
            listener(list(frames))


class Commands:
    """What is used of the command service: durable records that the test brings to their end."""

    def __init__(self, registry: Registry, now: Callable[[], datetime]) -> None:
        self.ear = Ear()
        self.finished: list[Callable[[CommandRecord], None]] = []
        self.wishes: list[NewCommand] = []
        self.passwords: dict[str, str] = {}
        self.at_submit: Callable[[NewCommand], None] = lambda _: None
        self._registry = registry
        self._now = now

    def saw_password(self, mn: str, password: str) -> None:
        """To be sent."""
        self.passwords[mn] = password

    def submit(self, wish: NewCommand) -> Deferred[CommandRecord]:
        """Take it."""
        return maybeDeferred(self._submit, wish)

    def _submit(self, wish: NewCommand) -> CommandRecord:
        self.at_submit(wish)
        self.wishes.append(wish)
        cn = {"set-key": "1014", "set-mn": "1002"}[wish.name]
        args = {name: "***" if name == "NewSK" else text for name, text in wish.args.items()}
        record = CommandRecord(
            mn=wish.mn, link=wish.link, name=wish.name, cn=cn, args=args, origin=wish.origin,
            who=wish.who, created_at=self._now(), expires_at=self._now() + timedelta(days=1),
        )  # fmt: skip
        return self._registry.commands.add(record)

    def end(self, state: str) -> None:
        """The newest command comes to its end."""
        (record,) = self._registry.commands.find(limit=1)
        self._registry.commands.update(record.id, state=state, finished_at=self._now())
        ended = msgspec.structs.replace(record, state=state, finished_at=self._now())
        for hook in self.finished:
            hook(ended)


class KeyRig:
    """One life of a hub; make another on the same folder for the next."""

    def __init__(
        self,
        folder: Path,
        *,
        settings: KeysSettings | None = None,
        configured: dict[str, list[bytes]] | None = None,
        now: datetime = START,
    ) -> None:
        self.now = now
        self.clock = Clock()
        self.registrar = Registrar(folder)
        self.registry = self.registrar.registry
        self.commands = Commands(self.registry, lambda: self.now)
        self.routes = Routes()
        self.tally = Tally(self.now_us())
        self.told = True
        self.service = KeyService(
            self.clock,
            registry=self.registrar,  # type: ignore[arg-type]
            commands=self.commands,  # type: ignore[arg-type]
            routes=self.routes,
            tally=self.tally,
            configured=lambda: configured or {},
            all_told=lambda: self.told,
            heard_of=lambda _: True,
            settings=settings or KeysSettings(),
            now_us=self.now_us,
        )
        self.service.startService()
        self.registrar.open()

    def now_us(self) -> int:
        """The test's clock."""
        return round(self.now.timestamp() * 1e6)

    def connect(self, mn: str = MN) -> None:
        """A link of the MN."""
        self.routes.identified(0, mn, len(self.routes) + 1)

    def wait(self, seconds: float, step_s: float = 5.0) -> None:
        """Let time pass."""
        for _ in range(round(seconds / step_s)):
            self.now += timedelta(seconds=step_s)
            self.clock.advance(step_s)

    def hear(self, *frames: Heard) -> None:
        """From the ear."""
        self.commands.ear.hear(*frames)

    def states(self, mn: str = MN) -> list[str]:
        """Of all its keys, newest first, from the disk."""
        return [key.state for key in self.registry.keys.of(mn)]

    def key(self, state: str, mn: str = MN) -> bytes:
        """The key in that state, from the disk."""
        return next(key.key for key in self.registry.keys.of(mn) if key.state == state)

    def close(self) -> None:
        """The hub is gone."""
        self.service.stopService()
        self.registry.close()


def result(deferred: Deferred[Any]) -> Any:
    """What it came to; raises what it failed with."""
    found: list[Any] = []
    deferred.addBoth(found.append)
    assert found, "still waiting"
    if isinstance(found[0], Failure):
        found[0].raiseException()
    return found[0]
