"""What a channel is given shows no secrets."""

from __future__ import annotations

from datetime import UTC, datetime

from alerts.notify.parcel import NotNow, Parcel


def test_a_parcel_does_not_show_where_it_goes() -> None:
    """Addresses of robots are secrets, and what is shown ends in logs."""
    parcel = Parcel(
        token="t1",
        channel="wecom",
        address="https://host/send?key=sesame",
        secret="SECopen",
        subject="s",
        text="t",
        created_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    for shown in (repr(parcel), str(parcel), f"{parcel}"):
        assert "t1" in shown
        assert "sesame" not in shown
        assert "SECopen" not in shown


def test_not_now_says_when() -> None:
    """If the service did."""
    assert NotNow("too fast", 60.0).after_s == 60.0
    assert NotNow("away").after_s is None
