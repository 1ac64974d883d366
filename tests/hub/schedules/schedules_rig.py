"""A room of schedules on a clock that tests drive: a real registry, air as the tests want it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from by_hand import Now, Times
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock

from alerts.schedules.settings import SchedulesSettings
from alerts.schedules.wording import Words
from aqi.means.calendar import BEIJING
from hj212d.hub.notify.assembly import factor_name
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.quality.tables import AQI_ROWS
from hj212d.hub.schedules.ranking_teller import RankingTeller
from hj212d.hub.schedules.review_teller import ReviewTeller
from hj212d.hub.schedules.service import ScheduleService
from hj212d.hub.schedules.summary_teller import SummaryTeller
from hj212d.hub.schedules.telling import Telling
from hj212d.hub.site import Site
from store.registry.alert_records import ContactRecord, SiteContactRecord, SubscriptionRecord
from store.registry.decisions import BulletinRecord
from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry, open_registry
from store.timeseries import StoreUnavailable

WORDS = Words("", factor_name)  # templates are compiled once
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REGIONS = ("330100", "330200", "330300")
# Two stations in the first region, one in each other, and an outlet.
STATIONS = {"A1": "330106", "A2": "330106", "B1": "330200", "C1": "330300"}
OUTLET = "W1"


def beijing(text: str) -> datetime:
    """A Beijing time, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


class Places:
    """The sites, and the names of places."""

    def site(self, mn: str) -> Site:
        """Stations of the air, and an outlet."""
        if mn == OUTLET:
            return Site(mn=mn, name="Outlet", region="330106", medium="wastewater")
        if mn not in STATIONS:
            return Site(mn=mn)
        return Site(mn=mn, name=f"Station {mn}", region=STATIONS[mn], medium="air")

    def name(self, mn: str) -> str:
        """Its name, else its MN."""
        return self.site(mn).name or mn

    def region_name(self, code: str) -> str:
        """A name made of the code."""
        return f"R{code}"


class Air:
    """Answers like `Quality`. ``polluted``: place -> AQI, PM2.5 making it; else 40 of ozone."""

    def __init__(self) -> None:
        self.polluted: dict[str, int] = {}
        self.asked: list[AqiQuestion] = []
        self.away = ""

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """All hours or days alike."""
        self.asked.append(question)
        if self.away:
            raise StoreUnavailable(self.away)
        places: list[str] = []
        for text in question.places:
            places += {
                "region:*": [f"region:{code}" for code in REGIONS],
                "stations:*": list(STATIONS),
            }.get(text, [text])
        step = HOUR if question.level == "hour" else DAY
        count = (question.end - question.start) // step
        starts = [question.start + n * step for n in range(count)]
        rows = [self._row(place, start, step) for place in places for start in starts]
        return pa.Table.from_pylist(rows, schema=AQI_ROWS)

    def _row(self, place: str, start: datetime, step: timedelta) -> dict[str, Any]:
        aqi = self.polluted.get(place, 40)
        dirty = place in self.polluted
        row = dict.fromkeys(AQI_ROWS.names)
        row.update(place=place, name=f"name of {place}", start=start, end=start + step)
        row.update(pm25=0.8 * aqi if dirty else 10.0, o3=80.0)
        row.update(pm25_iaqi=aqi if dirty else 14, o3_iaqi=40)
        primary = "PM2.5" if dirty else ""
        row.update(aqi=aqi, published_aqi=str(aqi), primary=primary, published_primary=primary)
        if aqi < 0:
            row.update(aqi=None, published_aqi="NA", published_primary="NA", pm25_iaqi=None)
        return row


