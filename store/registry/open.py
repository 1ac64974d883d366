"""From a URL to a registry with its books, its tables at their newest, its secrets open.

Tests: tests/store/registry/test_registry_open.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from store.registry import sealing, tables
from store.registry.activations import ActivationsBook
from store.registry.alarms import AlarmsBook
from store.registry.auditing import AuditBook
from store.registry.bulletins import BulletinsBook
from store.registry.cases import CasesBook
from store.registry.commands import CommandsBook
from store.registry.contacts import ContactsBook
from store.registry.database import Database
from store.registry.dead_letters import DeadLettersBook
from store.registry.devices import DevicesBook
from store.registry.errors import RegistryUnavailable
from store.registry.events import EventsBook
from store.registry.gaps import GapsBook
from store.registry.incidents import IncidentsBook
from store.registry.keeping import KeepingBook
from store.registry.keys import KeysBook
from store.registry.limits import LimitsBook
from store.registry.maintenance import MaintenanceBook
from store.registry.migrate import to_head
from store.registry.outbox import OutboxBook
from store.registry.place import sqlite_file
from store.registry.plans import PlansBook
from store.registry.positions import PositionsBook
from store.registry.reviews import ReviewsBook
from store.registry.rules import RulesBook
from store.registry.runs import RunsBook
from store.registry.shelf import Shelf, utc_now
from store.registry.site_contacts import SiteContactsBook
from store.registry.sites import SitesBook
from store.registry.subscriptions import SubscriptionsBook

__all__ = ["Registry", "RegistryUnavailable", "open_registry"]


def open_registry(
    url: str, secret_file: Path, *, now: Callable[[], datetime] = utc_now
) -> Registry:
    """The registry that a URL names: ``sqlite:///relative``, ``sqlite:////absolute`` or
    ``postgresql://user:password@host/name``.

    Tables are made or brought to this version, the key of the secrets is read or, for a registry
    without any secret yet, made. RegistryUnavailable, one sentence, when it cannot be used;
    ValueError for a URL that names no registry.
    """
    file = sqlite_file(url)
    if file is not None:
        _make_folder(file)
    database = Database(url)
    try:
        to_head(database)
        box = sealing.box(database, secret_file, now)
        registry = Registry(Shelf(database, box, now), secret_file)
    except BaseException:
        database.close()
        raise
    return registry


def migrate_registry(url: str) -> str:
    """Bring the tables of a registry to this version, without its key; the version that they had,
    "" for none. RegistryUnavailable, ValueError as above."""
    file = sqlite_file(url)
    if file is not None:
        _make_folder(file)
    database = Database(url)
    try:
        return to_head(database)
    finally:
        database.close()


class Registry:
    """Blocking, safe for threads. Every book's call is a transaction of its own unless it stands
    within :meth:`together`."""

    def __init__(self, shelf: Shelf, secret_file: Path) -> None:
        self._shelf = shelf
        self._secret_file = secret_file
        self.audit = AuditBook(shelf)
        self.devices = DevicesBook(shelf, self.audit)
        self.keys = KeysBook(shelf, self.audit)
        self.commands = CommandsBook(shelf)
        self.activations = ActivationsBook(shelf)
        self.positions = PositionsBook(shelf, self.devices)
        self.gaps = GapsBook(shelf)
        self.dead_letters = DeadLettersBook(shelf)
        self.sites = SitesBook(shelf, self.audit)
        self.reviews = ReviewsBook(shelf, self.audit)
        self.events = EventsBook(shelf, self.audit)
        self.limits = LimitsBook(shelf, self.audit)
        self.bulletins = BulletinsBook(shelf)
        self.rules = RulesBook(shelf, self.audit)
        self.alarms = AlarmsBook(shelf)
        self.incidents = IncidentsBook(shelf)
        self.contacts = ContactsBook(shelf, self.audit)
        self.subscriptions = SubscriptionsBook(shelf, self.audit)
        self.site_contacts = SiteContactsBook(shelf, self.audit)
        self.outbox = OutboxBook(shelf)
        self.maintenance = MaintenanceBook(shelf, self.audit)
        self.plans = PlansBook(shelf, self.audit)
        self.runs = RunsBook(shelf)
        self.cases = CasesBook(shelf)
        self.keeping = KeepingBook(shelf)
        self._noted = self.audit.last()

    @property
    def url(self) -> str:
        """The URL without its password."""
        return self._shelf.database.shown

    @contextmanager
    def together(self) -> Iterator[None]:
        """All calls of this thread in the block are one transaction: all hold or none."""
        with self._shelf.database.writing():
            yield

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """As :meth:`together`, quicker: within it no part can be undone alone. PartFailed, and
        nothing holds, when one fails, whoever caught it."""
        with self._shelf.database.writing_at_once():
            yield

    def prove(self) -> None:
        """Write something that changes nothing; RegistryUnavailable when it cannot be written."""
        with self._shelf.database.writing() as connection:
            connection.execute(sa.update(tables.sealing).values(key_id=tables.sealing.c.key_id))

    def look(self) -> None:
        """Notice what other processes changed; see :meth:`take_touched`."""
        touched, self._noted = self.audit.touched_since(self._noted)
        self._shelf.touched |= touched

    def take_touched(self) -> set[str]:
        """The MNs of which a device or a key changed since the last time it was asked. A change
        that was undone may be among them."""
        touched, self._shelf.touched = self._shelf.touched, set()
        return touched

    def rekey(self) -> int:
        """Exchange the key: seal every secret anew and write the new key into its file; how many
        secrets there were. Safe to kill at any moment."""
        return sealing.exchange(self._shelf, self._secret_file)

    def close(self) -> None:
        """Close the connections; later calls open them again."""
        self._shelf.database.close()


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise RegistryUnavailable(
            f"the folder of the registry {file} cannot be made: {problem.strerror}"
        ) from problem
