"""Means of the instruments against ours."""

from __future__ import annotations

from means_tables import means

from aqi.means.compare import Tolerance, compared


def test_only_rows_with_two_sides_are_compared() -> None:
    """Difference, relative difference, and whether that is the same."""
    rows = compared(
        means(
            {"factor": "a", "reported": 21.0, "computed": 20.0},
            {"factor": "b", "reported": 20.05, "computed": 20.0},
            {"factor": "c", "reported": 20.0},
            {"factor": "d", "computed": 20.0},
            {"factor": "e", "reported": 30.0, "computed": 20.0},
            {"factor": "f", "reported": 0.05, "computed": 0.0},
            {"factor": "g", "stat": "vector", "reported": 1.0, "computed": 359.0},
        ),
        Tolerance(relative=0.05, absolute=0.1),
    ).to_pylist()
    found = {row["factor"]: (row["difference"], row["relative"], row["within"]) for row in rows}
    assert found["a"] == (1.0, 0.05, True)
    assert found["b"] == (0.05, 0.0025, True)
    assert found["e"] == (10.0, 0.5, False)
    assert found["f"] == (0.05, None, True)
    assert found["g"][0] == 2.0
    assert not found["g"][2]
    assert set(found) == {"a", "b", "e", "f", "g"}
