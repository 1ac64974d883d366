"""The book of sites behind the registry's thread: it goes by every change at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from test_registry_service import Rig

from hj212d.hub.devices import Devices
from hj212d.hub.registry_service import LOOK_EVERY_S, RegistryService
from hj212d.hub.site_book import SiteBook
from store.registry.decisions import SiteRecord
from store.registry.open import open_registry
from store.registry.records import DeviceRecord

SITE = SiteRecord(mn="A", medium="air", role="control")


class SitesRig(Rig):
    """The same with a book of sites, and what it was told."""

    def __init__(self, folder: Path) -> None:
        devices = Devices([])
        super().__init__(folder, devices)
        self.key = folder / "registry.key"
        self.sites = SiteBook(devices)
        self.heard: list[Collection[str]] = []
        self.service = RegistryService(
            self.loop, self.url, lambda: open_registry(self.url, self.key), devices, self.sites
        )


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SitesRig]:
    """A service that knows one site from before."""
    made = SitesRig(tmp_path)
    with closing(open_registry(made.url, made.key)) as registry:
        registry.sites.put(SITE, "anna")
    made.service.startService()
    made.until(lambda: made.service.state == "ok")
    made.sites.changed.append(made.heard.append)
    yield made
    made.result(made.service.stopService())


def test_it_is_read_when_the_registry_opens(rig: SitesRig) -> None:
    """All that is kept."""
    assert rig.sites.site("A").role == "control"


def test_a_call_that_changes_a_site_is_heard_before_it_fires(rig: SitesRig) -> None:
    """Put, and removed."""
    other = SiteRecord(mn="B", medium="flue")
    rig.result(rig.service.call(lambda registry: registry.sites.put(other, "anna")))
    assert rig.sites.site("B").medium == "flue"
    rig.result(rig.service.call(lambda registry: registry.sites.remove("A", "anna")))
    assert rig.sites.site("A").medium == ""
    assert rig.heard == [["B"], ["A"]]


def test_name_and_place_of_the_device_are_heard_too(rig: SitesRig) -> None:
    """They are the site's."""
    device = DeviceRecord("A", name="甲", region="330106")
    rig.result(rig.service.call(lambda registry: registry.devices.put(device, "anna")))
    assert (rig.sites.name("A"), rig.sites.region_of("A")) == ("甲", "330106")
    assert rig.heard == [["A"]]


def test_what_another_process_changed(rig: SitesRig) -> None:
    """At the next look around."""
    with closing(open_registry(rig.url, rig.key)) as registry:
        registry.sites.put(SiteRecord(mn="A", medium="air", role="other"), "bert")
    rig.loop.pass_time(LOOK_EVERY_S)
    rig.until(lambda: rig.heard)
    assert rig.sites.site("A").role == "other"
