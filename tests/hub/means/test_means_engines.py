"""Days of the simulated fleet, in DuckDB and in ClickHouse: the same means, to the bit.

Real frames through the real decoder: hours and days of the whole time, minutes and real-time
values of one day each; a part comes late, a part very late, people take hours out. With
MEANS_DAYS=31 in the environment it is a month and takes some minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

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
from hj212d.hub.means.asking import Means, MeansQuestion
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.reread import Rereader
from hj212d.journal.reader import Piece
from hj212d.journal.record import Kind, Record, encode
from hj212d.wire.frame import Device
from store.means import DerivedQuery
from store.open import open_store
from store.settings import StoreSettings

FIRST = MIDNIGHT - 8 * DAY  # the 1st of October in Beijing
FIRST_S = 1_790_784_000.0
DAYS = int(os.environ.get("MEANS_DAYS", "5"))
ROLLED = (2, 4, *range(8, DAYS + 10, 3))  # days after which what came is rolled up
WANTED = ("air", "flue", "noise")
URLS = ("duckdb:///{folder}/month.duckdb", "chdb:///{folder}/month.chdb")

Arrivals = list[tuple[float, bytes]]


def stations() -> list[Station]:
    """One of each kind that is wanted, without its key."""
    of_kind = {one.kind: one for one in reversed(make(85, 7, odd_share=0.0))}
    return [msgspec.structs.replace(of_kind[kind], key=b"") for kind in WANTED]


def sendings(station: Station) -> Iterator[tuple[float, bytes]]:
    """Frames of the month and when each was due."""
    spans = (
        ("2061", 3600, 0, DAYS * 24),
        ("2031", 86_400, 0, DAYS),
        ("2051", station.minutes * 60, 1, 720 // station.minutes),
        ("2011", 60, 2, 1440),
    )
    for cn, length_s, first_day, count in spans:
        for number in range(count):
            begun = FIRST_S + first_day * 86_400 + number * length_s
            at = begun + (0 if cn == "2011" else length_s)
            due = Due(at, cn, begun, 0 if cn == "2011" else length_s)
            for one in envelope.uploads(station, due, [qn_text(int(at * 1000))] * 9):
                yield at, one.raw


@pytest.fixture(scope="module")
def month() -> Arrivals:
    """In order of arrival: most within a minute, some hours late, some days, some twice."""
    random = Random(212)
    arrivals = []
    for station in stations():
        for due, raw in sendings(station):
            chance = random.random()
            late_s = 3 * 3600 if chance < 0.05 else 4 * 86_400 if chance < 0.08 else 60
            arrivals.append((due + random.random() * late_s, raw))
            if chance > 0.99:
                arrivals.append((due + random.random() * 9 * 86_400, raw))
    return sorted(arrivals)


def rolled_up(url: str, month: Arrivals) -> tuple[pa.Table, ...]:
    """Hours, days and the month, after all that came."""
    store = open_store(url, StoreSettings())
    field = Field(store, MeansSettings(first_days=0))
    field.now = FIRST
    field.roll()
    assembler = Assembler(Rereader(lambda _: Device()).as_recorded)
    position = 0
    mn = stations()[0].mn
    for day in ROLLED:
        field.now = FIRST + day * DAY + timedelta(minutes=10)
        upto = FIRST_S + day * 86_400 + 600
        pieces = []
        while position < len(month) and month[position][0] < upto:
            at, raw = month[position]
            record = Record(Kind.FRAME, int(at * 1e6), 1, raw=raw.removesuffix(b"\r\n"))
            pieces.append(("0", Piece(position, 1, encode(record))))
            position += 1
        batch = assembler.batch(pieces, {"0": position}, clock_tolerance_s=1e12)
        assert set(batch.frames["reason"].to_pylist()) <= {"ok"}
        store.commit(batch)
        if day == ROLLED[-2]:
            field.mark(1, mn, FIRST + 3 * DAY, FIRST + 3 * DAY + 7 * HOUR, factor="a34004")
        if day == ROLLED[-1]:
            field.mark(2, mn, FIRST, FIRST + HOUR, verdict="valid")
        field.roll()
    means = Means(store, field.sites, field.settings, lambda: 0)
    question = MeansQuestion("month", FIRST, FIRST + DAYS * DAY)
    found = (
        store.derived(DerivedQuery("hour")),
        store.derived(DerivedQuery("day")),
        means.table(question),
    )
    store.close()
    return found


def test_days_of_the_fleet_are_the_same_in_both_engines(tmp_path: Path, month: Arrivals) -> None:
    """Values, marks, revisions and moments of every row."""
    ours, theirs = (rolled_up(url.format(folder=tmp_path), month) for url in URLS)
    for one, other in zip(ours, theirs, strict=True):
        assert one.num_rows > 0
        assert one.equals(other)
    hours, days, _ = ours
    revisions = days["revision"].to_pylist()
    assert max(revisions) > 1
    assert len(set(hours["source"].to_pylist())) > 1
    assert "review" in hours["mark"].to_pylist()
    assert {"mda8", "ld", "zs", "vector", "total"} <= set(days["stat"].to_pylist())
