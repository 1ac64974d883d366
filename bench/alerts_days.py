"""A county's days with known faults and episodes, as the columns that the hub makes of frames.

Each station sends its factors once a minute by its own clock; frames come a moment later, some
twice, those of a lost link when it is back. Analysers of water show the result of their last cycle
until the next one, as in the field. Only numbers and labels here; nobody judges.
Test: tests/bench/test_alerts_days.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bench.alerts_columns import US, filled, text_column, time_column
from bench.instruments import county, episodes, faults, reading_arrays, roster
from bench.instruments.chance import seed_of, uniform
from bench.instruments.curves import BEIJING_S, DAY_S
from bench.instruments.episodes import Episode
from bench.instruments.faults import Fault
from bench.instruments.station import KINDS, Station
from store.registry.decisions import Medium
from store.timeseries import FRAMES, SAMPLES

Floats = npt.NDArray[np.float64]

START = 1_793_635_200.0  # 2026-11-03 00:00 in Beijing
MEDIA: dict[str, Medium] = {
    "air": "air",
    "river": "water",
    "sewage": "wastewater",
    "flue": "flue",
}  # by kind
_ANALYSED_H = {
    "river": (4, ("w01019", "w21003", "w21011", "w21001")),
    "sewage": (2, ("w01018", "w21003", "w21011", "w21001")),
}  # hours of a cycle
_TWICE = 0.005  # share of the frames that come once more


class LinkEvent(NamedTuple):
    """A link that came or went, UTC seconds."""

    at: float
    mn: str
    link: int
    up: bool


class Site(msgspec.Struct, frozen=True):
    """Where a station stands, and what it is."""

    mn: str
    region: str
    medium: Medium
    st: str
    longitude: float
    latitude: float
    outlet: dict[str, str]
    water: dict[str, str]


class County(msgspec.Struct, frozen=True):
    """Stations, and what is known of them: whom which fault and which episode befalls."""

    stations: list[Station]
    sites: dict[str, Site]
    start: float
    days: int
    faults: list[Fault]
    episodes: list[Episode]

    @property
    def station_years(self) -> float:
        """Over how many years of a station this goes."""
        return len(self.stations) * self.days / 365


def make(
    count: int,
    days: int,
    seed: int,
    *,
    each_fault: int,
    each_episode: int,
    calm_days: float = 2.0,
    kinds: Sequence[faults.FaultKind] = faults.KINDS,
) -> County:
    """``count`` stations; nothing befalls anybody in the first ``calm_days``."""
    stations = [one for one in roster.make(2 * count, seed, odd_share=0) if one.kind in MEDIA]
    stations = stations[:count]
    sites = {row["mn"]: _site(row, station) for row, station in _rows(stations)}
    span = (START + calm_days * DAY_S, START + days * DAY_S)
    towns = {mn: site.region for mn, site in sites.items()}
    places = {
        kind: {
            one.mn: (sites[one.mn].longitude, sites[one.mn].latitude)
            for one in stations
            if one.kind == kind
        }
        for kind in MEDIA
    }
    planned = faults.plan(stations, towns, span, seed, each_fault) if each_fault else []
    return County(
        stations=stations,
        sites=sites,
        start=START,
        days=days,
        faults=[one for one in planned if one.kind in kinds],
        episodes=episodes.plan(places, span, seed, each_episode) if each_episode else [],
    )


def _rows(stations: Sequence[Station]) -> Iterator[tuple[dict[str, str], Station]]:
    return zip(county.sites(stations), stations, strict=True)


def _site(row: Mapping[str, str], station: Station) -> Site:
    return Site(
        station.mn,
        row["region"],
        MEDIA[station.kind],
        station.st,
        float(row["longitude"]),
        float(row["latitude"]),
        _fields(row.get("outlet", "")),
        _fields(row.get("water", "")),
    )


def _fields(text: str) -> dict[str, str]:
    """As `hj212d site import` reads them."""
    pairs = (pair.partition("=") for pair in text.split(";") if pair)
    return {name: value for name, _, value in pairs}


class Day(NamedTuple):
    """Frames and samples in the order in which they come, and what links did. A sample's
    ``position`` is its frame's."""

    frames: pa.Table
    samples: pa.Table
    links: list[LinkEvent]


