"""What need not be told any more because something later about the same incident tells it.

Pure. "About" is one incident, one person, one channel. Nothing is told out of its order: what is
later waits for what is earlier, or takes its place.
Tests: tests/alerts/notify/test_superseding.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from store.registry.alert_records import MessageRecord

INCIDENT = "incident:"
_PASSING = frozenset(("reminder", "grown", "worse"))
_BEGINNINGS = frozenset(("opened", "reopened"))
# Step -> steps before it that it tells, too, when they have not gone out yet. What is over is all
# over; that it comes back after a recovery nobody heard of is one message.
_TAKES: dict[str, frozenset[str]] = {
    "recovered": frozenset(
        ("opened", "reopened", "recovered", "reminder", "grown", "worse", "escalated", "flapping")
    ),
    "reopened": _PASSING | {"recovered"},
    "worse": _PASSING,
    "grown": _PASSING,
    "reminder": _PASSING,
    "escalated": _PASSING,
    "flapping": _PASSING | {"recovered", "reopened"},
}


class Superseded(msgspec.Struct, frozen=True):
    """``taken``: the message -> those whose place it takes. ``untold``: messages that something is
    over of which nobody was told that it began."""

    taken: dict[int, list[int]]
    untold: list[int]


def superseded(messages: Sequence[MessageRecord]) -> Superseded:
    """Of the messages about one thing that are not settled. Only those that wait are taken."""
    if not messages or not messages[0].about.startswith(INCIDENT):
        return Superseded({}, [])
    order = sorted(messages, key=lambda one: one.id)
    taken: dict[int, list[int]] = {}
    untold: list[int] = []
    gone: set[int] = set()
    for place in range(len(order) - 1, 0, -1):
        later = order[place]
        if later.state != "waiting" or later.id in gone:
            continue
        takes = _TAKES.get(step(later), frozenset())
        found = [
            one
            for one in order[:place]
            if one.state == "waiting" and one.id not in gone and step(one) in takes
        ]
        if not found:
            continue
        taken[later.id] = [one.id for one in found]
        gone.update(taken[later.id])
        began = any(step(one) in _BEGINNINGS and not one.attempts for one in found)
        if step(later) == "recovered" and began:
            untold.append(later.id)
    return Superseded(taken, untold)


def step(message: MessageRecord) -> str:
    """Its step without a number."""
    return message.step.partition(":")[0]
