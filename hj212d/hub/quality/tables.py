"""The columns of the answers about air quality. Not how they are reckoned.

Tests: tests/hub/quality/test_quality.py.
"""

from __future__ import annotations

import pyarrow as pa

# Columns are named by these; the pollutants in the order of `aqi`.
COLUMNS = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3"}

_MOMENT = pa.timestamp("us")
_ORIGIN = [
    ("standard", pa.string()),
    ("mark", pa.string()),  # "" when all is valid; several joined by ";"
    ("revision", pa.int32()),  # the newest of the rows that it was made of
    ("as_of", _MOMENT),
]

# Concentrations in ug/m3, CO mg/m3; o3 of an hour is the hour's mean, of a day its MDA8.
AQI_ROWS = pa.schema(
    [
        ("place", pa.string()),
        ("name", pa.string()),
        ("start", _MOMENT),
        ("end", _MOMENT),
        *((name, pa.float64()) for name in COLUMNS.values()),
        *((f"{name}_iaqi", pa.int16()) for name in COLUMNS.values()),
        ("aqi", pa.int16()),
        ("level", pa.int8()),
        ("category", pa.string()),
        ("colour", pa.string()),
        ("primary", pa.string()),  # joined by ";"
        ("published_aqi", pa.string()),  # a number or "NA"
        ("published_primary", pa.string()),
        ("missing", pa.string()),
        ("sites", pa.int32()),  # assessed sites with a value, the least of the pollutants
        ("events", pa.string()),
        *_ORIGIN,
    ]
)

# One row a place and statistic; pollutant "" is the whole: index, good_days, good_share,
# heavy_days, valid_days, all_items.
EVALUATION_ROWS = pa.schema(
    [
        ("place", pa.string()),
        ("name", pa.string()),
        ("start", _MOMENT),
        ("end", _MOMENT),
        ("pollutant", pa.string()),
        # mean, p90, p95, p98, days (share of days within the daily limit), or as said above
        ("statistic", pa.string()),
        ("value", pa.float64()),  # rounded, as it is shown
        ("exact", pa.float64()),  # before rounding
        ("unit", pa.string()),
        ("n", pa.int32()),
        ("need", pa.int32()),
        ("limit", pa.float64()),
        ("meets", pa.bool_()),
        ("multiple", pa.float64()),  # of exceedance, when exceeding
        ("main", pa.string()),  # main pollutants of the index
        ("method", pa.string()),
        ("air_class", pa.int8()),
        ("events", pa.string()),
        *_ORIGIN,
    ]
)

RANK_ROWS = pa.schema(
    [
        ("rank", pa.int32()),  # null: not ranked, `mark` says why
        ("of", pa.int32()),
        ("place", pa.string()),
        ("name", pa.string()),
        ("region", pa.string()),  # within which it is ranked; "" all
        ("start", _MOMENT),
        ("end", _MOMENT),
        ("key", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("index", pa.float64()),
        ("main", pa.string()),
        *((name, pa.float64()) for name in COLUMNS.values()),
        ("good_share", pa.float64()),
        ("good_days", pa.int32()),
        ("n", pa.int32()),  # valid days, the least of the pollutants
        ("need", pa.int32()),
        ("previous", pa.float64()),
        ("previous_rank", pa.int32()),
        ("previous_change", pa.float64()),  # %; of good_days in percentage points
        ("last_year", pa.float64()),
        ("last_year_rank", pa.int32()),
        ("last_year_change", pa.float64()),
        ("change_rank", pa.int32()),  # best change first
        ("worst_rank", pa.int32()),  # worst change first, without those whose items all meet
        # Over time only, of all its ranked spans: "rising", "falling", "none", "too_few"; and r.
        ("trend", pa.string()),
        ("trend_r", pa.float64()),
        ("method", pa.string()),
        ("events", pa.string()),
        *_ORIGIN,
    ]
)
