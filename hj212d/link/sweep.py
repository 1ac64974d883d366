"""The one timer of all links: silence, half frames, superseded links, throttled addresses.

Runs once a second; the time is an argument. Tests: tests/link/test_sweep.py.
"""

from __future__ import annotations

from hj212d.link.closes import Close
from hj212d.link.limits import AddressLimits
from hj212d.link.links import Links
from hj212d.link.pauses import NEVER, PEER, SHARE
from hj212d.link.sessions import Sessions
from hj212d.link.settings import LinkSettings
from hj212d.link.state import LinkState

CLOSE_TIMEOUT_S = 10.0  # for the last answers of a link that is closing


class Sweep:
    """Looks after what becomes due by time."""

    def __init__(self, links: Links, sessions: Sessions, limits: AddressLimits) -> None:
        self._links = links
        self._sessions = sessions
        self._limits = limits

    def run(self, now: float) -> None:
        """Do all that is due at ``now`` (seconds of the worker's clock)."""
        settings = self._links.intake.settings
        alive_since = now - settings.idle_timeout_s
        for link in self._links:
            # Nearly all links, without the price of a call.
            if link.active_at > alive_since and link.partial_at == NEVER and link.why is None:
                continue
            self._check(link, now, settings)
        for number in self._sessions.superseded(
            now, settings.superseded_timeout_s, self._links.active_at
        ):
            older = self._links.get(number)
            if older is not None and not older.pending and not older.pauses:
                older.close(Close.SUPERSEDED)
        self._limits.forget(now)

    def release(self, now: float) -> None:
        """Let addresses read on whose share has grown again; may run more often."""
        throttled = self._links.throttled
        for link in [link for link, due in throttled.items() if due <= now]:
            del throttled[link]
            link.resume(SHARE)

    @staticmethod
    def _check(link: LinkState, now: float, settings: LinkSettings) -> None:
        if link.pending:
            return  # it waits for us
        silent_s = now - link.active_at
        if link.why is not None:
            if silent_s >= CLOSE_TIMEOUT_S:
                link.abort()
        elif link.pauses & PEER:
            if silent_s >= settings.idle_timeout_s:
                link.close(Close.WRITE_STUCK)
        elif link.pauses:
            return  # it may have sent what we do not read
        elif silent_s >= settings.idle_timeout_s:
            link.close(Close.IDLE)
        elif link.partial_at != NEVER and now - link.partial_at >= settings.partial_timeout_s:
            link.expire(now)
