"""Contacts, and who answers for which station or region.

Addresses of contacts are secrets where they are those of robots: they are shown in part only.
Tests: tests/hub/alert_desk/test_contact_deeds.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from alerts.notify.addresses import checked, masked
from hj212d.hub.alert_desk import fields
from hj212d.hub.alert_desk.deeds import AlertDeed, DeskTerms, Many, Number
from hj212d.hub.decisions.deeds import Answer, Unknown, one_of, only, row, text
from store.registry.alert_records import ContactRecord, ContactRole, SiteContactRecord
from store.registry.open import Registry

FIELDS = ("name", "login", "language", "ways", "quiet_from", "quiet_to", "quiet_breaks", "on")
OWNER_FIELDS = ("place", "contact", "role")
MOST_NAME = 80
_LONGEST = 2000


class Contacts(AlertDeed, tag="contacts", kw_only=True):
    """All contacts in order of their numbers."""

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "contacts"."""
        return {"contacts": [contact_row(one) for one in registry.contacts.all()]}


class ContactGet(AlertDeed, tag="contact_get", kw_only=True):
    """One contact, with what it subscribed to and what it answers for."""

    contact: int | str

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "contact", "subscriptions", "places"."""
        found = fields.contact(registry, self.contact)
        return {
            "contact": contact_row(found),
            "subscriptions": [row(one) for one in registry.subscriptions.of(found.id)],
            "places": [row(one) for one in registry.site_contacts.of_contact(found.id)],
        }


class ContactPut(AlertDeed, tag="contact_put", kw_only=True):
    """Add a contact, or change ``contact``; in ``ways`` an empty address takes a way away."""

    contact: int | str | None = None
    fields: dict[str, Any]

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "contact" as it is now."""
        before = None if self.contact is None else fields.contact(registry, self.contact)
        kept = registry.contacts.put(contact_with(before, self.fields), self.who)
        return {"contact": contact_row(kept)}


class ContactRemove(AlertDeed, tag="contact_remove", kw_only=True):
    """Forget a contact, with its subscriptions and what it answers for; not while a rule
    is its own."""

    contact: int | str

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "removed": its number."""
        found = fields.contact(registry, self.contact)
        own = [rule.key for rule in registry.rules.all() if rule.owner == found.id]
        if own:
            raise ValueError(f"contact = {found.id}: owns the rules {', '.join(own)}")
        registry.contacts.remove(found.id, self.who)
        return {"removed": found.id}


class Owners(AlertDeed, tag="owners", kw_only=True):
    """Who answers for stations and regions; of one place or all."""

    place: str | None = None

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "owners" in order of place and role."""
        if self.place is None:
            found = registry.site_contacts.all()
        else:
            found = registry.site_contacts.of_places([fields.place("place", self.place)])
        names = {one.id: one.name for one in registry.contacts.all()}
        order = get_args(ContactRole)
        listed = sorted(found, key=lambda one: (one.place, order.index(one.role), one.contact_id))
        return {
            "owners": [{**row(one), "contact": names.get(one.contact_id, "")} for one in listed]
        }


class OwnerPut(AlertDeed, tag="owner_put", kw_only=True):
    """Say who answers for stations or regions, all or none; one that stands already stays."""

    owners: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=100_000)]

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "owners", "added": how many are new, "warnings"."""
        wanted = owners_of(registry, self.owners)
        standing = {_what(one): one for one in registry.site_contacts.all()}
        added = 0
        with registry.together():
            for one in wanted:
                if _what(one) not in standing:
                    standing[_what(one)] = registry.site_contacts.put(one, self.who)
                    added += 1
        places = [one.place.partition(":") for one in wanted]
        said = fields.warnings(
            terms.sites,
            dict.fromkeys(name for what, _, name in places if what == "mn"),
            list(dict.fromkeys(name for what, _, name in places if what == "region")),
        )
        rows = [row(standing[_what(one)]) for one in wanted]
        return {"owners": rows, "added": added, "warnings": said}


class OwnerRemove(AlertDeed, tag="owner_remove", kw_only=True):
    """They answer for it no more, all or none."""

    ids: Annotated[list[Number], Meta(min_length=1, max_length=Many)]

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "removed": how many."""
        with registry.together():
            for number in self.ids:
                try:
                    registry.site_contacts.remove(number, self.who)
                except KeyError as missing:
                    raise Unknown(str(missing.args[0])) from None
        return {"removed": len(self.ids)}


DEEDS: tuple[type[AlertDeed], ...] = (
    Contacts,
    ContactGet,
    ContactPut,
    ContactRemove,
    Owners,
    OwnerPut,
    OwnerRemove,
)


def contact_row(contact: ContactRecord) -> Answer:
    """A contact for showing: addresses in part."""
    return {
        **row(contact),
        "ways": {name: masked(name, address) for name, address in contact.ways.items()},
    }


def contact_with(before: ContactRecord | None, said: Mapping[str, Any]) -> ContactRecord:
    """A contact with some fields changed; ValueError, one sentence that names field and value."""
    only(said, FIELDS, "a contact")
    contact = before or ContactRecord(name="")
    changes: dict[str, Any] = {}
    for name, wanted in said.items():
        match name:
            case "name" | "login":
                changes[name] = text(name, wanted, MOST_NAME)
            case "language":
                changes[name] = one_of(name, wanted, ("zh", "en"))
            case "ways":
                changes[name] = _ways(contact.ways, wanted)
            case "quiet_from" | "quiet_to":
                changes[name] = fields.clock(name, wanted)
            case "quiet_breaks":
                changes[name] = fields.severity(name, wanted)
            case "on":
                changes[name] = fields.yes(name, wanted)
    made = msgspec.structs.replace(contact, **changes)
    if not made.name:
        raise ValueError("name is missing: somebody must be told apart from others")
    if bool(made.quiet_from) != bool(made.quiet_to):
        missing = "quiet_to" if made.quiet_from else "quiet_from"
        raise ValueError(f"{missing} is missing: quiet hours begin and end")
    return made


def owners_of(registry: Registry, wanted: Sequence[Mapping[str, Any]]) -> list[SiteContactRecord]:
    """Who answers, of fields as people write them; ValueError names the first that is wrong."""
    made = []
    for number, said in enumerate(wanted, 1):
        try:
            only(said, OWNER_FIELDS, "a line of who answers")
            made.append(
                SiteContactRecord(
                    place=fields.place("place", said.get("place")),
                    contact_id=fields.contact(registry, said.get("contact") or "").id,
                    role=one_of("role", said.get("role") or "owner", get_args(ContactRole)),  # type: ignore[arg-type]
                )
            )
        except ValueError as problem:
            where = f"number {number}: " if len(wanted) > 1 else ""
            raise type(problem)(f"{where}{problem}") from problem
    return made


def _ways(before: Mapping[str, str], wanted: Any) -> dict[str, str]:
    """Ways with some of them changed; an empty address takes one away, "app" needs none."""
    if not isinstance(wanted, Mapping):
        raise ValueError("ways: expected an address for each channel")
    changed = {**before, **{name: text(name, said, _LONGEST) for name, said in wanted.items()}}
    return checked({name: said for name, said in changed.items() if said or name == "app"})


def _what(one: SiteContactRecord) -> tuple[Any, ...]:
    return (one.place, one.contact_id, one.role)
