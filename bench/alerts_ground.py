"""What the hub would know of the stations of a county: its own books, filled from labels' county.

Test: tests/bench/test_bench_alerts.py.
"""

from __future__ import annotations

from datetime import date

from bench.alerts_days import County
from hj212d.hub.alerts.ground import HubGround
from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.site_book import SiteBook

TODAY = date(2026, 11, 3)


def ground(county: County) -> HubGround:
    """All stations are registered."""
    sites = SiteBook(
        Devices([]),
        [
            SiteSettings(
                site.mn,
                region=site.region,
                longitude=site.longitude,
                latitude=site.latitude,
                medium=site.medium,
                outlet=site.outlet,
                water=site.water,
            )
            for site in county.sites.values()
        ],
    )
    mns = list(county.sites)
    return HubGround(sites, lambda: mns, lambda: TODAY)
