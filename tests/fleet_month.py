"""A month of the simulated fleet's air stations, rolled up for real: gaps, marks, an event.

Four stations in two regions send the hours of October 2026 as frames. What is wrong
with October is said in the constants below. Not random: the same stations, the same numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from bench.instruments import envelope
from bench.instruments.clock import qn_text
from bench.instruments.roster import make
from bench.instruments.schedule import Due
from bench.instruments.station import Station
from hj212d.hub.assemble import Assembler
from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.means.asking import Means
from hj212d.hub.means.marking import Marks
from hj212d.hub.means.rolling import Rolling
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.reread import Rereader
from hj212d.hub.site_book import SiteBook
from hj212d.journal.reader import Piece
from hj212d.journal.record import Kind, Record, encode
from hj212d.wire.build import frame
from hj212d.wire.frame import Device
from hj212d.wire.settings import DeviceSettings
from store.means import Store
from store.registry.decisions import EventRecord, ReviewRecord

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OCTOBER = datetime(2026, 9, 30, 16)
NOVEMBER = OCTOBER + 31 * DAY
REGIONS = ("330100", "330100", "330200", "330200")
CALLED = {"330100": "云州市", "330200": "柳州市"}
# Of October, in days from its first: the second station is silent for two days and a half, the
# third has no ozone for nine days; a person takes out a day of the first, and seven hours of
# PM2.5 of the fourth; dust comes over the second region.
SILENT = (4.0, 6.5)
NO_OZONE = (10.0, 19.0)
REVIEWED_OUT = (OCTOBER + 8 * DAY, OCTOBER + 9 * DAY)
MARKED = (OCTOBER + 20 * DAY, OCTOBER + 20 * DAY + 7 * HOUR)
DUST = (OCTOBER + 14 * DAY, OCTOBER + 14 * DAY + 6 * HOUR)
OZONE = "a05024"
_EPOCH = datetime(1970, 1, 1)


def stations() -> list[Station]:
    """Four of the fleet, without their keys."""
    air = [one for one in make(85, 7, odd_share=0.0) if one.kind == "air"][:4]
    return [msgspec.structs.replace(one, key=b"") for one in air]


def sites() -> list[SiteSettings]:
    """Where they stand."""
    pairs = zip(stations(), REGIONS, strict=True)
    return [
        SiteSettings(mn=one.mn, region=region, medium="air", role="assessed")
        for one, region in pairs
    ]


def reviews() -> list[ReviewRecord]:
    """What people took out."""
    first, _, _, fourth = stations()
    spans = [(first.mn, "", REVIEWED_OUT), (fourth.mn, "a34004", MARKED)]
    return [
        ReviewRecord(
            id=number,
            mn=mn,
            factor=factor,
            start=span[0].replace(tzinfo=UTC),
            end=span[1].replace(tzinfo=UTC),
            change=number,
        )
        for number, (mn, factor, span) in enumerate(spans, 1)
    ]


def event() -> EventRecord:
    """Dust that was approved as an exceptional event."""
    start, end = (moment.replace(tzinfo=UTC) for moment in DUST)
    return EventRecord(kind="dust", area=["330200"], start=start, end=end, state="approved")


def fill(store: Store) -> None:
    """All frames into the store, and means of them: made at once, as of what came late."""
    marks = Marks()
    marks.take(reviews())
    now = NOVEMBER + 2 * HOUR
    settings = MeansSettings()
    rolling = Rolling(store, Roster(store, book(), settings), marks, settings, lambda: now)
    rolling.begin(NOVEMBER)
    assembler = Assembler(Rereader(lambda _: Device()).as_recorded)
    pieces = []
    for position, (at, raw) in enumerate(_frames(), 1):
        record = Record(Kind.FRAME, int(at * 1e6), 1, raw=raw.removesuffix(b"\r\n"))
        pieces.append(("0", Piece(position, 1, encode(record))))
    batch = assembler.batch(pieces, {"0": len(pieces) + 1}, clock_tolerance_s=1e12)
    assert set(batch.frames["reason"].to_pylist()) == {"ok"}
    store.commit(batch)
    while rolling.step(now):
        pass


def book() -> SiteBook:
    """The hub's book of these sites."""
    named = [DeviceSettings(mn=one.mn, name=one.name) for one in stations()]
    return SiteBook(Devices(named), sites())


def quality(store: Store) -> Quality:
    """Air quality asked of the store."""
    the_book = book()
    means = Means(store, the_book, MeansSettings(), lambda: 0)

    def touching(start: datetime, end: datetime) -> list[EventRecord]:
        one = event()
        return [one] if one.start < end and one.end > start else []

    return Quality(means, the_book, QualitySettings(regions=CALLED), touching)


def _frames() -> Iterator[tuple[float, bytes]]:
    october_s = (OCTOBER - _EPOCH).total_seconds()
    hours = (NOVEMBER - OCTOBER) // HOUR
    for number, station in enumerate(stations()):
        for hour in range(hours):
            begun = october_s + 3600 * hour
            day = hour / 24
            if number == 1 and SILENT[0] <= day < SILENT[1]:
                continue
            due = Due(begun + 3600, "2061", begun, 3600, readings=2)
            for one in envelope.uploads(station, due, [qn_text(int(due.at * 1000))] * 9):
                ozone = number != 2 or not NO_OZONE[0] <= day < NO_OZONE[1]
                yield due.at + 60, one.raw if ozone else _without(OZONE, one.raw)


def _without(factor: str, raw: bytes) -> bytes:
    """The frame without what it says of a factor."""
    segment = raw[6 : raw.rindex(b"&&") + 2]
    return frame(re.sub(rb"%s-[^;&]*;?" % factor.encode(), b"", segment))