def arriving(county: County) -> Iterator[Day]:
    """Day by day what arrives on it; what is late goes to the day on which it comes."""
    late: Day | None = None
    for number in range(county.days):
        made = day(county, number)
        if late is not None:
            frames = _together(late.frames, made.frames)
            made = Day(frames, _together(late.samples, made.samples), made.links)
        midnight = county.start + (number + 1) * DAY_S
        now, late = _split(made, midnight)
        yield now


def _together(late: pa.Table, today: pa.Table) -> pa.Table:
    both = pa.concat_tables([late, today])
    return both.take(pc.sort_indices(both["received_at"])).combine_chunks()


def _split(day: Day, at: float) -> tuple[Day, Day]:
    """What comes before that moment, and what does not."""
    frames = int(np.searchsorted(arrival_us(day.frames), at * US))
    samples = int(np.searchsorted(arrival_us(day.samples), at * US))
    return (
        Day(day.frames.slice(0, frames), day.samples.slice(0, samples), day.links),
        Day(day.frames.slice(frames), day.samples.slice(samples), []),
    )


def arrival_us(table: pa.Table) -> npt.NDArray[np.int64]:
    """When the rows came."""
    found: npt.NDArray[np.int64] = table["received_at"].cast(pa.int64()).to_numpy()
    return found


def day(county: County, number: int) -> Day:
    """What is sent on the day that begins ``number`` days after the start."""
    begin = county.start + number * DAY_S
    parts = [
        _of_kind(county, [one for one in county.stations if one.kind == kind], begin)
        for kind in MEDIA
        if any(one.kind == kind for one in county.stations)
    ]
    return _tables(county, parts, begin, number)


class _Part(NamedTuple):
    """Minutes of the stations of a kind: [station, minute], factors as they stand in frames."""

    stations: list[Station]
    moments: Floats
    values: dict[str, Floats]
    marks: dict[str, npt.NDArray[np.str_]]


def _of_kind(county: County, stations: list[Station], begin: float) -> _Part:
    moments = np.arange(begin, begin + DAY_S, 60.0)
    kind = stations[0].kind
    codes = [factor.code for factor in KINDS[kind].factors]
    values = _polluted(county, stations, moments, reading_arrays.truth(stations, moments))
    hours, analysed = _ANALYSED_H.get(kind, (0, ()))
    if analysed:
        cycles = np.arange(begin - hours * 3600, begin + DAY_S, hours * 3600.0)
        results = _polluted(county, stations, cycles, reading_arrays.truth(stations, cycles))
        last = np.searchsorted(cycles, moments, "right") - 1
        values |= {code: results[code][:, last] for code in analysed}
    rows = {station.mn: row for row, station in enumerate(stations)}
    for fault in county.faults:
        if fault.mn in rows and fault.kind in faults.OF_VALUES:
            station, row = stations[rows[fault.mn]], rows[fault.mn]
            spread = faults.SPREAD[kind][fault.factor]
            held = 0.0
            if fault.kind == "stuck":
                at = np.array([fault.start])
                held = float(
                    _polluted(county, [station], at, reading_arrays.truth([station], at))[
                        fault.factor
                    ][0, 0]
                )
            faults.bend(fault, values[fault.factor][row], moments, spread, held)
    marks = {}
    for code in codes:
        state = reading_arrays.marks(stations, code, moments)
        marks[code] = reading_arrays.reported(stations, code, values[code], state)
    return _Part(stations, moments, {code: values[code] for code in codes}, marks)


def _polluted(
    county: County, stations: Sequence[Station], moments: Floats, values: dict[str, Floats]
) -> dict[str, Floats]:
    """True values with what episodes add, in place."""
    for episode in county.episodes:
        for row, station in enumerate(stations):
            if episode.touches(station.mn, moments[0], moments[-1] + 60):
                strength = episode.strength(station.mn, moments)
                for code, most in episode.adds.items():
                    values[code][row] += most * strength
    return values


