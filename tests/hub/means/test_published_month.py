"""A month of the simulated fleet, in DuckDB and in ClickHouse: what is published is the same text.

Real frames through the code of ingest, rolled up as the hub does it: hours and days of the whole
month, with holes and marks, minutes and real-time values of a day each. Some come late, some very
late, some twice or corrected; people take hours out. Then all that is made of it: means, AQI,
evaluations, rankings, bulletins, and which of them became corrections.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from field import DAY, HOUR, MIDNIGHT, Field

from bench.instruments import envelope
from bench.instruments.clock import qn_text
from bench.instruments.roster import make
from bench.instruments.schedule import Due
from bench.instruments.station import Station
from hj212d.hub.assemble import Assembler
from hj212d.hub.bulletins.drafting import Drafting
from hj212d.hub.bulletins.due import Span
from hj212d.hub.bulletins.settings import BulletinsSettings
from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.means.asking import Means, MeansQuestion
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.questions import AqiQuestion, EvaluationQuestion, RankQuestion
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.reread import Rereader
from hj212d.journal.reader import Piece
from hj212d.journal.record import Kind, Record, encode
from hj212d.wire.frame import Device
from store.means import DerivedQuery
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import Batch

FIRST = MIDNIGHT - 8 * DAY  # the 1st of October in Beijing
FIRST_S = 1_790_784_000.0
DAYS = 31
LAST = FIRST + DAYS * DAY
HOUR_S, DAY_S = 3600, 86_400
# Days after which what came is rolled up; after PUBLISHED bulletins are drawn up a first time.
ROLLED, PUBLISHED = (4, 31, 32), 4
REGIONS = ("330106", "330106", "330106", "330108", "330108")
PLACES = ("region:*", "stations:*")
URLS = ("duckdb:///{folder}/month.duckdb", "chdb:///{folder}/month.chdb")
# Of how many readings an average is made here, so that a month is quickly sent; 0: as usual.
READINGS = 1


def fleet() -> list[Station]:
    """Stations of the air in two regions, a stack and a street, without their keys."""
    made = make(85, 7, odd_share=0.0)
    chosen = [one for one in made if one.kind == "air"][: len(REGIONS)]
    chosen += [next(one for one in made if one.kind == kind) for kind in ("flue", "noise")]
    return [msgspec.structs.replace(one, key=b"") for one in chosen]


def dues(number: int, station: Station) -> Iterator[Due]:
    """What the station of a number is to send in the month, but for holes."""
    silent = {1: range(2, 3), 2: range(3, 4), 3: range(12, 14)}.get(number, range(0))
    for hour in range(DAYS * 24):
        day = hour // 24
        if day in silent or (number == 4 and day in (8, 9) and hour % 24 < 5):
            continue
        at = FIRST_S + hour * HOUR_S
        yield Due(at + HOUR_S, "2061", at, HOUR_S, READINGS)
    for day in range(DAYS):
        if number < len(REGIONS) and day in silent:
            continue
        at = FIRST_S + day * DAY_S
        yield Due(at + DAY_S, "2031", at, DAY_S, READINGS)
    if number == 1:
        for minute in range(1440):
            at = FIRST_S + 2 * DAY_S + minute * 60
            yield Due(at, "2011", at)
    if number == 2:
        for minute in range(0, 1440, station.minutes):
            at = FIRST_S + 3 * DAY_S + minute * 60
            yield Due(at + station.minutes * 60, "2051", at, station.minutes * 60, READINGS)


def arrivals() -> list[tuple[float, bytes]]:
    """Frames in order of arrival: most within a minute, some hours late, some days, some never,
    some twice, some corrected."""
    random = Random(212)
    found = []
    for number, station in enumerate(fleet()):
        for due in dues(number, station):
            chance = random.random()
            if due.cn == "2061" and chance < 0.02:
                continue
            late_s = 3 * HOUR_S if chance < 0.06 else 3 * DAY_S if chance < 0.08 else 60
            qns = [qn_text(int(due.at * 1000))] * 9
            for one in envelope.uploads(station, due, qns):
                at = due.at + random.random() * late_s
                found.append((at, one.raw))
                if chance > 0.99:
                    again_s = random.random() * 3 * DAY_S
                    again = envelope.resent(station, one, qn_text(int((at + again_s) * 1000)))
                    found.append((at + again_s, again.raw))
            if due.cn == "2061" and 0.985 < chance < 0.99:
                other = msgspec.structs.replace(due, readings=0)
                at = due.at + random.random() * 3 * DAY_S
                found += [(at, one.raw) for one in envelope.uploads(station, other, qns)]
    return sorted(found)


@pytest.fixture(scope="module")
def month() -> dict[int, Batch]:
    """What came up to each day of ROLLED, as the hub stores it."""
    assembler = Assembler(Rereader(lambda _: Device()).as_recorded)
    frames = arrivals()
    batches, position = {}, 0
    for day in ROLLED:
        upto = FIRST_S + day * DAY_S + 600
        pieces = []
        while position < len(frames) and frames[position][0] < upto:
            at, raw = frames[position]
            record = Record(Kind.FRAME, int(at * 1e6), 1, raw=raw.removesuffix(b"\r\n"))
            pieces.append(("0", Piece(position, 1, encode(record))))
            position += 1
        batches[day] = assembler.batch(pieces, {"0": position}, clock_tolerance_s=1e12)
        assert set(batches[day].frames["reason"].to_pylist()) == {"ok"}
    return batches


def bulletins(drafting: Drafting, days: int) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """All of the first days: (kind, place, start) -> text, as_of, whether nothing was measured."""
    start, end = (int((FIRST + n * DAY).replace(tzinfo=UTC).timestamp() * 1e6) for n in (0, days))
    found = {}
    for kind in ("hour", "day", "ranking"):
        for draft in drafting.drafts(Span(kind, start, end), BulletinsSettings()):
            record = draft.record
            key = (record.kind, record.place, record.start)
            found[key] = (record.content, record.as_of, draft.empty)
    return found


def published(url: str, month: dict[int, Batch]) -> dict[str, Any]:
    """All that is made of the month, by name."""
    stations = fleet()
    sites = [
        SiteSettings(mn=station.mn, medium="air", role="assessed", region=region)
        for station, region in zip(stations, REGIONS, strict=False)
    ]
    store = open_store(url, StoreSettings())
    field = Field(store, MeansSettings(first_days=0), sites)
    means = Means(store, field.sites, field.settings, lambda: 0)
    quality = Quality(means, field.sites, QualitySettings(), lambda _start, _end: [])
    drafting = Drafting(quality)
    field.now = FIRST
    field.roll()
    first = {}
    for day in ROLLED:
        field.now = FIRST + day * DAY + timedelta(minutes=10)
        store.commit(month[day])
        if day == ROLLED[-2]:
            out = FIRST + 4 * DAY
            field.mark(1, stations[0].mn, out, out + 7 * HOUR, factor="a34004")
        if day == ROLLED[-1]:
            field.mark(2, stations[0].mn, FIRST, FIRST + 5 * HOUR, verdict="valid")
        field.roll()
        if day == PUBLISHED:
            first = bulletins(drafting, PUBLISHED)
    last = bulletins(drafting, DAYS)
    found = {
        "hours": store.derived(DerivedQuery("hour")),
        "days": store.derived(DerivedQuery("day")),
        "month": means.table(MeansQuestion("month", FIRST, LAST)),
        "aqi by hour": quality.aqi(AqiQuestion(PLACES, "hour", FIRST, LAST)),
        "aqi by day": quality.aqi(AqiQuestion(PLACES, "day", FIRST, LAST)),
        "evaluation": quality.evaluate(EvaluationQuestion(PLACES, FIRST, LAST)),
        "ranking": quality.rank(RankQuestion(PLACES, FIRST, LAST)),
        "days of each": quality.rank(RankQuestion(PLACES, FIRST, LAST, scope="time", step="day")),
        "first bulletins": first,
        "bulletins": last,
        "corrections": sorted(key for key, (text, *_) in first.items() if last[key][0] != text),
    }
    store.close()
    return found


def test_a_month_is_published_alike_from_both_engines(
    tmp_path: Path, month: dict[int, Batch]
) -> None:
    """Each text, number, mark, revision and moment."""
    ours, theirs = (published(url.format(folder=tmp_path), month) for url in URLS)
    for name, one in ours.items():
        assert len(one) > 0, name
        same = one.equals(theirs[name]) if isinstance(one, pa.Table) else one == theirs[name]
        assert same, name
    # The month had what can go wrong.
    hours, days, texts = ours["hours"], ours["days"], ours["bulletins"]
    assert set(hours["source"].to_pylist()) >= {"reported", "minute", "realtime"}
    assert {"short", "flag", "review"} <= set(hours["mark"].to_pylist())
    assert {"mda8", "ld", "zs", "vector", "total"} <= set(days["stat"].to_pylist())
    assert max(days["revision"].to_pylist()) > 1
    assert {kind for kind, *_ in ours["corrections"]} == {"hour", "day", "ranking"}
    assert any('"aqi":"NA"' in text for text, *_ in texts.values())
    assert len({place for _, place, _ in texts}) == len(REGIONS) + len(set(REGIONS)) + 1
