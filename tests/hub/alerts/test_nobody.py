"""Refused frames that name no station are counted over a window."""

from __future__ import annotations

import pyarrow as pa

from hj212d.hub.alerts.nobody import Nobody

S = 1_000_000
T = 1_780_286_400 * S


def frames(*rows: tuple[int, str, str]) -> pa.Table:
    """Of seconds after T, MN and reason."""
    return pa.table(
        {
            "received_at": pa.array([T + at * S for at, _, _ in rows], pa.timestamp("us")),
            "mn": [mn for _, mn, _ in rows],
            "reason": [reason for _, _, reason in rows],
        }
    )


def test_counted_over_a_window() -> None:
    """Those of a station, and those that were good, count among all."""
    nobody = Nobody()
    nobody.observe(frames((1, "", "junk"), (2, "A", "crc_wrong"), (3, "A", "ok"), (4, "", "ok")))
    nobody.observe(frames((15, "", "junk"), (14, "", "junk")))
    nobody.observe(frames())
    assert nobody.counted(600, T + 20 * S) == (3, 6)
    assert nobody.counted(10, T + 19 * S) == (2, 2)
    assert nobody.counted(600, T + 700 * S) == (0, 0)


def test_one_that_comes_late() -> None:
    """Lanes are not in order to the second: it counts with the newest."""
    nobody = Nobody()
    nobody.observe(frames((50, "", "junk")))
    nobody.observe(frames((1, "", "junk")))
    assert nobody.counted(5, T + 51 * S) == (2, 2)