class Stage:
    """A hub's schedules; `start` is a start of the hub, what was before it only the registry
    knows. ``closed``: means of all hours before are made."""

    def __init__(self, url: str, folder: Path, now: datetime) -> None:
        self.url, self.folder, self.now = url, folder, now
        self.closed: datetime | None = None
        self.air = Air()
        self.places = Places()
        self.away = ""
        self.calls = 0
        self.registry: Registry = self.open()
        self.service = self.start()

    def open(self) -> Registry:
        """The registry, on the clock of the test."""
        return open_registry(self.url, self.folder / "key", now=lambda: self.now)

    def start(self, **settings: Any) -> ScheduleService:
        """A service, as after the start of a hub."""
        self.clock, self.times = Clock(), Times()
        wanted = msgspec.structs.replace(SchedulesSettings(), **settings)
        telling = Telling(self.clock, self, Now(), lambda: self.now)
        words = WORDS
        self.ranking = RankingTeller(telling, self.air, self.places, words, wanted)
        self.summaries = SummaryTeller(
            telling, self.air, self.places, self.places, self._closed_us, words, wanted
        )
        self.reviews = ReviewTeller(telling, words, wanted)
        self.woken = 0
        self.service = ScheduleService(
            self.clock,
            tellers={
                "ranking": self.ranking,
                "summaries": self.summaries,
                "reviews": self.reviews,
            },
            wake=self._wake,
            slow=Now(),
            calendar=self.times,
            settings=wanted,
        )
        self.service.startService()
        return self.service

    def restart(self, **settings: Any) -> None:
        """The hub ends and another begins; it looks."""
        self.service.stopService()
        self.start(**settings)
        self.clock.advance(60)

    def close(self) -> None:
        """End it."""
        if self.service.running:
            self.service.stopService()
        self.registry.close()

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """The registry's thread, at once, one transaction."""

        def together() -> Any:
            self.calls += 1
            if self.away:
                raise RegistryUnavailable(self.away)
            with self.registry.together():
                return work(self.registry, *args)

        return maybeDeferred(together)

    def look(self, at: datetime | str | None = None) -> None:
        """The calendar's call, at a time."""
        if at is not None:
            self.now = beijing(at) if isinstance(at, str) else at
        self.times.jobs["schedules"][0]()
        self.clock.advance(0)

    # People and what was published.

    def person(self, name: str, language: Any = "zh", **ways: str) -> int:
        """A contact; by e-mail where nothing else is said."""
        ways = ways or {"email": f"{name}@example.cn"}
        contact = ContactRecord(name=name, language=language, ways=ways)
        return self.registry.contacts.put(contact, "t").id

    def subscribe(self, contact: int, *topics: str, **more: Any) -> None:
        """To topics, by e-mail."""
        more.setdefault("channels", ["email"])
        record = SubscriptionRecord(contact_id=contact, topics=list(topics), **more)
        self.registry.subscriptions.put(record, "t")

    def owns(self, contact: int, place: str, role: Any = "owner") -> None:
        """Somebody answers for a place."""
        record = SiteContactRecord(place=place, contact_id=contact, role=role)
        self.registry.site_contacts.put(record, "t")

    def publish(self, day: str, order: Sequence[str] = REGIONS, index: float = 3.0) -> None:
        """The ranking bulletin of a Beijing day."""
        rows = [
            {
                "rank": rank,
                "place": f"region:{code}",
                "name": f"City {code}",
                "value": index + rank / 10,
                "index": index + rank / 10,
                "main": "O3",
                "n": 1,
                "mark": "",
            }
            for rank, code in enumerate(order, 1)
        ]
        content = {
            "by": "index",
            "rankings": {"day": {"rows": rows}, "month": {"rows": rows[::-1]}},
        }
        self.registry.bulletins.publish(
            BulletinRecord(
                kind="ranking",
                place="region:*",
                start=beijing(day),
                content=msgspec.json.encode(content).decode(),
                as_of=self.now,
                published_at=self.now,
            )
        )

    def told(self, about: str = "") -> list[Any]:
        """Messages, the oldest first; those whose subject of all begins so."""
        found = self.registry.outbox.find(limit=100_000)
        return sorted(
            (one for one in found if one.about.startswith(about)), key=lambda one: one.id
        )

    def counts(self, about: str = "") -> Counter[tuple[str, int, str]]:
        """How many messages by what they are about, person and way."""
        return Counter((one.about, one.contact_id, one.channel) for one in self.told(about))

    def _closed_us(self) -> int | None:
        return None if self.closed is None else round(self.closed.timestamp() * 1_000_000)

    def _wake(self) -> None:
        self.woken += 1
