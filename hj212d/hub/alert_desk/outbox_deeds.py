"""Messages: what waits, what left and what failed; and what is for somebody to read in-app.

Tests: tests/hub/alert_desk/test_outbox_deeds.py.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from hj212d.hub.alert_desk import fields
from hj212d.hub.alert_desk.deeds import AlertDeed, DeskTerms, Many, Number, Page
from hj212d.hub.decisions.deeds import Answer, Unknown, row
from store.registry.alert_records import CHANNELS, Channel, MessageRecord, MessageState
from store.registry.open import Registry

ONE_MORE = timedelta(days=1)  # so long what is tried again is tried


class Outbox(AlertDeed, tag="outbox", kw_only=True):
    """Messages, newest first, without their texts. ``before``: those with a smaller ``id``."""

    about: str | None = None
    contact: int | str | None = None
    channel: Channel | None = None
    state: list[MessageState] | None = None
    before: int | None = None
    limit: Page = 100

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "messages", "counts" by state of all, "next" when there may be more."""
        to = None if self.contact is None else fields.contact(registry, self.contact).id
        found = registry.outbox.find(
            about=self.about,
            contact=to,
            channel=self.channel,
            states=self.state,
            limit=self.limit,
            before_id=self.before,
        )
        answer: Answer = {
            "messages": _named(registry, found, "text", "facts"),
            "counts": _counted(registry),
        }
        if len(found) == self.limit:
            answer["next"] = found[-1].id
        return answer


class OutboxGet(AlertDeed, tag="outbox_get", kw_only=True):
    """One message with its text and what became of it."""

    id: Number

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "message"."""
        return {"message": _named(registry, [_message(registry, self.id)])[0]}


class OutboxAgain(AlertDeed, tag="outbox_again", kw_only=True):
    """Try messages again that failed or were withheld, all or none, with the token they have."""

    ids: Annotated[list[Number], Meta(min_length=1, max_length=Many)]

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "messages" as they are now."""
        with registry.together():
            for number in self.ids:
                state = _message(registry, number).state
                if state not in ("failed", "withheld"):
                    raise ValueError(f"ids = {number}: is {state}, not failed or withheld")
            registry.outbox.again(self.ids, terms.now, terms.now + ONE_MORE)
        return {"messages": _again(registry, self.ids)}


class OutboxDrop(AlertDeed, tag="outbox_drop", kw_only=True):
    """Do not send messages that wait, all or none; they stay to be seen, withheld."""

    ids: Annotated[list[Number], Meta(min_length=1, max_length=Many)]

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "messages" as they are now."""
        with registry.together():
            for number in self.ids:
                state = _message(registry, number).state
                if state != "waiting":
                    raise ValueError(f"ids = {number}: is {state}, not waiting")
                registry.outbox.settle(
                    number, "withheld", error=f"dropped by {self.who}", now=terms.now
                )
        return {"messages": _again(registry, self.ids)}


class ContactTest(AlertDeed, tag="contact_test", kw_only=True):
    """Send a test message by the ways of a contact, one of them or all, as any message goes."""

    contact: int | str
    channel: Channel | None = None

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "messages": look what becomes of them."""
        to = fields.contact(registry, self.contact)
        ways = [way for way in CHANNELS if way in to.ways]
        if self.channel is not None and self.channel not in ways:
            raise ValueError(f'channel = "{self.channel}": {to.name} has none')
        if not ways:
            raise ValueError(f"contact = {to.id}: {to.name} has no way to be told")
        subject, text = _WORDS[to.language]
        about = f"test:{secrets.token_hex(4)}"
        added = registry.outbox.add(
            [
                MessageRecord(
                    about=about,
                    step="sent",
                    contact_id=to.id,
                    channel=way,
                    severity="critical",  # quiet hours hold a test up as little
                    subject=subject,
                    text=text.format(who=self.who, name=to.name),
                    created_at=terms.now,
                    next_at=terms.now,
                )
                for way in ([self.channel] if self.channel else ways)
            ]
        )
        return {"messages": _named(registry, added)}


class Messages(AlertDeed, tag="messages", kw_only=True):
    """In-app messages of a contact, newest first; without ``contact`` of the one whose account is
    who asks. ``all``: those that were read, too."""

    contact: int | str | None = None
    all: bool = False
    before: int | None = None
    limit: Page = 100

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "messages", "contact", "next" when there may be more."""
        to = _reader(registry, self.contact, self.who)
        found = registry.outbox.find(
            contact=to, channel="app", limit=self.limit, before_id=self.before
        )
        wanted = [one for one in found if self.all or one.read_at is None]
        answer: Answer = {"messages": _named(registry, wanted, "facts"), "contact": to}
        if len(found) == self.limit:
            answer["next"] = found[-1].id
        return answer


class MessagesRead(AlertDeed, tag="messages_read", kw_only=True):
    """Mark in-app messages of a contact as read; without ``ids`` all of them. Those of others are
    left as they are."""

    contact: int | str | None = None
    ids: Annotated[list[Number], Meta(max_length=Many)] | None = None

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "read": how many."""
        to = _reader(registry, self.contact, self.who)
        wanted = self.ids
        if wanted is None:
            found = registry.outbox.find(contact=to, channel="app", limit=Many)
            wanted = [one.id for one in found if one.read_at is None]
        return {"read": registry.outbox.read(wanted, to, terms.now)}


DEEDS: tuple[type[AlertDeed], ...] = (
    Outbox,
    OutboxGet,
    OutboxAgain,
    OutboxDrop,
    ContactTest,
    Messages,
    MessagesRead,
)

_WORDS = {
    "zh": ("【测试】告警通知", "这是 {who} 发给 {name} 的测试消息，收到即表示该渠道可用。"),
    "en": ("[test] alerts", "A test message from {who} to {name}: this channel works."),
}


def _message(registry: Registry, number: int) -> MessageRecord:
    found: MessageRecord | None = registry.outbox.get(number)
    if found is None:
        raise Unknown(f"there is no message {number}")
    return found


def _counted(registry: Registry) -> dict[str, int]:
    counts: dict[str, int] = {}
    for (_, state), many in registry.outbox.counts().items():
        counts[state] = counts.get(state, 0) + many
    return counts


def _again(registry: Registry, ids: list[int]) -> list[Answer]:
    return _named(registry, [_message(registry, number) for number in ids])


def _named(registry: Registry, found: list[MessageRecord], *but: str) -> list[Answer]:
    names = {one.id: one.name for one in registry.contacts.all()}
    rows = [{**row(one), "contact": names.get(one.contact_id, "")} for one in found]
    for name in but:
        for one in rows:
            del one[name]
    return rows


def _reader(registry: Registry, wanted: int | str | None, who: str) -> int:
    if wanted is not None:
        return fields.contact(registry, wanted).id
    for one in registry.contacts.all():
        if one.login and one.login == who:
            return one.id
    raise Unknown(f"no contact has the account {who}")
