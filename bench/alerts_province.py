"""36,000 stations that send frames and nothing else, and those who answer for them: what an
outage needs.

Test: tests/bench/test_bench_alerts_outage.py.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bench.alerts_columns import filled, text_column, time_column
from bench.alerts_ground import TODAY
from hj212d.hub.alerts.ground import HubGround
from hj212d.hub.alerts.places import SitePlaces
from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.site_book import SiteBook
from store.registry.alert_records import ContactRecord, SiteContactRecord, SubscriptionRecord
from store.registry.open import Registry
from store.timeseries import FRAMES

Bits = npt.NDArray[np.bool_]

EVERY_S = 60.0  # of frames
_COUNTIES = 10  # of a city
_PROVINCE = "33"


class Province:
    """``count`` stations in cities, of which the first has ``first``; ``contacts`` people: one
    for each city, one for all, the others own stations."""

    def __init__(self, count: int, first: int, contacts: int) -> None:
        self.mns = [f"33{number:022d}" for number in range(count)]
        cities = max(2, 1 + (count - first) // max(1, first * 3 // 5))
        rest = np.arange(count - first) * (cities - 1) // max(1, count - first) + 1
        self.city = np.concatenate([np.zeros(first, int), rest])
        self.counties = self.city * _COUNTIES + np.arange(count) % _COUNTIES
        self.contacts = contacts
        self._phase_s = np.random.default_rng(7).uniform(0, EVERY_S, count)
        self._names = pa.array(self.mns)
        sites = SiteBook(
            Devices([]),
            [
                SiteSettings(mn, region=code(int(county)), medium="air")
                for mn, county in zip(self.mns, self.counties, strict=True)
            ],
        )
        names = {f"{_PROVINCE}{city + 1:02d}00": f"{city + 1} 市" for city in range(cities)}
        self.places = SitePlaces(sites, lambda: names)
        self.ground = HubGround(sites, lambda: self.mns, lambda: TODAY)

    def people(self, registry: Registry) -> None:
        """Write who is told: owners of stations by text message, those of cities and the chief by
        subscription."""
        cities = sorted(set(self.city.tolist()))
        with registry.at_once():
            ids = [
                registry.contacts.put(
                    ContactRecord(name=f"{number} 号", ways={"sms": f"138{number:08d}"}), "bench"
                ).id
                for number in range(self.contacts)
            ]
            heads, chief, owners = ids[: len(cities)], ids[len(cities)], ids[len(cities) + 1 :]
            for city, contact in zip(cities, heads, strict=True):
                region = f"{_PROVINCE}{city + 1:02d}00"
                registry.subscriptions.put(
                    SubscriptionRecord(contact_id=contact, regions=[region]), "bench"
                )
                registry.site_contacts.put(
                    SiteContactRecord(
                        place=f"region:{region}", contact_id=contact, role="operator"
                    ),
                    "bench",
                )
            registry.subscriptions.put(SubscriptionRecord(contact_id=chief), "bench")
            for number, mn in enumerate(self.mns):
                registry.site_contacts.put(
                    SiteContactRecord(place=f"mn:{mn}", contact_id=owners[number % len(owners)]),
                    "bench",
                )

    def frames(self, minute: float, speaking: Bits) -> pa.Table:
        """The frames of a minute."""
        some = np.flatnonzero(speaking)
        received = minute + self._phase_s[some]
        order = np.argsort(received)
        some, received = some[order], received[order]
        zeros = np.zeros(len(some))
        made = {
            "received_at": time_column(received),
            "lane": text_column(["0"], zeros),
            "position": pa.array(np.arange(len(some)) + int(minute) * 100_000),
            "mn": self._names.take(pa.array(some)),
            "cn": text_column(["2011"], zeros),
            "reason": text_column(["ok"], zeros),
            "data_time": time_column(np.floor(received)),
        }
        return filled(made, FRAMES, len(some))


def code(county: int) -> str:
    """Of a county, by its number."""
    city, place = divmod(county, _COUNTIES)
    return f"{_PROVINCE}{city + 1:02d}{place + 1:02d}"
