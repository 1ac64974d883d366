"""alerts.signals: what a signal says of itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.signals import Signal

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "mn"),
    [("mn:MN001", "MN001"), ("region:330100", ""), ("hub", ""), ("forward:a", "")],
)
def test_only_a_subject_that_is_a_station_has_an_mn(subject: str, mn: str) -> None:
    """A region or a target is not taken for a station."""
    signal = Signal(
        rule="r", kind="offline", subject=subject, what="raised", began=NOW, at=NOW, seen_at=NOW
    )
    assert signal.mn == mn
