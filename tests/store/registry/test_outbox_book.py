"""Messages: kept once, claimed by one sender, settled once; what a kill leaves is in doubt."""

from __future__ import annotations

import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from turned_clock import START, TurnedClock

from store.registry.alert_records import Channel, MessageRecord
from store.registry.open import Registry, open_registry

MINUTE = timedelta(minutes=1)


def message(step: str = "opened", contact: int = 1, **more: object) -> MessageRecord:
    """What somebody is told of an incident."""
    values = {
        "about": "incident:1",
        "step": step,
        "contact_id": contact,
        "channel": "sms",
        "subject": "A 离线",
        "text": "…",
        "facts": {"no": "A20260301-0001"},
    }
    return MessageRecord(**{**values, **more})  # type: ignore[arg-type]


def add(registry: Registry, *steps: str, **more: object) -> list[int]:
    """Numbers of new messages."""
    return [one.id for one in registry.outbox.add([message(step, **more) for step in steps])]


def test_a_message_is_kept_once(registry: Registry) -> None:
    """By what it is about, the step, the person and the channel; due at once, with a token."""
    (kept,) = registry.outbox.add([message(), message()])
    assert kept == msgspec.structs.replace(
        message(), id=kept.id, token=kept.token, created_at=START, next_at=START
    )
    assert len(kept.token) == 32
    others = [message(), message("recovered"), message(contact=2), message(channel="email")]
    new = registry.outbox.add(others)
    assert [(one.step, one.contact_id, one.channel) for one in new] == [
        ("recovered", 1, "sms"),
        ("opened", 2, "sms"),
        ("opened", 1, "email"),
    ]
    assert len({one.token for one in (kept, *new)}) == 4
    assert registry.outbox.add([]) == []
    assert registry.outbox.get(kept.id) == kept
    assert registry.outbox.get(999) is None


def test_what_is_due(registry: Registry) -> None:
    """Whose time has come and who waits, the one due for longest first."""
    add(registry, "later", next_at=START + MINUTE)
    add(registry, "now")
    add(registry, "mail", channel="email")
    due = registry.outbox.due
    assert due(START - MINUTE) == []
    assert [one.step for one in due(START)] == ["now", "mail"]
    assert [one.step for one in due(START, 1)] == ["now"]
    assert [one.step for one in due(START + MINUTE, channels=["sms"])] == ["now", "later"]
    assert registry.outbox.next_due() == START
    registry.outbox.withhold("incident:1", None, "it is over", START)
    assert registry.outbox.next_due() is None


def test_a_message_goes_out(registry: Registry) -> None:
    """Claimed, handed over; settled again it stays as it was."""
    (id,) = add(registry, "opened")
    (claimed,) = registry.outbox.claim([id], START)
    assert (claimed.state, claimed.attempts, claimed.claimed_at) == ("sending", 1, START)
    assert registry.outbox.claim([id], START) == []
    assert registry.outbox.due(START) == []
    assert registry.outbox.settle(id, "handed", "gateway 7", now=START + MINUTE)
    kept = registry.outbox.get(id)
    assert kept is not None
    assert (kept.state, kept.receipt, kept.settled_at) == ("handed", "gateway 7", START + MINUTE)
    assert not registry.outbox.settle(id, "failed", now=START + 2 * MINUTE)
    assert registry.outbox.get(id) == kept


def test_a_message_is_tried_again(registry: Registry) -> None:
    """Not before its time, under the same token, and the attempts are counted."""
    (id,) = add(registry, "opened")
    (first,) = registry.outbox.claim([id], START)
    registry.outbox.settle(id, "waiting", error="busy", next_at=START + MINUTE, now=START)
    assert registry.outbox.claim([id], START) == []
    (second,) = registry.outbox.claim([id], START + MINUTE)
    assert (second.attempts, second.token, second.error) == (2, first.token, "busy")
    assert second.settled_at is None


