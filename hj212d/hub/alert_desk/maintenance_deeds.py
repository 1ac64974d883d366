"""Maintenance windows: added, cancelled, listed.

Tests: tests/hub/alert_desk/test_maintenance_deeds.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from alerts.incidents.maintenance import until
from hj212d.hub.alert_desk import fields
from hj212d.hub.alert_desk.deeds import AlertDeed, DeskTerms, Number, Page
from hj212d.hub.decisions.deeds import (
    Answer,
    Unknown,
    moment,
    one_of,
    only,
    row,
    shown,
    text,
    texts,
)
from hj212d.hub.decisions.review_deeds import factor_of
from store.registry.alert_records import MaintenanceRecord
from store.registry.open import Registry

FIELDS = ("mns", "regions", "factors", "kinds", "start", "end", "span", "every", "reason")
LONGEST = timedelta(days=366)
_EVERY = {"": LONGEST, "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(28)}


class MaintenanceList(AlertDeed, tag="maintenance", kw_only=True):
    """Maintenance windows that are or will be; all with ``state`` "all"; newest first."""

    state: Literal["standing", "all"] = "standing"
    limit: Page = 100

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "maintenance"; each says in "active" whether it is now."""
        found = registry.maintenance.list(
            start=terms.now if self.state == "standing" else None,
            cancelled=False if self.state == "standing" else None,
            limit=self.limit,
        )
        return {
            "maintenance": [
                {**row(one), "active": until(one, terms.now) is not None} for one in found
            ]
        }


class MaintenanceAdd(AlertDeed, tag="maintenance_add", kw_only=True):
    """Have alarms open no incident for a time, once or every day, week or month."""

    fields: dict[str, Any]

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "maintenance" as it is kept, "warnings"."""
        wanted = window_of(self.fields, self.who, terms)
        kept = registry.maintenance.add(wanted, self.who)
        return {
            "maintenance": row(kept),
            "warnings": fields.warnings(terms.sites, wanted.mns, wanted.regions),
        }


class MaintenanceCancel(AlertDeed, tag="maintenance_cancel", kw_only=True):
    """End a window before its time, or let it not begin."""

    id: Number

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "maintenance" as it is now."""
        try:
            return {"maintenance": row(registry.maintenance.cancel(self.id, self.who))}
        except KeyError as missing:
            raise Unknown(str(missing.args[0])) from None


DEEDS: tuple[type[AlertDeed], ...] = (MaintenanceList, MaintenanceAdd, MaintenanceCancel)


def window_of(said: Mapping[str, Any], who: str, terms: DeskTerms) -> MaintenanceRecord:
    """A window of fields as people write them; ValueError names field and value."""
    only(said, FIELDS, "a maintenance window")
    now = terms.now.replace(microsecond=0)
    start = moment("start", said["start"]) if said.get("start") else now
    end = _end(said, start)
    every = one_of("every", said.get("every") or "", tuple(_EVERY))
    if end <= start:
        raise ValueError(f"end = {shown(said.get('end'))}: a window ends after it begins")
    if not every and end <= terms.now:
        raise ValueError(f"end = {end.isoformat()}: lies in the past")
    if end - start > _EVERY[every]:
        raise ValueError(
            f"end = {end.isoformat()}: a window"
            f"{f' of every {every}' if every else ''} lasts {_EVERY[every].days} days at the most"
        )
    window = MaintenanceRecord(
        mns=fields.mns("mns", said.get("mns") or []),
        regions=fields.regions("regions", said.get("regions") or []),
        factors=[factor_of(one) for one in texts("factors", said.get("factors") or [])],
        kinds=fields.kinds("kinds", said.get("kinds") or []),
        start=start,
        end=end,
        every=every,  # type: ignore[arg-type]
        reason=text("reason", said.get("reason") or ""),
        who=who,
        at=terms.now,
    )
    if not (window.mns or window.regions or window.kinds):
        raise ValueError("mns is missing: say of which stations, regions or kinds of alarms")
    return window


def _end(said: Mapping[str, Any], start: datetime) -> datetime:
    if bool(said.get("end")) == bool(said.get("span")):
        raise ValueError("end: say when a window ends, or in span how long it is, one of the two")
    if said.get("span"):
        return start + fields.span("span", said["span"])
    return moment("end", said["end"])
