"""Puts the room of analysis together. Tests: tests/system/test_maps_and_analysis.py."""

from __future__ import annotations

from hj212d.hub.analysis.api_window import ApiWindow, HubSource
from hj212d.hub.means.asking import Means
from hj212d.hub.quality.asking import Quality
from hj212d.hub.slow_work import SlowWork


def make_analysis(*, means: Means, quality: Quality, slow: SlowWork) -> ApiWindow:
    """``slow``: the threads of queries."""
    return ApiWindow(HubSource(means, quality), slow)