def test_what_a_kill_leaves(registry: Registry) -> None:
    """Claimed and not settled; what somebody else claimed just now can be left out."""
    early, late, _ = add(registry, "a", "b", "c")
    registry.outbox.claim([early], START, "north")
    registry.outbox.claim([late], START + MINUTE, "south")
    in_doubt = registry.outbox.in_doubt
    assert [(one.id, one.claimed_by) for one in in_doubt()] == [(early, "north"), (late, "south")]
    assert [one.id for one in in_doubt(START)] == [early]
    assert [one.id for one in in_doubt(by="south")] == [late]
    assert in_doubt(START, "south") == []


def test_messages_are_withheld(registry: Registry) -> None:
    """Of some steps or all; what is on its way or settled stays."""
    a, b, c = add(registry, "a", "b", "c")
    other = add(registry, "a", about="incident:2")
    registry.outbox.claim([c], START)
    assert registry.outbox.withhold("incident:1", ["a", "z"], "over", START) == 1
    assert registry.outbox.withhold("incident:1", None, "over", START) == 1
    found = {one.id: one for one in registry.outbox.find(states=["withheld"])}
    assert set(found) == {a, b}
    assert (found[a].error, found[a].settled_at) == ("over", START)
    assert [one.id for one in registry.outbox.due(START)] == other


def test_what_failed_is_tried_once_more(registry: Registry) -> None:
    """And what was withheld, with the token it had; what waits or was handed over stays."""
    failed, withheld, handed, waits = add(registry, "a", "b", "c", "d")
    registry.outbox.claim([failed, handed], START)
    registry.outbox.settle(failed, "failed", error="no such number", now=START)
    registry.outbox.settle(handed, "handed", now=START)
    registry.outbox.settle(withheld, "withheld", error="quiet", now=START)
    before = registry.outbox.get(failed)
    later, until = START + MINUTE, START + 9 * MINUTE
    ids = [waits, handed, withheld, failed, failed]
    assert registry.outbox.again(ids, later, until) == [failed, withheld]
    again = registry.outbox.get(failed)
    assert before is not None
    assert again == msgspec.structs.replace(
        before, state="waiting", next_at=later, expires_at=until, settled_at=None, error=""
    )
    assert [one.id for one in registry.outbox.due(later)] == [waits, failed, withheld]
    assert registry.outbox.again([], later, until) == []


def test_a_digest_takes_the_place_of_others(registry: Registry) -> None:
    """Those that wait or are claimed, never itself or what has gone out."""
    a, b, gone, digest = add(registry, "a", "b", "gone", "digest")
    registry.outbox.claim([b, gone], START)
    registry.outbox.settle(gone, "handed", now=START)
    assert registry.outbox.merge([b, a, gone, digest], digest, START) == [a, b]
    merged = registry.outbox.find(states=["merged"])
    assert [(one.id, one.merged_into) for one in merged] == [(b, digest), (a, digest)]
    assert [one.id for one in registry.outbox.due(START)] == [digest]


def test_finding_messages(registry: Registry) -> None:
    """By all that is known of them, newest first."""
    a, b = add(registry, "a", "b")
    (c,) = add(registry, "c", about="plan:X", contact=2, channel="app")
    find = registry.outbox.find
    assert [one.id for one in find()] == [c, b, a]
    assert [one.id for one in find(limit=1)] == [c]
    assert [one.id for one in find(before_id=c)] == [b, a]
    assert [one.id for one in find("incident:1", states=["waiting"])] == [b, a]
    assert [one.id for one in find(contact=2, channel="app")] == [c]


def test_counting_messages(registry: Registry) -> None:
    """By channel and state; of those settled, if wanted, only the late ones."""
    a, b, _ = add(registry, "a", "b", "c")
    registry.outbox.claim([a, b], START)
    registry.outbox.settle(a, "handed", now=START)
    registry.outbox.settle(b, "failed", now=START + MINUTE)
    counts = registry.outbox.counts
    assert counts() == {("sms", "handed"): 1, ("sms", "failed"): 1, ("sms", "waiting"): 1}
    assert counts(START + MINUTE) == {("sms", "failed"): 1, ("sms", "waiting"): 1}
    sent = registry.outbox.sent_since
    assert (sent(1, "sms", START), sent(None, "sms", START), sent(2, "sms", START)) == (1, 1, 0)
    assert (sent(1, "sms", START + MINUTE), sent(1, "email", START)) == (0, 0)