def _tables(county: County, parts: Sequence[_Part], begin: float, number: int) -> Day:
    """Frames of the day, and their samples, in the order in which they come."""
    random = np.random.default_rng(seed_of(county.stations[0].mn, number))
    by_mn: dict[str, list[Fault]] = {}
    for fault in county.faults:
        if fault.start < begin + DAY_S and fault.end > begin:
            by_mn.setdefault(fault.mn, []).append(fault)
    columns: dict[str, list[npt.NDArray[np.generic]]] = {
        name: []
        for name in ("received", "data", "sent", "station", "bad", "part", "row", "minute")
    }
    numbers = {station.mn: n for n, station in enumerate(county.stations)}
    for which, part in enumerate(parts):
        for row, station in enumerate(part.stations):
            its = by_mn.get(station.mn, [])
            moments = part.moments
            error = faults.clock_error_s(its, moments)
            data = np.floor((moments + error + 0.5) / 60) * 60
            received = moments + station.send_delay_s + random.exponential(0.15, len(moments))
            bad = np.zeros(len(moments), bool)
            kept = np.ones(len(moments), bool)
            for fault in its:
                within = (moments >= fault.start) & (moments < fault.end)
                if fault.kind == "link":  # what it kept comes when it is back, ten a second
                    received[within] = fault.end + 20 + np.arange(within.sum()) / 10
                elif fault.kind in faults.NOTHING_COMES:
                    kept &= ~within
                elif fault.kind == "bad_frames":
                    bad |= within & (random.random(len(moments)) < fault.size)
            minutes = np.flatnonzero(kept)
            again = minutes[random.random(len(minutes)) < _TWICE]
            minutes = np.concatenate([minutes, again])
            late = np.zeros(len(minutes))
            late[len(minutes) - len(again) :] = 10.0
            columns["received"].append(received[minutes] + late)
            columns["data"].append(data[minutes])
            columns["sent"].append(received[minutes] + error[minutes])
            columns["station"].append(np.full(len(minutes), numbers[station.mn]))
            columns["bad"].append(bad[minutes])
            columns["part"].append(np.full(len(minutes), which))
            columns["row"].append(np.full(len(minutes), row))
            columns["minute"].append(minutes)
    joined = {name: np.concatenate(some) for name, some in columns.items()}
    order = np.argsort(joined["received"], kind="stable")
    sorted_by_arrival = {name: column[order] for name, column in joined.items()}
    first = number * 10_000_000
    frames = _frames(county, sorted_by_arrival, first)
    samples = _samples(county, parts, by_mn, sorted_by_arrival, first)
    return Day(frames, samples, _links(county, begin, number))


def _frames(county: County, joined: dict[str, npt.NDArray[np.generic]], first: int) -> pa.Table:
    rows = len(joined["station"])
    station = joined["station"].astype(np.int64)
    shown = (joined["sent"].astype(np.float64) + BEIJING_S).astype("datetime64[s]")
    qn = np.char.replace(
        np.char.replace(np.char.replace(np.datetime_as_string(shown), "-", ""), "T", ""), ":", ""
    )
    made = {
        "received_at": time_column(joined["received"]),
        "lane": text_column(["0"], np.zeros(rows)),
        "position": pa.array(first + np.arange(rows)),
        "link": pa.array(station.astype(np.uint64) + 1),
        "mn": text_column([one.mn for one in county.stations], station),
        "st": text_column([one.st for one in county.stations], station),
        "cn": text_column(["2011"], np.zeros(rows)),
        "qn": pa.array(np.char.add(qn, "000").tolist()),
        "data_time": time_column(joined["data"]),
        "version": text_column([one.version for one in county.stations], station),
        "flag": pa.array(np.full(rows, 5, np.int16)),
        "rf": pa.array(np.zeros(rows, bool)),
        "encrypted": pa.array(np.zeros(rows, bool)),
        "reason": text_column(["ok", "crc_wrong"], joined["bad"]),
        "repairs": text_column([""], np.zeros(rows)),
        "warnings": text_column([""], np.zeros(rows)),
        "key_time": time_column(joined["data"]),
        "digest": pa.array(np.arange(rows, dtype=np.uint64)),
    }
    return filled(made, FRAMES, rows)


