"""What need not be told any more, because something later tells it."""

from __future__ import annotations

import pytest

from alerts.notify.superseding import superseded
from store.registry.alert_records import MessageRecord


def messages(steps: str, about: str = "incident:1") -> list[MessageRecord]:
    """ "opened, reminder:1!, recovered": in order, numbered from 1; with "!" on its way, with
    "+" tried before."""
    found = []
    for number, text in enumerate(steps.split(", "), 1):
        found.append(
            MessageRecord(
                id=number,
                about=about,
                step=text.rstrip("!+"),
                contact_id=1,
                channel="email",
                subject="s",
                text="t",
                state="sending" if text.endswith("!") else "waiting",
                attempts=1 if text.endswith(("!", "+")) else 0,
            )
        )
    return found


@pytest.mark.parametrize(
    ("steps", "taken", "untold"),
    [
        ("opened", {}, []),
        ("opened, recovered", {2: [1]}, [2]),
        ("opened+, recovered", {2: [1]}, []),
        ("opened!, recovered", {}, []),
        ("opened, reminder:1, reminder:2", {3: [2]}, []),
        ("reminder:1, worse:2, reminder:2", {3: [1, 2]}, []),
        ("reminder:1, recovered", {2: [1]}, []),
        ("opened, worse:2, escalated:1, reminder:1, recovered", {5: [1, 2, 3, 4]}, [5]),
        ("opened, escalated:1", {}, []),
        ("escalated:1, escalated:2", {}, []),
        ("recovered, reopened:1", {2: [1]}, []),
        ("recovered, reopened:1, recovered:1", {3: [1, 2]}, [3]),
        ("reminder:1!, reminder:2, recovered", {3: [2]}, []),
        ("recovered, recovered:1", {2: [1]}, []),
    ],
)
def test_what_takes_whose_place(
    steps: str, taken: dict[int, list[int]], untold: list[int]
) -> None:
    """Only of what waits; nothing takes the place of what is on its way."""
    found = superseded(messages(steps))
    assert found.taken == taken
    assert found.untold == untold


def test_only_incidents() -> None:
    """Rankings and summaries each stand for themselves."""
    assert superseded(messages("reminder:1, reminder:2", "ranking:2026-11-20")).taken == {}
    assert superseded([]).taken == {}