def test_a_person_reads(registry: Registry) -> None:
    """Their own, once."""
    a, b = add(registry, "a", "b", channel="app")
    (other,) = add(registry, "a", channel="app", contact=2)
    assert registry.outbox.read([a, b, other], 1, START) == 2
    assert registry.outbox.read([a], 1, START + MINUTE) == 0
    kept = registry.outbox.get(a)
    assert kept is not None
    assert kept.read_at == START


def test_a_run_and_its_messages_are_one(registry: Registry) -> None:
    """Undone together, done once."""

    def ranking() -> int:
        with registry.together():
            if not registry.runs.begin("ranking", "2026-02-28", START, 1):
                return 0
            return len(registry.outbox.add([message("sent", about="ranking:2026-02-28")]))

    with suppress(RuntimeError), registry.together():
        assert ranking() == 1
        raise RuntimeError
    assert registry.outbox.find() == []
    assert (ranking(), ranking()) == (1, 0)


def _killed(url: str, key_file: Path, when: str) -> None:
    """A run with its message, by a process that is killed within the transaction or behind it."""
    registry = open_registry(url, key_file, now=TurnedClock())
    with registry.together():
        assert registry.runs.begin("ranking", "2026-02-28", START, 1)
        registry.outbox.add([message("sent", about="ranking:2026-02-28")])
        if when == "within":
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(("when", "there"), [("within", 0), ("behind", 1)])
def test_a_kill_leaves_both_or_none(
    url: str, key_file: Path, registry: Registry, when: str, there: int
) -> None:
    """A run is noted exactly when its messages are, so whoever starts anew knows what to do."""
    process = get_context("spawn").Process(target=_killed, args=(url, key_file, when))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert len(registry.runs.of("ranking", START)) == there
    assert len(registry.outbox.find()) == there
    assert registry.runs.begin("ranking", "2026-02-28", START) == (not there)


def test_two_senders_never_claim_the_same(
    url: str, key_file: Path, registry: Registry, clock: TurnedClock
) -> None:
    """However they hurry, on connections of their own."""
    ids = add(registry, *(str(number) for number in range(300)))
    senders = [open_registry(url, key_file, now=clock) for _ in range(4)]

    def send(sender: Registry, seed: int) -> list[int]:
        chance, got = random.Random(seed), []
        for _ in range(25):
            got += [one.id for one in sender.outbox.claim(chance.sample(ids, 40), START)]
        return got

    with ThreadPoolExecutor(4) as threads:
        got = list(threads.map(send, senders, range(4)))
    for sender in senders:
        sender.close()
    claimed = [id for some in got for id in some]
    assert len(claimed) == len(set(claimed))
    sending = {one.id for one in registry.outbox.in_doubt()}
    assert sending == set(claimed)
    assert len(claimed) > 290


class _Model:
    """What becomes of messages, as it is meant: state, token, attempts and when it is due."""

    def __init__(self) -> None:
        self.state: dict[int, str] = {}
        self.due: dict[int, object] = {}
        self.token: dict[int, str] = {}
        self.attempts: dict[int, int] = {}
        self.names: set[tuple[str, str, int, str]] = set()


