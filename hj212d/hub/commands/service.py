"""The command service: one way for everybody to ask something of an instrument.

A command is a durable record before it is sent, one at a time is under way with an MN, and what
comes of it is heard from the journal (ear.py), never from a link: a reply that counts is on disk.
How it is sent is dispatch.py's. Tests: tests/hub/commands/test_command_service.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.around import Knowing, Sender, Ways
from hj212d.hub.commands.book import Book, Keeper, Left, Told, microseconds
from hj212d.hub.commands.clock import SET
from hj212d.hub.commands.clock_rule import ClockRule
from hj212d.hub.commands.clock_setter import ClockSetter
from hj212d.hub.commands.dispatch import Dispatch
from hj212d.hub.commands.drawing_up import drawn_up
from hj212d.hub.commands.ear import EarService, Heard
from hj212d.hub.commands.first_contact import FirstContact
from hj212d.hub.commands.new_command import NewCommand, Refused
from hj212d.hub.commands.patience import Patiences
from hj212d.hub.commands.settings import CommandsSettings
from store.registry.errors import RegistryUnavailable
from store.registry.records import CommandEvent, CommandRecord

__all__ = ["CommandService", "NewCommand", "Refused"]

TICK_S = 0.25
MOST_FOUND = 1000
FORGET_EVERY_S = 3600.0
DAY_US = 86_400_000_000

Watcher = Callable[[CommandRecord], None]


class CommandService(Service):
    """Takes commands, sends them when their instrument is there, and follows them to their end.

    Event loop only. ``finished`` is called with each record that came to its end, and once more
    when a late answer made the end another one; ``heard`` with each frame that answers one, and
    the record as it is afterwards.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        ear: EarService,
        keeper: Keeper,
        sender: Sender,
        ways: Ways,
        knowing: Knowing,
        settings: CommandsSettings,
        now_us: Callable[[], int],
    ) -> None:
        patiences = Patiences()
        self.ear = ear
        self.finished: list[Watcher] = [patiences.finished]
        self.heard: list[Callable[[CommandRecord, Heard], None]] = []
        self._book = Book(reactor, keeper)
        self._clock_rule = ClockRule(self._book, settings.clock_drift_limit_s, now_us)
        self.clocks = self._clock_rule.clocks
        self._ways = ways
        self._knowing = knowing
        self._settings = settings
        self._now_us = now_us
        self._dispatch = Dispatch(
            reactor,
            book=self._book,
            ear=ear,
            sender=sender,
            ways=ways,
            knowing=knowing,
            patiences=patiences,
            settings=settings,
            now_us=now_us,
            changed=self._changed,
            ended=self._ended,
            answered=self._answered,
            objection=self._clock_rule.objection,
        )
        self._setter = ClockSetter(self.clocks, self.submit, now_us)
        self._first_contact = FirstContact(self._book, self.submit)
        self._adding: Counter[str] = Counter()
        self._watchers: dict[int, list[Watcher]] = {}
        self._loaded = False
        self._counts: Counter[str] = Counter()
        self._answered_late = 0
        self._loop = LoopingCall(self._dispatch.tick)
        self._loop.clock = reactor
        self._forgetting = LoopingCall(self._forget)
        self._forgetting.clock = reactor
        self._obey(settings)
        ear.listeners.append(self._listen)

    @property
    def settings(self) -> CommandsSettings:
        """The settings in force; may be exchanged at any time."""
        return self._settings

    @settings.setter
    def settings(self, settings: CommandsSettings) -> None:
        self._settings = settings
        self._obey(settings)

    @property
    def open_mns(self) -> Collection[str]:
        """MNs with a command that was sent and has not ended."""
        return self._dispatch.mns

    def startService(self) -> None:
        """Take up what is open."""
        Service.startService(self)
        self._loop.start(TICK_S, now=False).addErrback(self._stopped)
        self._forgetting.start(FORGET_EVERY_S, now=False).addErrback(self._not_forgotten)
        self.load()

    def stopService(self) -> None:
        """Send nothing more. What is open stays open, for the next start."""
        Service.stopService(self)
        for loop in (self._loop, self._forgetting):
            if loop.running:
                loop.stop()
        self._book.stop()

    def load(self) -> None:
        """Read what is open, once; to be called again when the registry is back."""
        if self.running and not self._loaded:
            self._book.left().addCallbacks(self._take_up, self._not_loaded)

    def submit(self, wish: NewCommand) -> Deferred[CommandRecord]:
        """Take a command; fires with its record once that is durable. Fails with
        :class:`Refused`, or RegistryUnavailable."""
        taken: Deferred[CommandRecord] = self._submit(wish)
        return taken

    def cancel(self, id_: int, who: str) -> Deferred[CommandRecord]:
        """Give a command up; fires with its record. A queued one is never sent; of one that was
        sent, late replies become events. Refused when there is none or it has ended."""
        cancelled: Deferred[CommandRecord] = self._cancel(id_, who)
        return cancelled

    def get(self, id_: int) -> Deferred[CommandRecord | None]:
        """One record."""
        return self._book.get(id_)

    def events(self, id_: int) -> Deferred[list[CommandEvent]]:
        """What happened to a command, oldest first."""
        return self._book.events(id_)

    def find(
        self,
        mn: str | None = None,
        states: Sequence[str] | None = None,
        limit: int = 100,
        before_id: int | None = None,
    ) -> Deferred[list[CommandRecord]]:
        """Records, newest first, at most a thousand."""
        return self._book.find(mn, states, min(limit, MOST_FOUND), before_id)

    def watch(self, id_: int, tell: Watcher) -> Callable[[], None]:
        """Hear of each change of a command that is open; call the result to stop."""
        self._watchers.setdefault(id_, []).append(tell)

        def stop() -> None:
            watchers = self._watchers.get(id_, [])
            if tell in watchers:
                watchers.remove(tell)
            if not watchers:
                self._watchers.pop(id_, None)

        return stop

    def identified(self, mn: str, link: int, slot: int) -> None:
        """A hook of the routes: an MN spoke on a link."""
        self._dispatch.identified(mn, link, slot)
        if self._loaded:
            self._first_contact.identified(mn)

    def left(self, mn: str, link: int, slot: int) -> None:
        """A hook of the routes: a link of an MN is gone."""
        self._dispatch.left(mn, link, slot)

    def saw_password(self, mn: str, password: str) -> None:
        """What is sent to this MN is to carry this PW, as long as none is registered."""
        self._knowing.saw_password(mn, password)

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {
            "state": "ok" if self._loaded else "waiting for the registry",
            **self._dispatch.status(),
            "ended": dict(self._counts),
            "answered_late": self._answered_late,
            "unwritten": self._book.unwritten,
            "lost": self._book.lost,
            "ear": self.ear.status(),
        }

    @inlineCallbacks
    def _submit(self, wish: NewCommand) -> Any:
        if not self._loaded:
            yield self._book.barrier()
        mn = wish.mn
        facts = self._knowing.facts(mn)
        expires_s = self._settings.expires_s if wish.expires_s is None else wish.expires_s
        record, spec = drawn_up(wish, facts, self._now_us(), expires_s)
        if not facts.known and wish.link is None:
            raise Refused(f"{mn} is not registered and was never heard", "mn")
        if not wish.queue and wish.link is None and self._ways.route(mn) is None:
            raise Refused(f"{mn} is not connected")
        if self._dispatch.open_of(mn) + self._adding[mn] >= self._settings.queue_per_mn:
            raise Refused(f"{self._settings.queue_per_mn} commands of {mn} are open already")
        if spec.cn == SET:
            yield self._clock_rule.reserve(mn)
        told = [Told(self._now_us(), "queued", f"{record.origin} {record.who}".strip())]
        if facts.assumed and not wish.raw:
            told.append(Told(self._now_us(), "assumed", facts.assumed))
        self._adding[mn] += 1
        try:
            record = yield self._book.add(record, told)
        except BaseException:
            if spec.cn == SET:
                self._clock_rule.release(mn)
            raise
        finally:
            self._adding -= Counter({mn: 1})
        self._clock_rule.opened(record)
        self._dispatch.put(record, spec)
        return record

    @inlineCallbacks
    def _cancel(self, id_: int, who: str) -> Any:
        record: CommandRecord | None = yield self._book.get(id_)
        if record is None:
            raise Refused(f"there is no command {id_}")
        if not self._dispatch.cancel(id_, f"cancelled by {who}"):
            raise Refused(f"command {id_} has ended: {record.state}")
        return (yield self._book.get(id_))

    def _take_up(self, left: Left) -> None:
        """What hubs before this one left."""
        if self._loaded or not self.running:
            return
        self._loaded = True
        for record in left.opened:
            self._clock_rule.opened(record)
        self._dispatch.restore(left)
        sent = [microseconds(one.sent_at) for one in left.opened if one.sent_at is not None]
        self.ear.caught_up.append(self._heard_all)
        self.ear.begin(min(sent) if sent else None)

    def _heard_all(self) -> None:
        self._dispatch.heard_all = True
        self._dispatch.pump()

    def _not_loaded(self, failure: Failure) -> None:
        failure.trap(RegistryUnavailable)
        self._log.warn("event=commands_not_loaded error={error}", error=failure.value)

    def _stopped(self, failure: Failure) -> None:
        self._log.failure("the command service stopped by a fault of ours", failure)
        if self.running:
            self._loop.start(TICK_S, now=False).addErrback(self._stopped)

    def _forget(self) -> None:
        before_us = self._now_us() - round(self._settings.keep_days * DAY_US)
        self._book.forget(before_us).addErrback(self._not_forgotten)

    def _not_forgotten(self, failure: Failure) -> None:
        """The next hour will do."""
        if not failure.check(RegistryUnavailable):
            self._log.failure("old commands could not be removed", failure)

    def _obey(self, settings: CommandsSettings) -> None:
        self.clocks.limit_s = settings.clock_drift_limit_s
        self._dispatch.settings = settings
        self._setter.wanted = settings.clock_set
        self._first_contact.requests = settings.on_first_contact

    def _listen(self, heard: list[Heard]) -> Deferred[Any]:
        """From the ear."""
        for one in heard:
            self._setter.hear(one)
        return self._dispatch.hear(heard)

    def _changed(self, record: CommandRecord) -> None:
        self._clock_rule.changed(record)
        for tell in list(self._watchers.get(record.id, ())):
            tell(record)

    def _ended(self, record: CommandRecord, late: bool) -> None:
        """``late``: it had ended already, otherwise."""
        if late:
            self._answered_late += 1
        else:
            self._counts[record.state] += 1
        self._watchers.pop(record.id, None)
        self._clock_rule.ended(record)
        self._setter.finished(record)
        for hook in list(self.finished):
            hook(record)

    def _answered(self, record: CommandRecord, heard: Heard) -> None:
        for hook in list(self.heard):
            hook(record, heard)
