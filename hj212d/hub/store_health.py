"""How the store is doing, as told by those who use it; the one who asks never waits.

The store opens itself when it is needed and again after it broke; here is only what the last
attempt said. Tests: tests/hub/test_store_health.py.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from store.timeseries import StoreUnavailable

State = Literal["opening", "ok", "unavailable"]


class StoreHealth(msgspec.Struct):
    """State of the store and, while it is unavailable, why and since when (UTC, us)."""

    state: State = "opening"
    error: str = ""
    since_us: int | None = None
    failures: int = 0

    def worked(self) -> None:
        """The store was used and served."""
        if self.state != "ok":
            self.state = "ok"
            self.error = ""
            self.since_us = None

    def failed(self, problem: StoreUnavailable, now_us: int) -> None:
        """The store could not serve."""
        self.failures += 1
        self.error = str(problem) or "unavailable"
        if self.state != "unavailable":
            self.state = "unavailable"
            self.since_us = now_us