@pytest.mark.parametrize("seed", range(4))
def test_no_message_is_lost_and_none_is_claimed_twice(
    registry: Registry, clock: TurnedClock, seed: int
) -> None:
    """Whatever is done in whatever order, with transactions that are undone in between."""
    chance, book, model = random.Random(seed), registry.outbox, _Model()
    channels: tuple[Channel, ...] = ("sms", "email", "app")

    def begin() -> None:
        some = [
            message(
                str(chance.randrange(6)),
                chance.randrange(4),
                about=f"incident:{chance.randrange(3)}",
                channel=chance.choice(channels),
                next_at=clock.now + chance.randrange(-2, 3) * MINUTE,
            )
            for _ in range(chance.randrange(5))
        ]
        names = {(one.about, one.step, one.contact_id, one.channel) for one in some}
        new = book.add(some)
        told = {(one.about, one.step, one.contact_id, one.channel) for one in new}
        assert told == names - model.names
        assert len(new) == len(told)
        model.names |= names
        for one in new:
            model.state[one.id], model.due[one.id] = "waiting", one.next_at
            model.token[one.id], model.attempts[one.id] = one.token, 0

    def is_free(id: int) -> bool:
        return model.state[id] == "waiting" and model.due[id] <= clock.now  # type: ignore[operator]

    def claim() -> None:
        free = {id for id in model.state if is_free(id)}
        assert {one.id for one in book.due(clock.now, 1000)} == free
        wanted = chance.sample(sorted(model.state), min(len(model.state), 8))
        got = book.claim(wanted, clock.now)
        assert [one.id for one in got] == sorted(free & set(wanted))
        for one in got:
            model.state[one.id] = "sending"
            model.attempts[one.id] += 1
            assert (one.token, one.attempts) == (model.token[one.id], model.attempts[one.id])

    def settle() -> None:
        for id in chance.sample(sorted(model.state), min(len(model.state), 4)):
            state = chance.choice(("handed", "failed", "withheld", "waiting"))
            later = clock.now + MINUTE
            is_open = model.state[id] in ("waiting", "sending")
            assert book.settle(id, state, next_at=later, now=clock.now) == is_open
            if is_open:
                model.state[id], model.due[id] = state, later

    def withhold() -> None:
        about = f"incident:{chance.randrange(3)}"
        steps = chance.choice((None, ["1", "2"]))
        waiting = [
            one.id
            for one in book.find(about, limit=None)
            if model.state[one.id] == "waiting" and (steps is None or one.step in steps)
        ]
        assert book.withhold(about, steps, "over", clock.now) == len(waiting)
        model.state.update(dict.fromkeys(waiting, "withheld"))

    def merge() -> None:
        if len(model.state) > 5:
            into, *some = chance.sample(sorted(model.state), 5)
            merged = [id for id in some if model.state[id] in ("waiting", "sending")]
            assert book.merge(some, into, clock.now) == sorted(merged)
            model.state.update(dict.fromkeys(merged, "merged"))

    def again() -> None:
        some = chance.sample(sorted(model.state), min(len(model.state), 3))
        over = [id for id in some if model.state[id] in ("failed", "withheld")]
        assert book.again(some, clock.now, clock.now + MINUTE) == sorted(over)
        for id in over:
            model.state[id], model.due[id] = "waiting", clock.now

    def restart() -> None:
        doubtful = book.in_doubt()
        assert {one.id for one in doubtful} == {
            id for id, state in model.state.items() if state == "sending"
        }
        for one in doubtful:
            book.settle(one.id, "waiting", next_at=clock.now, now=clock.now)
            model.state[one.id], model.due[one.id] = "waiting", clock.now

    def undone() -> None:
        with suppress(RuntimeError), registry.together():
            book.claim(sorted(model.state), clock.now)
            book.add([message("never")])
            raise RuntimeError

    deeds = (begin, begin, claim, claim, settle, settle, withhold, merge, again, restart, undone)
    for _ in range(60):
        chance.choice(deeds)()
        clock.turn(chance.randrange(90))
    found = {one.id: one.state for one in book.find(limit=None)}
    assert found == model.state


def test_what_waits_is_not_looked_through(tmp_path: Path) -> None:
    """What is unsettled about some things is found by these, however much else waits."""
    sqlite = open_registry(f"sqlite:///{tmp_path}/registry.db", tmp_path / "registry.key")
    mine = add(sqlite, "opened", "reminder:1")
    add(sqlite, *(f"reminder:{n}" for n in range(50)), about="incident:2")
    statements: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        statements.append((statement, parameters))

    engine = sqlite._shelf.database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    found = sqlite.outbox.unsettled(["incident:1"], [1, 2], ["sms", "email"])
    sa.event.remove(engine, "before_cursor_execute", note)
    assert sorted(one.id for one in found) == mine
    ((statement, parameters),) = [one for one in statements if "outbox" in one[0]]
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert [row[3].partition("(")[2] for row in plan] == ["about=?)"]
    sqlite.close()
