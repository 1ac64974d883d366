"""The simulator's stacks, rivers, works and streets, from frames to verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hub_rig import append, good, lane
from ingest_rig import drain, ingest
from media_rig import only

from bench.instruments import envelope, roster, schedule
from bench.instruments.station import Station
from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.means.asking import Means
from hj212d.hub.means.marking import Marks
from hj212d.hub.means.rolling import Rolling
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.media.asking import Media
from hj212d.hub.media.questions import AssessQuestion, EmissionQuestion
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.site_book import SiteBook
from store.duckdb_store import DuckDBStore

BEGIN = datetime(2026, 6, 1, 16)  # the 2nd of June begins in Beijing
END = BEGIN + timedelta(days=1)
NOW = END + timedelta(hours=1)
KINDS = ("flue", "sewage", "river", "noise", "dust")


def stations() -> dict[str, Station]:
    """One of each kind: of 2017, and the flue and the works of 2005 too, with its old codes."""
    found: dict[str, Station] = {}
    for station in roster.make(120, 7, odd_share=0.0):
        name = station.kind + ("-2005" if station.version == "2005" else "")
        if station.version in ("2005", "2017") and station.kind in KINDS:
            found.setdefault(name, station)
    return found


def sites(fleet: dict[str, Station]) -> list[SiteSettings]:
    """What people say of them."""
    said: dict[str, dict[str, Any]] = {
        "flue": {"outlet": {"table": "GB13223-2011/coal/new"}},
        "sewage": {"outlet": {"table": "GB18918-2002/1A"}},
        "river": {"water": {"target": "III"}},
        "noise": {"noise_zone": "2"},
        "dust": {"region": "330106"},
    }
    return [
        SiteSettings(station.mn, **said[name.partition("-")[0]]) for name, station in fleet.items()
    ]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Media, dict[str, Station]]]:
    """A day of hour data (noise: minutes, too) in a store, rolled up."""
    folder: Path = tmp_path_factory.mktemp("outlets")
    fleet = stations()
    store = DuckDBStore(folder / "store.duckdb")
    with lane(folder) as writer:
        for station in fleet.values():
            append(writer, [good(raw, time_us=at) for at, raw in frames(station)])
    with ingest(folder, store) as running:
        drain(running)
    book = SiteBook(
        Devices([]), sites(fleet), {each.mn: each.st for each in fleet.values()}.__getitem__
    )
    settings = MeansSettings(first_days=3)
    marks = Marks()
    marks.take([])
    rolling = Rolling(store, Roster(store, book, settings), marks, settings, lambda: NOW)
    while rolling.step(NOW):
        pass

    def now_us() -> int:
        return int(NOW.replace(tzinfo=UTC).timestamp()) * 1_000_000

    means = Means(store, book, settings, now_us)
    yield Media(means, book, store, MediaSettings(), now_us), fleet
    store.close()


def frames(station: Station) -> Iterator[tuple[int, bytes]]:
    """Frames of a day with their time of receipt, in microseconds."""
    first, last = (int(each.replace(tzinfo=UTC).timestamp()) for each in (BEGIN, END))
    for number, due in enumerate(schedule.due(station, first, last, 86400.0)):
        if due.cn not in ("2061", "2031"):
            continue
        qns = [f"202606020000{number:05d}" for _ in range(8)]
        for upload in envelope.uploads(station, due, qns):
            yield int((due.at + 2) * 1_000_000), upload.raw.removesuffix(b"\r\n")


def assessed(asked: Media, level: str, mn: str) -> list[dict[str, Any]]:
    """Rows of one station and the day."""
    question = AssessQuestion(level, BEGIN, END, (mn,))  # type: ignore[arg-type]
    return asked.assess(question, {}).to_pylist()


@pytest.mark.parametrize("name", ["flue", "flue-2005"])
def test_a_stack_keeps_or_breaks_its_limits_hour_by_hour(
    asked: tuple[Media, dict[str, Station]], name: str
) -> None:
    """Every pollutant of 24 hours at the reference oxygen, with a verdict."""
    media, fleet = asked
    rows = [each for each in assessed(media, "hour", fleet[name].mn) if each["stat"] == "zs"]
    assert {each["item"] for each in rows} == {"PM", "SO2", "NOx"}
    judged = [each for each in rows if each["exceeded"] is not None]
    assert len(judged) > 60
    for each in judged:
        assert each["limit_source"] == "GB 13223-2011 table 1"
        assert each["exceeded"] == (each["judged"] > float(each["limit"].removeprefix("<= ")))


@pytest.mark.parametrize("name", ["flue", "flue-2005"])
def test_a_stack_emits_what_it_says_it_emits(
    asked: tuple[Media, dict[str, Station]], name: str
) -> None:
    """Our kilograms of a day against the instrument's own sums: products of hourly means are not
    means of products, so they agree to some percent."""
    media, fleet = asked
    question = EmissionQuestion("day", BEGIN, END, (fleet[name].mn,))
    rows = media.emissions(question).to_pylist()
    for item in ("SO2", "NOx"):
        found = only(rows, item=item)
        assert found["flow_from"] == "flow"
        assert found["hours"] + found["missing"] + found["made_up"] == 24
        if found["hours"] == 24:
            assert found["kg"] == pytest.approx(found["reported_kg"], rel=0.05)


@pytest.mark.parametrize("name", ["sewage", "sewage-2005"])
def test_a_works_by_the_day(asked: tuple[Media, dict[str, Station]], name: str) -> None:
    """Flow-weighted means with verdicts, pH as a range, kilograms as the instrument's sums."""
    media, fleet = asked
    rows = assessed(media, "day", fleet[name].mn)
    for item in ("COD", "NH3-N", "TP", "TN"):
        found = only(rows, item=item)
        assert found["mark"] in ("", "short")
        assert found["exceeded"] is not None or found["mark"]
    assert only(rows, item="pH")["stat"] == "range"
    question = EmissionQuestion("day", BEGIN, END, (fleet[name].mn,))
    cod = only(media.emissions(question).to_pylist(), item="COD")
    assert cod["hours"] >= 18
    if cod["hours"] == 24:
        assert cod["kg"] == pytest.approx(cod["reported_kg"], rel=0.05)


