"""What contacts want to hear of, and limits that are one contact's own.

Tests: tests/hub/alert_desk/test_subscription_deeds.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from zlib import crc32

import msgspec
from msgspec import Meta

from hj212d.hub.alert_desk import fields
from hj212d.hub.alert_desk.deeds import AlertDeed, DeskTerms, Many, Number
from hj212d.hub.alert_desk.rule_deeds import kept, rule_row
from hj212d.hub.decisions.deeds import Answer, Unknown, one_of, only, row, texts
from hj212d.hub.decisions.review_deeds import factor_of
from hj212d.hub.device_changes import mn_of
from store.registry.alert_records import CHANNELS, RuleRecord, SubscriptionRecord
from store.registry.open import Registry

FIELDS = (
    "topics",
    "kinds",
    "rules",
    "severity",
    "regions",
    "mns",
    "channels",
    "summary_every",
    "on",
)
TOPICS = ("incidents", "ranking", "summary", "plans", "warnings")
_PLAIN = 30  # letters of an MN that stand in a key
SPANS = ("", "hour", "6h", "12h", "day")


class Subscriptions(AlertDeed, tag="subscriptions", kw_only=True):
    """Subscriptions of a contact or all, in order of their numbers."""

    contact: int | str | None = None

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "subscriptions"."""
        if self.contact is None:
            found = registry.subscriptions.all()
        else:
            found = registry.subscriptions.of(fields.contact(registry, self.contact).id)
        names = {one.id: one.name for one in registry.contacts.all()}
        return {
            "subscriptions": [
                {**row(one), "contact": names.get(one.contact_id, "")} for one in found
            ]
        }


class SubscriptionAdd(AlertDeed, tag="subscription_add", kw_only=True):
    """Have a contact hear of something."""

    contact: int | str
    fields: dict[str, Any] = msgspec.field(default_factory=dict)

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "subscription" as it is kept, "warnings"."""
        to = fields.contact(registry, self.contact)
        wanted = subscription_of(to.id, self.fields)
        known = set(terms.incidents(registry).rules)
        said = fields.warnings(terms.sites, wanted.mns, wanted.regions)
        said += [f"there is no rule {key} yet" for key in wanted.rules if key not in known]
        said += [f"{to.name} has no {one}" for one in wanted.channels if one not in to.ways]
        if not to.ways:
            said.append(f"{to.name} has no way to be told")
        return {
            "subscription": row(registry.subscriptions.put(wanted, self.who)),
            "warnings": said,
        }


class SubscriptionRemove(AlertDeed, tag="subscription_remove", kw_only=True):
    """End subscriptions, all or none."""

    ids: Annotated[list[Number], Meta(min_length=1, max_length=Many)]

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "removed": how many."""
        with registry.together():
            for number in self.ids:
                try:
                    registry.subscriptions.remove(number, self.who)
                except KeyError as missing:
                    raise Unknown(str(missing.args[0])) from None
        return {"removed": len(self.ids)}


class SubscriptionLimit(AlertDeed, tag="subscription_limit", kw_only=True):
    """A contact's own limit of a factor at a station: a rule that it alone hears of. Said again it
    takes the place of the one before."""

    contact: int | str
    mn: str
    factor: str
    high: float | None = None
    low: float | None = None
    period: str = "realtime"

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "rule", "warnings"."""
        to = fields.contact(registry, self.contact)
        mn, factor = mn_of(self.mn), factor_of(self.factor)
        if not factor:
            raise ValueError("factor is missing: a limit is of one")
        if self.high is None and self.low is None:
            raise ValueError("high is missing: a limit has one, or a low one")
        bounds = {"high": self.high, "low": self.low}
        record = RuleRecord(
            key=_key(registry, to.id, mn, factor),
            kind="over_limit",
            params={
                "by": "value",
                "period": self.period,
                **{name: value for name, value in bounds.items() if value is not None},
            },
            mns=[mn],
            factors=[factor],
            owner=to.id,
        )
        rule = kept(registry, record, self.who)
        return {
            "rule": rule_row(rule),
            "warnings": fields.warnings(terms.sites, [mn], ()),
        }


DEEDS: tuple[type[AlertDeed], ...] = (
    Subscriptions,
    SubscriptionAdd,
    SubscriptionRemove,
    SubscriptionLimit,
)


def _key(registry: Registry, contact_id: int, mn: str, factor: str) -> str:
    """Keys have small letters: a second MN of the same letters is told apart by its checksum."""
    plain = "".join(one for one in mn.lower()[:_PLAIN] if one.isascii() and one.isalnum())
    key = f"own-{contact_id}-{plain}-{factor.lower()}"
    other = registry.rules.get(key)
    if len(mn) > _PLAIN or (other is not None and other.mns != [mn]):
        key = f"own-{contact_id}-{plain}-{crc32(mn.encode()):08x}-{factor.lower()}"
    return key


def subscription_of(contact_id: int, said: Mapping[str, Any]) -> SubscriptionRecord:
    """A subscription of fields as people write them; ValueError names field and value."""
    only(said, FIELDS, "a subscription")
    changes: dict[str, Any] = {}
    for name, wanted in said.items():
        match name:
            case "topics":
                changes[name] = [one_of(name, one, TOPICS) for one in texts(name, wanted)]
            case "kinds":
                changes[name] = fields.kinds(name, wanted)
            case "rules":
                changes[name] = texts(name, wanted)
            case "severity":
                changes[name] = fields.severity(name, wanted)
            case "regions":
                changes[name] = fields.regions(name, wanted)
            case "mns":
                changes[name] = fields.mns(name, wanted)
            case "channels":
                changes[name] = [one_of(name, one, CHANNELS) for one in texts(name, wanted)]
            case "summary_every":
                changes[name] = one_of(name, wanted or "", SPANS)
            case "on":
                changes[name] = fields.yes(name, wanted)
    if not changes.get("topics", True):
        raise ValueError("topics is missing: a subscription is of something")
    made = msgspec.structs.replace(SubscriptionRecord(contact_id=contact_id), **changes)
    if "summary" in made.topics and not made.summary_every:
        raise ValueError("summary_every is missing: how often a summary comes")
    return made
