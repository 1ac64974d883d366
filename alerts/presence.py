"""The presence rule: a station is online while its last good frame is recent enough.

Pure functions of instants; who keeps the instants and what happens on a change is not
decided here. Tests: tests/alerts/test_presence.py.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Presence = Literal["online", "offline"]

OFFLINE_AFTER_S = 900.0


def presence(
    last_seen_us: int | None, now_us: int, offline_after_s: float = OFFLINE_AFTER_S
) -> Presence:
    """Whether a station is online at ``now_us`` (both UTC, microseconds since 1970).

    The boundary belongs to the station: exactly ``offline_after_s`` after its last good frame
    it is still online, one microsecond later it is offline. A station that was never seen is
    offline. A last frame in the future (the clock of the machine was set back) counts as now.
    """
    if last_seen_us is None:
        return "offline"
    return "online" if now_us - last_seen_us <= round(offline_after_s * 1e6) else "offline"


def online(
    last_seen_us: NDArray[np.int64], now_us: int, offline_after_s: float = OFFLINE_AFTER_S
) -> NDArray[np.bool_]:
    """The same for many stations at once; the smallest number means never seen."""
    judged: NDArray[np.bool_] = last_seen_us >= now_us - round(offline_after_s * 1e6)
    return judged
