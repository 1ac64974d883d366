"""Questions of air quality, asked of a store with real rows."""

from __future__ import annotations

from hj212d.hub.quality.tables import AQI_ROWS, COLUMNS, EVALUATION_ROWS, RANK_ROWS


def test_each_row_says_where_it_comes_from() -> None:
    """Standard, mark, revision and as_of stand in each table."""
    for schema in (AQI_ROWS, EVALUATION_ROWS, RANK_ROWS):
        assert {"standard", "mark", "revision", "as_of"} <= set(schema.names)
    assert set(COLUMNS.values()) <= set(AQI_ROWS.names) & set(RANK_ROWS.names)