def test_a_river_has_a_class(asked: tuple[Media, dict[str, Station]]) -> None:
    """By the hour and by the day, from five rated items."""
    media, fleet = asked
    for level, count in (("hour", 24), ("day", 1)):
        rows = [
            each for each in assessed(media, level, fleet["river"].mn) if each["item"] == "class"
        ]
        assert len(rows) == count
        assert all(each["words"] and 1 <= each["grade"] <= 6 for each in rows)
        assert max(each["n"] for each in rows) == 5


def test_a_street_by_day_and_by_night(asked: tuple[Media, dict[str, Station]]) -> None:
    """Ld, Ln and Ldn of the day; the first two are judged."""
    media, fleet = asked
    rows = assessed(media, "day", fleet["noise"].mn)
    told = {each["stat"]: each for each in rows if each["item"] == "LA"}
    assert told["ld"]["exceeded"] is not None
    assert told["ln"]["limit"] == "<= 50"
    assert told["ld"]["value"] > told["ln"]["value"]


def test_a_building_site_counts_its_exceedances(asked: tuple[Media, dict[str, Station]]) -> None:
    """By the rule of its region: TSP of hours against 1.0 mg/m3, sent in micrograms."""
    media, fleet = asked
    day = only(assessed(media, "day", fleet["dust"].mn), stat="exceedances")
    assert (day["value"], day["need"]) == (0.0, 24)
    hours = [each for each in assessed(media, "hour", fleet["dust"].mn) if each["item"] == "TSP"]
    assert all(each["limit"] == "<= 1" and each["exceeded"] is False for each in hours)
