"""Means of minutes: of real-time values, the instrument's own beside them.

Made when somebody asks and not kept: they are as many as the readings.
Tests: tests/hub/means/test_means_asking.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa

from aqi.means import averaging
from aqi.means.averaging import Floats
from aqi.means.hour import hour_rows
from aqi.means.rows import floats, integers
from aqi.means.stations import Judging, Names, Station
from hj212d.hub.means.judging import Sites, judging, sums_query, valid_flags
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.times import microseconds
from store.means import MINUTE_SUMS, MOST_VALUE, HourSumsQuery, Store
from store.timeseries import SampleQuery

MOST_STATION_DAYS = 400  # a year of one station, a day of some hundred

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MINUTE_US = 60_000_000


def minute_rows(
    store: Store, sites: Sites, settings: MeansSettings, question: MeansQuestion
) -> pa.Table:
    """Rows of aqi.means.rows.ROWS, one a minute. ValueError when that would be too many."""
    mns = question.mns
    if mns is None:
        raise ValueError("means of minutes are made for stations that are named")
    if len(mns) * (question.end - question.start) > MOST_STATION_DAYS * _DAY:
        raise ValueError(
            f"means of minutes are made for {MOST_STATION_DAYS} days of stations at once"
        )
    begun = question.start.replace(minute=0, second=0, microsecond=0)
    over = question.end + (datetime.min - question.end) % _HOUR
    tables = [MINUTE_SUMS.empty_table()]
    for mn in mns:
        site = sites.site(mn)
        query = sums_query(
            begun,
            over,
            settings,
            mns=(mn,),
            factors=question.factors,
            flags=valid_flags(site, settings),
            end_stamped=(mn,) if site.stamp == "end" else (),
        )
        tables += [store.minute_sums(query), _reported(store, question, mn, query)]
    sums = pa.concat_tables(tables)
    start = integers(sums, "start")
    first, behind = microseconds(question.start), microseconds(question.end)
    sums = sums.filter(pa.array((start >= first) & (start < behind)))
    order = [(name, "ascending") for name in ("start", "mn", "factor", "period")]
    rows = hour_rows(sums.sort_by(order), _of_minutes(judging(sites, settings)))
    if question.stats is None:
        return rows
    return rows.filter(pa.compute.is_in(rows["stat"], pa.array(question.stats)))


def _of_minutes(rules: Judging) -> Judging:
    """The same rules; a minute is whole with one value, and the instrument's own comes second."""
    figures = {
        medium: msgspec.structs.replace(one, hour_minutes=1) for medium, one in rules.rules.items()
    }

    def station(mn: str) -> Station:
        return msgspec.structs.replace(rules.station(mn), hour_from=("realtime", "hour"))

    return Judging(figures, station, rules.keep_negative)


def _reported(store: Store, question: MeansQuestion, mn: str, query: HourSumsQuery) -> pa.Table:
    """The instrument's minute data in the form of sums, as if they were its hours."""
    tables = [
        store.samples(SampleQuery(mn, factor, question.start, question.end, "minute"))
        for factor in question.factors or (None,)
    ]
    rows = pa.concat_tables(tables)
    value = floats(rows, "avg")
    for other in ("rtd", "data"):
        value = np.where(np.isnan(value), floats(rows, other), value)
    fine = ("", "N", *query.valid_flags)
    marked = ~Names(rows["flag"].fill_null("")).by(lambda flag: flag in fine, bool)
    sane = (np.abs(value) <= MOST_VALUE) & ~np.isin(value, query.no_values)
    absurd = ~marked & ~np.isnan(value) & ~sane
    valid = ~marked & ~absurd & ~np.isnan(value)
    clean = np.where(valid, value, 0.0)
    sines, cosines = averaging.unit_vectors(clean)
    n = rows.num_rows
    ended = 1 if query.end_stamped else 0
    columns = {
        "start": pa.array((integers(rows, "data_time") - ended) // _MINUTE_US * _MINUTE_US),
        "mn": rows["mn"],
        "factor": rows["factor"],
        "period": pa.array(["hour"] * n, pa.string()),
        "n": pa.array(valid),
        "n_marked": pa.array(marked),
        "n_absurd": pa.array(absurd),
        "minutes": pa.array(valid),
        "minute_bits": pa.array(valid),
        "sum_e6": _scaled(clean, 1e6),
        "min": rows["min"],
        "max": rows["max"],
        "energy_e3": _scaled(averaging.energy_of(np.clip(clean, -20, 150)), 1e3),
        "sin_e9": _scaled(sines, 1e9),
        "cos_e9": _scaled(cosines, 1e9),
        "flag": rows["flag"].fill_null(""),
    }
    columns["start"] = columns["start"].cast(pa.timestamp("us"))
    return pa.table(
        [
            _cast(columns[field.name], field.type)
            if field.name in columns
            else pa.array(np.zeros(n, np.int64)).cast(field.type)
            if field.name != "cou_e6"
            else pa.nulls(n, field.type)
            for field in MINUTE_SUMS
        ],
        schema=MINUTE_SUMS,
    )


def _scaled(values: Floats, by: float) -> pa.Array:
    return pa.array(np.rint(values * by).astype(np.int64))


def _cast(column: pa.Array | pa.ChunkedArray, to: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if pa.types.is_decimal(to):
        column = column.cast(pa.decimal128(19, 0))
    return column.cast(to)
