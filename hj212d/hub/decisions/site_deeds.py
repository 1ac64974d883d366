"""Sites: listed and shown as they are in force, changed and removed in the registry.

What is said of name, region or coordinates goes to the device of the same MN.
Tests: tests/hub/decisions/test_deeds.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from hj212d.hub.decisions.deeds import Answer, Deed, Fields, Terms, Unknown, row
from hj212d.hub.decisions.site_changes import OF_DEVICE, OF_SITE, apply, apply_to_device
from hj212d.hub.device_changes import mn_of
from hj212d.hub.quality import region_codes
from hj212d.hub.site import Site, default_programme, default_role, medium_of
from store.registry.decisions import SiteRecord
from store.registry.open import Registry
from store.registry.records import DeviceRecord

_CHANGES = 20


class Sites(Deed, tag="sites", kw_only=True):
    """Sites as they are in force, in order of MN; of a medium, in a region and all below it.
    ``limit`` of them behind ``after``; while there may be more, ``next`` says behind which MN to
    go on."""

    medium: str | None = None
    region: str = ""
    after: str = ""
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 10_000

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "sites", and "next" while there may be more."""
        wanted = region_codes.stem(self.region)
        fitting = [
            site
            for site in terms.sites.sites()
            if site.mn > self.after
            and self.medium in (None, site.medium)
            and site.region.startswith(wanted)
        ]
        answer: Answer = {"sites": [site_row(site) for site in fitting[: self.limit]]}
        if len(fitting) > self.limit:
            answer["next"] = fitting[self.limit - 1].mn
        return answer


class SiteGet(Deed, tag="site_get", kw_only=True):
    """One site as it is in force, with the last changes of it and its device."""

    mn: str

    def do(self, registry: Registry, terms: Terms) -> Answer:
        """ "site" and "changes"; Unknown when nobody says anything of it."""
        site = terms.sites.site(self.mn)
        if site == Site(mn=self.mn):
            raise Unknown(f"nobody knows a site {self.mn}")
        notes = registry.audit.find(self.mn, _CHANGES)
        return {"site": site_row(site), "changes": [row(note) for note in notes]}


class SitePut(Deed, tag="site_put", kw_only=True):
    """Change sites, all or none: each has its ``mn`` and the fields that change."""

    sites: list[dict[str, Any]]

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "changed": how many are different now."""
        return {"changed": put_sites(registry, self.sites, self.who)}


class SiteRemove(Deed, tag="site_remove", kw_only=True):
    """Forget what the registry keeps of sites, all or none. Their devices stay."""

    mns: list[str]

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "removed": how many."""
        with registry.together():
            for mn in self.mns:
                try:
                    registry.sites.remove(mn, self.who)
                except KeyError:
                    raise Unknown(f"the registry has no site {mn}") from None
        return {"removed": len(self.mns)}


DEEDS: tuple[type[Deed], ...] = (Sites, SiteGet, SitePut, SiteRemove)


def put_sites(registry: Registry, changes: Sequence[Fields], who: str) -> int:
    """Lay changes over the sites of their MNs, all or none; how many are different now.

    ValueError names the first that is wrong: its place when there are several, field and value.
    """
    mns = [mn_of(one.get("mn")) for one in changes]
    with registry.together():
        known = {record.mn: record for record in registry.sites.some(mns)}
        known_devices = {record.mn: record for record in registry.devices.some(mns)}
        sites: dict[str, SiteRecord] = {}
        devices: dict[str, DeviceRecord] = {}
        for number, (mn, one) in enumerate(zip(mns, changes, strict=True), 1):
            try:
                before = sites.get(mn) or known.get(mn) or SiteRecord(mn=mn)
                sites[mn] = apply(before, one)
                if any(name in one for name in OF_DEVICE):
                    device = devices.get(mn) or known_devices.get(mn) or DeviceRecord(mn)
                    devices[mn] = apply_to_device(device, one)
            except ValueError as problem:
                where = f"number {number}, {mn}: " if len(mns) > 1 else ""
                raise ValueError(f"{where}{problem}") from problem
        registry.sites.put_all(list(sites.values()), who)
        registry.devices.put_all(list(devices.values()), who)
    return sum(
        1
        for mn, site in sites.items()
        if site != known.get(mn) or (mn in devices and devices[mn] != known_devices.get(mn))
    )


def site_row(site: Site) -> Answer:
    """A site for showing."""
    return row(site)


def as_fields(site: Answer) -> Answer:
    """A shown site as the fields that `site set` and `site import` take; what is empty or goes
    without saying is left out."""
    plain = site_row(
        Site(
            mn=site["mn"],
            medium=medium_of(site["st"]),
            role=default_role(site["medium"]),
            programme=default_programme(site["medium"]),
        )
    )
    said = {name: site[name] for name in (*OF_DEVICE, *OF_SITE) if site[name] != plain[name]}
    return {"mn": site["mn"], **said}
