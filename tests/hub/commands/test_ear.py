"""The ear as a service: its cursor, its listeners, and where it begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hub_rig import MN, OTHER_MN, append, good, lane, upload
from stepped_threads import SteppedLoop
from test_ear_pass import said
from twisted.internet.defer import Deferred

from hj212d.hub.commands import ear as ear_module
from hj212d.hub.commands import ear_cursor
from hj212d.hub.commands.ear import EarService, Heard
from hj212d.journal import cursors
from hj212d.journal.record import Kind, Record
from hj212d.wire.frame import Device


class Ear:
    """An ear on a loop that the test turns."""

    def __init__(self, data: Path) -> None:
        self.loop = SteppedLoop()
        self.journal = data / "journal"
        self.service = EarService(
            self.loop, self.journal, lambda _: Device(), lambda: int(self.loop.seconds() * 1e6)
        )
        self.heard: list[Heard] = []
        self.answer: Deferred[Any] | None = None
        self.service.listeners.append(self.take)

    def take(self, heard: list[Heard]) -> Deferred[Any] | None:
        """Listen."""
        self.heard += heard
        return self.answer

    @property
    def cns(self) -> list[str]:
        """CNs of what was heard."""
        return [one.frame.cn for one in self.heard]


@contextmanager
def listening(data: Path, since_us: int | None = None) -> Iterator[Ear]:
    """An ear that has begun, stopped in order at the end."""
    ear = Ear(data)
    ear.service.startService()
    ear.service.begin(since_us)
    try:
        yield ear
    finally:
        ear.service.stopService()


def test_the_first_time_nothing_of_the_past(tmp_path: Path) -> None:
    """Without a cursor the ear begins at the end of the journal."""
    with lane(tmp_path) as writer:
        append(writer, [good(said("9011"))])
        with listening(tmp_path) as ear:
            append(writer, [good(said("9012"))])
            ear.loop.steps(1)
            assert ear.cns == ["9012"]


def test_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """What came while the hub was away is heard at its next start, once."""
    with lane(tmp_path) as writer:
        append(writer, [good(said("9011"))])
        with listening(tmp_path):
            pass
        append(writer, [good(said("9012"))])
        for heard in (["9012"], []):
            with listening(tmp_path) as ear:
                ear.loop.steps(1)
                assert ear.cns == heard


def test_the_cursor_waits_for_the_listeners(tmp_path: Path) -> None:
    """Killed before a listener was done, the next hub hears it again."""
    with lane(tmp_path) as writer:
        append(writer, [good(upload())])
        with listening(tmp_path) as first:
            first.loop.steps(5)
        before = cursors.load(first.journal, "commands")
        ear = Ear(tmp_path)
        ear.answer = Deferred()
        ear.service.startService()
        ear.service.begin()
        append(writer, [good(said("9011"))])
        ear.loop.steps(20)
        assert ear.cns == ["9011"]
        assert cursors.load(ear.journal, "commands") == before
        ear.answer.callback(None)
        ear.loop.steps(5)
        assert cursors.load(ear.journal, "commands") != before
        ear.service.stopService()


def test_a_listener_that_never_ends_stops_nobody(tmp_path: Path) -> None:
    """After a while the ear goes on without it."""
    with lane(tmp_path) as writer, listening(tmp_path) as ear:
        ear.answer = Deferred()
        append(writer, [good(said("9011"))])
        ear.loop.steps(1)
        append(writer, [good(said("9012"))])
        ear.loop.steps(ear_module.LISTENERS_S + 1)
        assert ear.cns == ["9011", "9012"]
        assert ear.service.status()["faults"] == 1
        ear.answer = None
        ear.loop.steps(ear_module.LISTENERS_S + 1)


def test_watching_is_counted(tmp_path: Path) -> None:
    """Uploads of an MN are heard as long as somebody watches it."""
    with lane(tmp_path) as writer, listening(tmp_path) as ear:
        for watchers in (0, 1, 2):
            append(writer, [good(upload(rtd=str(watchers)))])
            ear.loop.steps(1)
            ear.service.watch_mn(MN)
        assert len(ear.heard) == 2
        ear.service.unwatch_mn(MN)
        ear.service.unwatch_mn(MN)
        ear.service.unwatch_mn(MN)
        append(writer, [good(upload(rtd="9"))])
        ear.loop.steps(1)
        assert len(ear.heard) == 2
        assert ear.service.status()["watching"] == 0


def test_an_answer_that_comes_while_the_ear_sets_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked and answered after a pass began, before it looked how far the journal goes: data of
    an MN that nobody waited for at the beginning are heard all the same."""
    with lane(tmp_path) as writer, listening(tmp_path) as ear:
        ear.loop.steps(1)
        ends = ear_module.durable_ends

        def later(journal: Path) -> dict[str, int]:
            monkeypatch.setattr(ear_module, "durable_ends", ends)
            ear.service.watch_mn(MN)
            append(writer, [good(upload())])
            return ends(journal)

        monkeypatch.setattr(ear_module, "durable_ends", later)
        ear.loop.steps(1)
        assert ear.cns == ["2011"]


