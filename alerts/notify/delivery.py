"""What becomes of the messages that are due: sent now, later, as one, or not at all.

Pure; a clock that tests drive. A lane is what one person gets by one channel. In a lane the more
severe goes first, messages of one incident stay in their order, and one is on its way to an
address at a time, so that order holds and a slow server has one thread and no more.
Tests: tests/alerts/notify/test_delivery.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from alerts.notify.pace import Address, Limits, Pace
from alerts.notify.quiet_hours import comes_through, quiet_until
from alerts.notify.settings import NotifySettings
from alerts.notify.superseding import step, superseded
from alerts.notify.waits import expires, wait_s
from store.registry.alert_records import (
    SEVERITIES,
    ContactRecord,
    MessageRecord,
    MessageState,
)

QUIET = "held for quiet hours"
OVER_BEFORE = "it was over before anybody was told that it began"
DIGEST = "digest"
TEST = "test:"  # who tries a way wants it now
APP = "app"  # it wakes nobody and has no address
IN_LINE = 10  # messages of a lane that stay due behind the one on its way
NEXT_IN_LINE_S = 10.0
SECRETS = {"dingtalk": "dingtalk_secret", "feishu": "feishu_secret", "webhook": "webhook_token"}

Lane = tuple[int, str]


class Settled(msgspec.Struct, frozen=True):
    """What becomes of one message without its being sent."""

    id: int
    state: MessageState
    error: str
    next_at: datetime | None = None


class Digest(msgspec.Struct, frozen=True):
    """Messages of a lane that go as one."""

    contact: ContactRecord
    channel: str
    messages: list[MessageRecord]


class Departure(msgspec.Struct, frozen=True):
    """A message that goes out now."""

    message: MessageRecord
    contact: ContactRecord
    address: Address


class Plan(msgspec.Struct):
    """All of it. ``merge``: messages -> the one that takes their place."""

    settle: list[Settled] = []
    merge: list[tuple[list[int], int]] = []
    digests: list[Digest] = []
    send: list[Departure] = []


class Situation(msgspec.Struct, frozen=True):
    """What holds at a moment. ``waiting_for``: addresses to which something is on its way;
    ``threads``: channel -> how many more can be sent at once."""

    now: datetime
    settings: NotifySettings
    contacts: Mapping[int, ContactRecord]
    pace: Pace
    waiting_for: frozenset[Address]
    threads: Mapping[str, int]

    @property
    def limits(self) -> Limits:
        """Of the settings."""
        return Limits(self.settings.per_minute, self.settings.per_hour)


def plan(
    due: Sequence[MessageRecord],
    others: Iterable[MessageRecord],
    situation: Situation,
) -> Plan:
    """``due``: messages that wait and whose time has come; ``others``: those not settled that are
    about the same, and the digests of their lanes, whether due or not."""
    made = Plan()
    known = {one.id: one for one in (*others, *due)}
    by_lane = sorted(due, key=lambda one: (one.contact_id, one.channel))
    open_of = _lanes(known.values())
    lanes = [(lane, list(some)) for lane, some in groupby(by_lane, key=lane_of)]
    # The lane with the most severe message first: threads may be few.
    lanes.sort(key=lambda pair: (-max(map(_rank, pair[1])), min(one.id for one in pair[1])))
    busy = set(situation.waiting_for)
    threads = dict(situation.threads)
    for lane, some in lanes:
        _plan_lane(made, lane, some, open_of[lane], situation, busy, threads)
    return made


def lane_of(message: MessageRecord) -> Lane:
    """The lane of a message."""
    return message.contact_id, message.channel


def address_of(contact: ContactRecord, channel: str) -> str:
    """Where a contact is reached by a channel, "" for nowhere; within the platform it is the
    contact itself."""
    return str(contact.id) if channel == APP else contact.ways.get(channel, "")


def after_refusal(message: MessageRecord, why: str) -> Settled:
    """What becomes of a message that will not be taken."""
    return Settled(message.id, "failed", why)


def after_failure(
    message: MessageRecord,
    why: str,
    after_s: float | None,
    settings: NotifySettings,
    now: datetime,
) -> Settled:
    """What becomes of a message that was not taken now."""
    wait = wait_s(settings.backoff_s, message.attempts, message.token, after_s)
    return Settled(message.id, "waiting", why, now + timedelta(seconds=wait))


def _plan_lane(
    made: Plan,
    lane: Lane,
    due: list[MessageRecord],
    unsettled: list[MessageRecord],
    situation: Situation,
    busy: set[Address],
    threads: dict[str, int],
) -> None:
    contact_id, channel = lane
    contact = situation.contacts.get(contact_id)
    why = _nowhere(contact, channel)
    if contact is None or why:
        state: MessageState = "failed" if contact is not None and contact.on else "withheld"
        made.settle += [Settled(one.id, state, why) for one in due]
        return
    ready = _without_superseded(made, due, unsettled, situation)
    ready = _without_expired(made, ready, situation)
    ready = _in_order(made, ready, unsettled, contact, situation)
    ready = _without_quiet(made, ready, contact, situation)
    address = (channel, address_of(contact, channel))
    ready = _as_digests(made, ready, contact, channel, address, situation)
    if not ready:
        return
    if address in busy or threads.get(channel, 0) <= 0:
        _keep_in_line(made, ready, situation.now)
        return
    busy.add(address)
    threads[channel] -= 1
    made.send.append(Departure(ready[0], contact, address))
    _keep_in_line(made, ready[1:], situation.now)


def _nowhere(contact: ContactRecord | None, channel: str) -> str:
    if contact is None:
        return "the contact is no more"
    if not contact.on:
        return "the contact is switched off"
    return "" if address_of(contact, channel) else f"the contact has no address for {channel}"


def _without_superseded(
    made: Plan,
    due: list[MessageRecord],
    unsettled: list[MessageRecord],
    situation: Situation,
) -> list[MessageRecord]:
    """Those whose place nothing later takes."""
    gone: set[int] = set()
    for about in dict.fromkeys(one.about for one in due):
        found = superseded([one for one in unsettled if one.about == about])
        for id, taken in found.taken.items():
            gone.update(taken)
            if id in found.untold and situation.settings.over_before_told == "withhold":
                gone.add(id)
                made.settle += [Settled(one, "withheld", OVER_BEFORE) for one in (*taken, id)]
            else:
                made.merge.append((taken, id))
    unsettled[:] = [one for one in unsettled if one.id not in gone]
    return [one for one in due if one.id not in gone]


def _without_expired(
    made: Plan, due: list[MessageRecord], situation: Situation
) -> list[MessageRecord]:
    left = []
    for one in due:
        if one.error != QUIET and expires(one, situation.settings) <= situation.now:
            last = f": {one.error}" if one.error else ""
            made.settle.append(Settled(one.id, "failed", f"not taken in its time{last}"))
        else:
            left.append(one)
    return left


def _in_order(
    made: Plan,
    due: list[MessageRecord],
    unsettled: list[MessageRecord],
    contact: ContactRecord,
    situation: Situation,
) -> list[MessageRecord]:
    """Those before which nothing about the same, and no digest, has still to go: behind what has
    its next attempt ahead one waits for that. What is held for quiet hours holds nothing up that
    comes through: it is told with it."""
    ready: dict[int, MessageRecord] = {one.id: one for one in due}
    for one in sorted(due, key=lambda one: one.id):
        before = [
            earlier
            for earlier in unsettled
            if earlier.id < one.id and earlier.about in (one.about, DIGEST)
        ]
        held = [
            earlier.id
            for earlier in before
            if earlier.error == QUIET and earlier.state == "waiting" and earlier.about == one.about
        ]
        if held and comes_through(contact, one.severity):
            made.merge.append((held, one.id))
            for id in held:
                ready.pop(id, None)
            unsettled[:] = [earlier for earlier in unsettled if earlier.id not in held]
            before = [earlier for earlier in before if earlier.id not in held]
        stops = [earlier for earlier in before if earlier.id not in ready]
        if stops and one.id in ready:
            del ready[one.id]
            ahead = [earlier.next_at for earlier in stops if earlier.state == "waiting"]
            at = max((at for at in ahead if at is not None), default=None)
            if at is not None and at > situation.now:
                made.settle.append(Settled(one.id, "waiting", one.error, at))
    return list(ready.values())


def _without_quiet(
    made: Plan, due: list[MessageRecord], contact: ContactRecord, situation: Situation
) -> list[MessageRecord]:
    until = quiet_until(contact, situation.now)
    if until is None:
        return due
    left = []
    for one in due:
        if (
            one.channel == APP
            or one.about.startswith(TEST)
            or comes_through(contact, one.severity)
        ):
            left.append(one)
        else:
            made.settle.append(Settled(one.id, "waiting", QUIET, until))
    return left


def _as_digests(
    made: Plan,
    due: list[MessageRecord],
    contact: ContactRecord,
    channel: str,
    address: Address,
    situation: Situation,
) -> list[MessageRecord]:
    """What goes by itself, the most severe first, but behind digests, whose messages are older;
    what was held for quiet hours, reminders, and what is more than the address may get, go as
    one."""
    if channel == APP:
        return _by_severity(due)
    night = [one for one in due if one.error == QUIET and one.about != DIGEST]
    reminders = [one for one in due if one not in night and step(one) == "reminder"]
    singles = due
    for together in (night, reminders):
        if len(together) > 1:
            made.digests.append(Digest(contact, channel, _by_severity(together)))
            singles = [one for one in singles if one not in together]
    free = situation.pace.free(address, situation.limits, situation.now)
    if free <= 0:
        at = situation.pace.next_free(address, situation.limits, situation.now)
        made.settle += [Settled(one.id, "waiting", one.error, at) for one in singles]
        return []
    digests = [one for one in singles if one.about == DIGEST]
    told = _by_severity([one for one in singles if one.about != DIGEST])
    room = free - len(digests)
    if len(told) <= room:
        return digests + told
    # One of those that may go is the digest. What is about the same stays together.
    alone, rest = _parted(told, max(room - 1, 0))
    if len(rest) > 1:
        made.digests.append(Digest(contact, channel, rest))
    else:
        at = situation.pace.next_free(address, situation.limits, situation.now)
        later = max(at, situation.now + timedelta(seconds=NEXT_IN_LINE_S))
        made.settle += [Settled(one.id, "waiting", one.error, later) for one in rest]
    return digests + alone


def _parted(
    messages: list[MessageRecord], many: int
) -> tuple[list[MessageRecord], list[MessageRecord]]:
    """The first ones, at most so many, without parting what is about the same; and the rest."""
    alone: list[MessageRecord] = []
    rest: list[MessageRecord] = []
    for about in dict.fromkeys(one.about for one in messages):
        group = [one for one in messages if one.about == about]
        if not rest and len(alone) + len(group) <= many:
            alone += group
        else:
            rest += group
    return alone, rest


def _keep_in_line(made: Plan, messages: list[MessageRecord], now: datetime) -> None:
    """Let a long line of one address not stand before those of others."""
    later = now + timedelta(seconds=NEXT_IN_LINE_S)
    made.settle += [Settled(one.id, "waiting", one.error, later) for one in messages[IN_LINE:]]


def _by_severity(messages: Sequence[MessageRecord]) -> list[MessageRecord]:
    """The most severe first; what is about the same stays together and in its order."""
    worst: dict[str, int] = {}
    first: dict[str, int] = {}
    for one in messages:
        worst[one.about] = max(worst.get(one.about, 0), _rank(one))
        first[one.about] = min(first.get(one.about, one.id), one.id)
    return sorted(messages, key=lambda one: (-worst[one.about], first[one.about], one.id))


def _rank(message: MessageRecord) -> int:
    return SEVERITIES.index(message.severity)


def _lanes(messages: Iterable[MessageRecord]) -> dict[Lane, list[MessageRecord]]:
    lanes: dict[Lane, list[MessageRecord]] = {}
    for one in messages:
        lanes.setdefault(lane_of(one), []).append(one)
    return lanes
