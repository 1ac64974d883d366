"""Since when the platform can hear, without a pause: silence is counted from there.

A hub that was away has missed nothing while its workers lived: the journal tells. Pure.
Tests: tests/hub/alerts/test_alert_listening.py.
"""

from __future__ import annotations

import msgspec

# A worker is started again within 5 s, and says so within one more.
PAUSE_US = 10_000_000


class Listening(msgspec.Struct):
    """UTC microseconds. ``up_since_us``: from then on somebody listened all the time;
    ``heard_us``: the last moment at which that was known. Both 0: never yet."""

    up_since_us: int = 0
    heard_us: int = 0

    def hears(self, now_us: int, begun_us: int) -> bool:
        """Somebody listens now and has since ``begun_us``. A longer pause before that, or one in
        which nobody could be asked, begins anew. Whether the clock was set back: all that was
        known of then is in the future."""
        if self.heard_us > now_us + PAUSE_US:
            self.up_since_us, self.heard_us = min(begun_us, now_us), now_us
            return True
        if not self.heard_us or begun_us > self.heard_us + PAUSE_US:
            self.up_since_us = max(begun_us, self.up_since_us)
        self.heard_us = max(now_us, self.heard_us)
        return False

    def missed(self, until_us: int) -> None:
        """What came before ``until_us`` was not looked at."""
        self.up_since_us = max(self.up_since_us, until_us)
