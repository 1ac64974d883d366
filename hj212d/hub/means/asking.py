"""Means asked for: hours and days as the store keeps them, longer periods made of days.

Blocking; for a thread of the hub, or for a command when no hub runs.
Tests: tests/hub/means/test_means_asking.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from hj212d.hub.means.question import MEANS, MeansQuestion
from hj212d.hub.means.settings import MeansSettings

__all__ = ["MEANS", "Means", "MeansQuestion"]


class Means:
    """``sites``: what is known of an MN, see site_book.py."""

    def __init__(
        self, store: Any, sites: Any, settings: MeansSettings, now_us: Callable[[], int]
    ) -> None:
        self.settings = settings
        self._store = store
        self._sites = sites
        self._now_us = now_us

    def table(self, question: MeansQuestion) -> pa.Table:  # noqa: ARG002 - no rows yet
        """Rows of MEANS in order of start, mn, factor, stat. ValueError, StoreUnavailable."""
        return MEANS.empty_table()
