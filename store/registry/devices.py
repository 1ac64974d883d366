"""The book of devices. Each change is noted in the audit table in the same transaction.

Tests: tests/store/registry/test_devices_book.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.auditing import AuditBook, Change
from store.registry.records import DeviceRecord
from store.registry.secrets import SecretBox, password_of
from store.registry.shelf import Book, Shelf, fields, record
from store.registry.tables import devices

_AT_ONCE = 500  # MNs in one IN (...)


class DevicesBook(Book):
    """MN -> device."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def all(self) -> list[DeviceRecord]:
        """All devices in order of MN."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(devices).order_by(devices.c.mn)).mappings()
            return [self._device(row) for row in rows]

    def count(self) -> int:
        """How many there are."""
        with self._database.reading() as connection:
            query = sa.select(sa.func.count()).select_from(devices)
            return int(connection.execute(query).scalar_one())

    def some(self, mns: Sequence[str]) -> list[DeviceRecord]:
        """Those of some MNs that are kept."""
        with self._database.reading() as connection:
            return list(self._known(connection, mns).values())

    def get(self, mn: str) -> DeviceRecord | None:
        """One device; None when it is not kept."""
        with self._database.reading() as connection:
            return self._known(connection, [mn]).get(mn)

    def put(self, device: DeviceRecord, who: str) -> DeviceRecord:
        """Keep a device, new or changed; as it is kept now."""
        return self.put_all([device], who)[0]

    def put_all(self, wanted: Sequence[DeviceRecord], who: str) -> list[DeviceRecord]:
        """Keep many, all or none; an MN that comes twice: the last one holds. Those that are the
        same already are not touched."""
        with self._database.writing() as connection:
            known = self._known(connection, [device.mn for device in wanted])
            now = self._now()
            kept: dict[str, DeviceRecord] = {}
            for device in wanted:
                before = known.get(device.mn)
                kept[device.mn] = msgspec.structs.replace(
                    device,
                    created_at=before.created_at if before else now,
                    changed_at=before.changed_at if before else now,
                )
            changed = [
                msgspec.structs.replace(device, changed_at=now)
                for device in kept.values()
                if device != known.get(device.mn)
            ]
            box = self._sealing(connection)
            new = [_row(box, device) for device in changed if device.mn not in known]
            if new:
                connection.execute(sa.insert(devices), new)
            old = [_row(box, device) for device in changed if device.mn in known]
            if old:
                connection.execute(_UPDATE, [{**row, "_mn": row["mn"]} for row in old])
            self._audit.note(
                connection, who, "device put", (_change(known, device) for device in changed)
            )
            kept.update((device.mn, device) for device in changed)
        return [kept[device.mn] for device in wanted]

    def remove(self, mn: str, who: str) -> None:
        """Forget a device; its keys stay. KeyError when it is not kept."""
        with self._database.writing() as connection:
            known = self._known(connection, [mn])
            if mn not in known:
                raise KeyError(mn)
            connection.execute(sa.delete(devices).where(devices.c.mn == mn))
            self._audit.note(connection, who, "device removed", [(mn, _noted(known[mn]), {})])

    def _known(self, connection: Connection, mns: Iterable[str]) -> dict[str, DeviceRecord]:
        wanted = list(dict.fromkeys(mns))
        found: dict[str, DeviceRecord] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            query = sa.select(devices).where(devices.c.mn.in_(wanted[start : start + _AT_ONCE]))
            for row in connection.execute(query).mappings():
                found[row["mn"]] = self._device(row)
        return found

    def _device(self, row: Any) -> DeviceRecord:
        password = self._open(row["password"], password_of(row["mn"])).decode()
        return record(DeviceRecord, row, password=password)


_UPDATE = (
    sa.update(devices)
    .where(devices.c.mn == sa.bindparam("_mn"))
    .values(
        {column.name: sa.bindparam(column.name) for column in devices.c if column.name != "mn"}
    )
)


def _row(box: SecretBox, device: DeviceRecord) -> dict[str, Any]:
    sealed = box.seal(device.password.encode(), password_of(device.mn))
    return {**fields(device), "password": sealed}


def _noted(device: DeviceRecord) -> dict[str, Any]:
    return fields(device, "mn", "created_at", "changed_at")


def _change(known: dict[str, DeviceRecord], after: DeviceRecord) -> Change:
    before = known.get(after.mn)
    return after.mn, _noted(before) if before else {}, _noted(after)