def _samples(
    county: County,
    parts: Sequence[_Part],
    by_mn: Mapping[str, list[Fault]],
    joined: dict[str, npt.NDArray[np.generic]],
    first: int,
) -> pa.Table:
    """One row for each factor of each good frame; of a broken device none."""
    position = np.arange(len(joined["station"]))
    codes = sorted({code for part in parts for code in part.values})
    found: dict[str, list[npt.NDArray[np.generic]]] = {
        name: [] for name in ("position", "factor", "value", "mark")
    }
    for which, part in enumerate(parts):
        mine = (joined["part"] == which) & ~joined["bad"].astype(bool)
        row, minute = joined["row"][mine].astype(int), joined["minute"][mine].astype(int)
        missing = _missing(part, by_mn)
        for order, code in enumerate(part.values):
            there = ~missing[code][row, minute] if code in missing else slice(None)
            found["position"].append(position[mine][there] * 64 + order)
            found["factor"].append(np.full(len(row[there]), codes.index(code)))
            found["value"].append(part.values[code][row, minute][there])
            found["mark"].append(part.marks[code][row, minute][there])
    together = {name: np.concatenate(some) for name, some in found.items()}
    in_order = np.argsort(together["position"], kind="stable")
    frame = together["position"][in_order] // 64
    marks = np.unique(together["mark"])
    rows = len(frame)
    station = joined["station"][frame].astype(np.int64)
    made = {
        "data_time": time_column(joined["data"][frame]),
        "mn": text_column([one.mn for one in county.stations], station),
        "factor": text_column(codes, together["factor"][in_order]),
        "period": text_column(["realtime"], np.zeros(rows)),
        "rtd": pa.array(together["value"][in_order]),
        "flag": text_column(marks.tolist(), np.searchsorted(marks, together["mark"][in_order])),
        "rf": pa.array(np.zeros(rows, bool)),
        "received_at": time_column(joined["received"][frame]),
        "lane": text_column(["0"], np.zeros(rows)),
        "position": pa.array(first + frame),
    }
    return filled(made, SAMPLES, rows)


def _missing(part: _Part, by_mn: Mapping[str, list[Fault]]) -> dict[str, npt.NDArray[np.bool_]]:
    """Of factors whose device is out: [station, minute]."""
    found: dict[str, npt.NDArray[np.bool_]] = {}
    for row, station in enumerate(part.stations):
        for fault in by_mn.get(station.mn, []):
            if fault.kind == "device":
                shape = (len(part.stations), len(part.moments))
                absent = found.setdefault(fault.factor, np.zeros(shape, bool))
                absent[row] |= (part.moments >= fault.start) & (part.moments < fault.end)
    return found


def _links(county: County, begin: float, number: int) -> list[LinkEvent]:
    """All come up at the start. Power that fails leaves a link half open, and the platform closes
    it after a while; a lost link is gone at once; now and then one breaks for seconds."""
    numbers = {station.mn: n + 1 for n, station in enumerate(county.stations)}
    events: list[LinkEvent] = []
    if number == 0:
        events += [LinkEvent(begin, mn, link, True) for mn, link in numbers.items()]
    for fault in county.faults:
        if fault.kind in faults.NOTHING_COMES:
            down = fault.start + (5 if fault.kind == "link" else 600)
            if down < fault.end:
                events.append(LinkEvent(down, fault.mn, numbers[fault.mn], False))
                events.append(LinkEvent(fault.end + 1, fault.mn, numbers[fault.mn], True))
    for mn, link in numbers.items():
        if uniform(seed_of("break", mn), number) < 0.3:
            at = begin + uniform(seed_of("when", mn), number) * (DAY_S - 100)
            length = Random(f"{mn}/{number}").uniform(2, 90)
            if not any(
                one.mn == mn
                and one.kind in faults.NOTHING_COMES
                and one.start - 100 < at < one.end + 100
                for one in county.faults
            ):
                events.append(LinkEvent(at, mn, link, False))
                events.append(LinkEvent(at + length, mn, link, True))
    return sorted(event for event in events if begin <= event.at < begin + DAY_S)