def test_far_behind_and_nothing_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursor that was left far behind goes to the end when nobody waits for an answer, and to
    the time of the oldest open command when somebody does."""
    monkeypatch.setattr(ear_cursor, "SKIPPED_BYTES", 500)
    with lane(tmp_path) as writer:
        append(writer, [good(upload())])
        with listening(tmp_path) as ear:
            ear.loop.steps(5)
        kept = cursors.load(ear.journal, "commands")
        append(writer, [good(said("9011"))] * 20)
        with listening(tmp_path) as ear:
            ear.loop.steps(1)
            assert ear.cns == []
            assert ear.service.status()["skipped_bytes"] > 0
        cursors.save(ear.journal, "commands", kept)
        with listening(tmp_path, since_us=1) as ear:
            ear.loop.steps(1)
            assert len(ear.cns) == 20


def test_while_it_may_not_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that never opens does not keep the journal for ever: the cursor lets go of what
    it holds too much of, and the ear begins there."""
    monkeypatch.setattr(ear_cursor, "HELD_BYTES", 3000)
    with lane(tmp_path) as writer:
        append(writer, [good(upload())])
        with listening(tmp_path) as ear:
            ear.loop.steps(5)
        kept = cursors.load(ear.journal, "commands")
        ear = Ear(tmp_path)
        ear.service.startService()
        append(writer, [good(said("9011"))])
        ear.loop.steps(70)
        assert cursors.load(ear.journal, "commands") == kept
        append(writer, [good(said("9011"))] * 30)
        ear.loop.steps(60)
        moved = cursors.load(ear.journal, "commands")
        assert moved["0"] == kept["0"] + ear.service.status()["skipped_bytes"]
        append(writer, [good(said("9013"))])
        ear.service.begin(1)
        ear.loop.steps(1)
        assert ear.cns == ["9013"]
        ear.service.stopService()


def test_a_journal_that_cannot_be_read_is_tried_again(tmp_path: Path) -> None:
    """A cursor file that is no file now: the ear says so and begins when it can."""
    cursor = tmp_path / "journal" / "cursors" / "commands.json"
    with lane(tmp_path) as writer:
        cursor.mkdir(parents=True)
        with listening(tmp_path) as ear:
            assert ear.service.faults == 1
            cursor.rmdir()
            ear.loop.steps(3)
            append(writer, [good(said("9013"))])
            ear.loop.steps(1)
            assert ear.cns == ["9013"]


def test_passwords_of_who_begins_to_speak(tmp_path: Path) -> None:
    """The PW of an MN is told when it is identified on a link, not of every frame."""
    told: list[tuple[str, str]] = []
    with lane(tmp_path) as writer, listening(tmp_path) as ear:
        ear.service.passwords.append(lambda mn, password: told.append((mn, password)))
        append(writer, [good(upload())])
        ear.loop.steps(1)
        identified = Record(Kind.LINK_IDENTIFIED, 1, 1, meta=b'{"mn":"%s"}' % MN.encode())
        append(writer, [good(upload(OTHER_MN)), good(upload()), identified])
        ear.loop.steps(1)
    assert told == [(MN, "123456")]
