"""The sites as judging needs them: the registry's word over the configuration's [[site]], name,
region and coordinates of the device of the same MN, the medium of its ST.

Changed on the event loop; other threads read it. A command without a hub makes one of its own.
Tests: tests/hub/test_site_book.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any

from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.site import AIR_CLASS, Site, default_programme, default_role, medium_of
from store.registry.decisions import SiteRecord

Hook = Callable[[Collection[str]], object]
_NOBODY = ""


class SiteBook:
    """MN -> site.

    ``changed``: called with the MNs of which something may be different now, empty for "any".
    ``st_of``: the ST that an MN was heard with, "" for none; a device's own ST goes before it.
    """

    def __init__(
        self,
        devices: Devices,
        settings: Sequence[SiteSettings] = (),
        st_of: Callable[[str], str] = lambda _: _NOBODY,
    ) -> None:
        self.changed: list[Hook] = []
        self._devices = devices
        self._st_of = st_of
        self._configured: dict[str, SiteSettings] = {}
        self._records: dict[str, SiteRecord] = {}
        # Exchanged whole at each change: who makes a site meanwhile puts it into the old one.
        self._made: dict[str, Site] = {}
        devices.changed.append(lambda some: self._forget([one.mn for one in some]))
        devices.replaced.append(lambda _: self._forget(()))
        self.set(settings)

    def set(self, settings: Sequence[SiteSettings]) -> None:
        """The configuration's sites from now on."""
        self._configured = {site.mn: site for site in settings}
        self._forget(())

    def load(self, records: Iterable[SiteRecord]) -> None:
        """All that the registry keeps, instead of what it kept."""
        self._records = {record.mn: record for record in records}
        self._forget(())

    def upsert(self, mns: Collection[str], records: Iterable[SiteRecord]) -> None:
        """What the registry keeps of some MNs now; one without a record is gone."""
        kept = {record.mn: record for record in records}
        different = [mn for mn in mns if self._records.get(mn) != kept.get(mn)]
        if not different:
            return
        left = dict(self._records)
        for mn in different:
            left.pop(mn, None)
        self._records = {**left, **{mn: kept[mn] for mn in different if mn in kept}}
        self._forget(different)

    def site(self, mn: str) -> Site:
        """What is in force for an MN; all defaults for one of which nobody says anything."""
        made = self._made
        found = made.get(mn)
        if found is None:
            found = self._make(mn)
            if found.st or found.medium:  # else it may be heard of at any time
                made[mn] = found
        return found

    def sites(self) -> list[Site]:
        """All of which registry or configuration say anything, as a site or as a device, in order
        of MN."""
        known = {device.mn for device in self._devices.settings()}
        return [self.site(mn) for mn in sorted(known | {*self._configured, *self._records})]

    def record(self, mn: str) -> SiteRecord | None:
        """What the registry itself keeps of an MN."""
        return self._records.get(mn)

    def region_of(self, mn: str) -> str:
        """The code of its region, "" for none."""
        return self.site(mn).region

    def name(self, mn: str) -> str:
        """What people call it; the MN where it has no name."""
        return self.site(mn).name or mn

    def position(self, mn: str) -> tuple[float, float] | None:
        """Longitude and latitude in degrees; None where it is not known."""
        return self.site(mn).position

    def _forget(self, mns: Collection[str]) -> None:
        left = dict(self._made) if mns else {}  # in one step, whoever writes meanwhile
        for mn in mns:
            left.pop(mn, None)
        self._made = left
        for hook in self.changed:
            hook(mns)

    def _make(self, mn: str) -> Site:
        device = self._devices.record(mn)
        kept = self._records.get(mn) or SiteRecord(mn=mn)
        said = self._configured.get(mn) or SiteSettings(mn)
        st = device.st or self._st_of(mn)
        medium = kept.medium or said.medium or medium_of(st)
        longitude, latitude = device.longitude, device.latitude
        if longitude is None and (said.longitude or said.latitude):
            longitude, latitude = said.longitude, said.latitude
        return Site(
            mn=mn,
            name=device.name,
            region=device.region or said.region,
            longitude=longitude,
            latitude=latitude,
            st=st,
            medium=medium,
            role=kept.role or said.role or default_role(medium),
            air_class=kept.air_class or said.air_class or AIR_CLASS,
            programme=tuple(kept.programme or said.programme) or default_programme(medium),
            units={**said.units, **kept.units},
            stamp=kept.stamp or said.stamp or "start",
            hour_from=tuple(kept.hour_from or said.hour_from),
            reference_o2=_number(kept.reference_o2, said.reference_o2),
            stack_area_m2=_number(kept.stack_area_m2, said.stack_area_m2),
            outlet={**said.outlet, **kept.outlet},
            water={**said.water, **kept.water},
            noise_zone=kept.noise_zone or said.noise_zone,
            since=kept.since or _day(said.since),
            until=kept.until or _day(said.until),
            origin=self._origin(mn),
        )

    def _origin(self, mn: str) -> str:
        said: dict[str, Any] = {"registry": self._records, "configuration": self._configured}
        return ", ".join(name for name, sites in said.items() if mn in sites)


def _number(kept: float | None, said: float) -> float | None:
    return kept if kept is not None else said or None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
