"""The presence rule: a station is online while its last good frame is recent enough.

A pure function of two instants; who keeps the instants and what happens on a change is not
decided here. Tests: tests/alerts/test_presence.py.
"""

from __future__ import annotations

from typing import Literal

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
