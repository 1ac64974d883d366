"""A command service on a loop that the test turns: a real registry on SQLite, real routes, and a
worker and an instrument that are the test's own words."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from hub_rig import MN
from stepped_threads import SteppedLoop
from twisted.internet.defer import Deferred, maybeDeferred, succeed

from hj212d.hub.commands.ear import Heard
from hj212d.hub.commands.facts import Facts
from hj212d.hub.commands.new_command import NewCommand
from hj212d.hub.commands.service import CommandService
from hj212d.hub.commands.settings import CommandsSettings
from hj212d.hub.routes import Routes
from hj212d.wire import build
from hj212d.wire.cutter import Cutter
from hj212d.wire.decode import decode
from hj212d.wire.frame import Frame
from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry, open_registry
from store.registry.records import CommandEvent, CommandRecord

START_US = 1_767_225_600_000_000
LINK = (START_US << 8) | 0
OTHER_LINK = ((START_US + 9_000_000) << 8) | 1


class Ear:
    """What the service asks of the ear."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[list[Heard]], Any]] = []
        self.caught_up: list[Callable[[], None]] = []
        self.watched: list[str] = []
        self.since_us: int | None = None
        self.waits = False

    def watch_mn(self, mn: str) -> None:
        """Note it."""
        self.watched.append(mn)

    def unwatch_mn(self, mn: str) -> None:
        """Note it."""
        self.watched.remove(mn)

    def begin(self, since_us: int | None) -> None:
        """Nothing waits in the journal."""
        self.since_us = since_us
        if not self.waits:
            self.catch_up()

    def catch_up(self) -> None:
        """At its end."""
        for call in self.caught_up:
            call()

    def status(self) -> dict[str, Any]:
        """Nothing."""
        return {}


class Keeper:
    """The registry, called at once; ``away``: it cannot be used."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.away = False

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """As the registry's service."""
        if self.away:
            return maybeDeferred(self._refuse)
        return maybeDeferred(work, self.registry, *args)

    def _refuse(self) -> None:
        raise RegistryUnavailable("the disk is gone")


class Known:
    """What is known of devices."""

    def __init__(self) -> None:
        self.of: dict[str, Facts] = {}
        self.passwords: dict[str, str] = {}

    def facts(self, mn: str) -> Facts:
        """Of 2017 unless the test says otherwise."""
        return self.of.get(mn, Facts(known=True, version="2017", st="32"))

    def password(self, mn: str) -> Deferred[str]:
        """The one of examples."""
        return succeed(self.passwords.get(mn, "123456"))

    def saw_password(self, mn: str, password: str) -> None:
        """Remember it."""
        self.passwords[mn] = password


class Rig:
    """A service and all that is around it."""

    def __init__(self, registry: Registry, **settings: Any) -> None:
        self.loop = SteppedLoop()
        self.ear = Ear()
        self.keeper = Keeper(registry)
        self.routes = Routes()
        self.known = Known()
        self.sent: list[tuple[int, Frame]] = []  # link and frame
        self.raw: list[bytes] = []
        self.why_not_sent = ""
        settings.setdefault("pause_ms", 0)
        self.service = CommandService(
            self.loop,
            ear=self.ear,  # type: ignore[arg-type]
            keeper=self.keeper,
            sender=self,
            ways=self.routes,
            knowing=self.known,
            settings=CommandsSettings(**settings),
            now_us=self.now_us,
        )
        self.routes.identified_hooks.append(self.service.identified)
        self.routes.left_hooks.append(self.service.left)
        self.offset_us = START_US

    def now_us(self) -> int:
        """The wall clock."""
        return self.offset_us + round(self.loop.seconds() * 1e6)

    def send(self, slot: int, link: int, data: bytes) -> Deferred[str]:  # noqa: ARG002
        """A worker sends."""
        if not self.why_not_sent:
            self.raw.append(data)
            self.sent.append((link, frame(data)))
        return succeed(self.why_not_sent)

    def connect(self, mn: str = MN, link: int = LINK) -> None:
        """An instrument spoke, and has settled."""
        self.routes.identified(link & 0xFF, mn, link, "192.0.2.1:99", self.now_us())
        self.loop.steps(2.5, 0.25)

    def disconnect(self, mn: str = MN, link: int = LINK) -> None:
        """Its link is gone."""
        self.routes.left(link & 0xFF, mn, link)

    def ask(self, name: str, mn: str = MN, **wish: Any) -> CommandRecord:
        """Submit; the record. Raises what submit fails with."""
        wish.setdefault("origin", "cli")
        return result(self.service.submit(NewCommand(mn=mn, name=name, **wish)))

    def say(
        self,
        cn: str,
        cp: str = "",
        *,
        qn: str | None = None,
        mn: str = MN,
        link: int = LINK,
        st: str = "91",
        at_us: int | None = None,
    ) -> None:
        """An instrument says something: by default to the newest request."""
        if qn is None:
            qn = self.sent[-1][1].qn
        segment = build.segment(qn=qn, st=st, cn=cn, pw="123456", mn=mn, flag=4, cp=cp)
        self.say_raw(build.frame(segment), link=link, at_us=at_us)

    def say_raw(self, raw: bytes, *, link: int = LINK, at_us: int | None = None) -> None:
        """The same with its bytes."""
        heard = Heard(frame(raw), link, at_us or self.now_us(), "0", len(self.sent))
        for listener in self.ear.listeners:
            listener([heard])

    def record(self, command: CommandRecord) -> CommandRecord:
        """As it is in the registry now."""
        found = self.keeper.registry.commands.get(command.id)
        assert found is not None
        return found

    def events(self, command: CommandRecord) -> list[str]:
        """What happened to it."""
        return [one.event for one in self.history(command)]

    def history(self, command: CommandRecord) -> list[CommandEvent]:
        """The same with details."""
        return self.keeper.registry.commands.events(command.id)


def result(deferred: Deferred[Any]) -> Any:
    """What a Deferred that has fired holds; raises its failure."""
    got: list[Any] = []
    failed: list[Any] = []
    deferred.addCallbacks(got.append, failed.append)
    if failed:
        failed[0].raiseException()
    assert got, "has not fired"
    return got[0]


def frame(raw: bytes) -> Frame:
    """One frame's bytes, read."""
    (cut,) = Cutter(9999).feed(raw.removesuffix(b"\r\n") + b"\r\n")
    return decode(cut)


@cache
def _empty_registry() -> Path:
    """A registry with its tables, made once; it goes with the process."""
    folder = Path(tempfile.mkdtemp(prefix="empty-registry-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_registry(f"sqlite:///{folder}/registry.db", folder / "registry.key").close()
    return folder


@contextmanager
def a_registry(folder: Path) -> Iterator[Registry]:
    """The registry in a folder, made when there is none."""
    if not (folder / "registry.db").exists():
        shutil.copytree(_empty_registry(), folder, dirs_exist_ok=True)
    registry = open_registry(f"sqlite:///{folder}/registry.db", folder / "registry.key")
    try:
        yield registry
    finally:
        registry.close()


@contextmanager
def serving(folder: Path, **settings: Any) -> Iterator[Rig]:
    """A service that runs, on the registry of a folder."""
    with a_registry(folder) as registry:
        rig = Rig(registry, **settings)
        rig.service.startService()
        try:
            yield rig
        finally:
            rig.service.stopService()
