"""Subscriptions as people read them. Pure. Tests: tests/cli/test_subscription_command.py."""

from __future__ import annotations

from typing import Any


def words(subscription: dict[str, Any]) -> str:
    """What is heard of and how, in short."""
    said = [", ".join(subscription["topics"]), f"from {subscription['severity']}"]
    for name, what in (
        ("kinds", "kinds"),
        ("rules", "rules"),
        ("regions", "regions"),
        ("mns", "stations"),
        ("channels", "by"),
    ):
        if subscription[name]:
            said.append(f"{what} {', '.join(subscription[name])}")
    if subscription["summary_every"]:
        said.append(f"summary every {subscription['summary_every']}")
    if not subscription["on"]:
        said.append("off")
    return "; ".join(said)
