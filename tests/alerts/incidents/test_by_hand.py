"""alerts.incidents.by_hand: what people do to incidents."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from stage import START, Stage, station

from alerts.incidents import deeds
from alerts.incidents.transaction import in_one
from store.registry.alert_records import IncidentRecord
from store.registry.errors import Conflict

MN = station("330106", 1)


def opened(stage: Stage) -> tuple[int, Any]:
    """Somebody who is told, and when the station fell silent."""
    person = stage.person()
    began = stage.silent(MN)
    stage.run(minutes=5)
    return person, began


def test_what_somebody_takes_care_of_is_not_escalated_but_reminded_of(stage: Stage) -> None:
    """By the hour, until it is over."""
    opened(stage)
    stage.answers_for("region:330106", "operator")
    done = deeds.acknowledge(stage.registry, "A20261121-0001", "li", "on my way", stage.terms)
    assert (done.state, done.acknowledged_by, done.acknowledged_at) == (
        "acknowledged",
        "li",
        stage.now,
    )
    stage.run(hours=3)
    assert stage.steps() == ["opened", "reminder:1", "reminder:2", "reminder:3"]
    (line,) = [
        line for line in stage.registry.incidents.entries(done.id) if line.event == "acknowledged"
    ]
    assert (line.who, line.text) == ("li", "on my way")


def test_of_what_is_silenced_nothing_is_told_until_its_end(stage: Stage) -> None:
    """Then the next reminder; who had acknowledged it still has."""
    opened(stage)
    no = stage.incident().no
    deeds.acknowledge(stage.registry, no, "li", "", stage.terms)
    end = START + timedelta(hours=4, minutes=30)
    deeds.silence(stage.registry, no, "li", "known", stage.terms, end)
    stage.run(hours=4, minutes=24)
    assert stage.steps() == ["opened"]
    assert stage.incident().state == "silenced"
    stage.run(hours=1)
    assert stage.steps() == ["opened", "reminder:4", "reminder:5"]
    assert stage.incident().state == "acknowledged"


def test_what_recovers_in_its_silence_is_told_to_nobody(stage: Stage) -> None:
    """Nor that it is back; the log has it all."""
    _, began = opened(stage)
    no = stage.incident().no
    deeds.silence(stage.registry, no, "li", "", stage.terms, START + timedelta(hours=9))
    stage.back(began, MN)
    stage.run(minutes=10)
    stage.silent(MN)
    stage.run(minutes=10)
    assert stage.steps() == ["opened"]
    assert stage.incident().state == "silenced"
    assert stage.log()[-2:] == ["recovered", "reopened"]


def test_a_silence_can_be_ended_by_hand(stage: Stage) -> None:
    """It is reminded of at the next hour."""
    opened(stage)
    no = stage.incident().no
    deeds.silence(stage.registry, no, "li", "", stage.terms, START + timedelta(days=9))
    stage.run(hours=2)
    assert deeds.unsilence(stage.registry, no, "li", "", stage.terms).state == "open"
    stage.run(hours=1)
    assert stage.steps()[-1] == "reminder:3"


def test_only_what_is_over_can_be_closed(stage: Stage) -> None:
    """Closed by hand it does not come back: the next is a new one."""
    person, began = opened(stage)
    no = stage.incident().no
    with pytest.raises(ValueError, match="A20261121-0001 is open: no close now"):
        deeds.close(stage.registry, no, "li", "", stage.terms)
    stage.back(began, MN)
    stage.run(minutes=5)
    done = deeds.close(stage.registry, no, "li", "cable mended", stage.terms)
    assert (done.state, done.closed_by, done.next_at) == ("closed", "li", None)
    stage.silent(MN)
    stage.run(minutes=5)
    assert stage.steps(person) == ["opened", "recovered", "opened"]


def test_a_note_changes_nothing_else(stage: Stage) -> None:
    """It stands in the log at any time."""
    opened(stage)
    before = stage.incident()
    deeds.note(stage.registry, before.no, "li", "the key is at the gate", stage.terms)
    assert stage.incident() == before
    assert stage.log()[-1] == "note"


def test_what_cannot_be_done_is_said_in_a_sentence(stage: Stage) -> None:
    """No such incident, a moment that has gone, a state in which it has no sense."""
    opened(stage)
    no = stage.incident().no
    with pytest.raises(KeyError, match="no incident A1"):
        deeds.acknowledge(stage.registry, "A1", "li", "", stage.terms)
    with pytest.raises(ValueError, match="expected a moment to come"):
        deeds.silence(stage.registry, no, "li", "", stage.terms, stage.now)
    with pytest.raises(ValueError, match="is open: no unsilence now"):
        deeds.unsilence(stage.registry, no, "li", "", stage.terms)


def test_a_deed_is_done_anew_when_somebody_was_quicker(either: Stage) -> None:
    """Read again, so that nothing of theirs is overwritten; some times at most."""
    opened(either)
    registry, tries = either.registry, []

    def deed() -> IncidentRecord:
        tries.append(1)
        incident = either.incident()
        if len(tries) == 1:
            raise Conflict("changed meanwhile")
        return registry.incidents.change(incident, reminded=7)

    assert in_one(registry, deed).reminded == 7
    assert len(tries) == 2

    def always() -> None:
        raise Conflict("changed meanwhile")

    with pytest.raises(Conflict):
        in_one(registry, always)


def test_people_and_clock_at_once(either: Stage) -> None:
    """Each from a thread of its own: all that people did is kept, no step is told twice."""
    mns = [station("330106", number) for number in range(4)]
    either.person()
    either.silent(*mns)
    either.run(minutes=5)

    def people() -> None:
        for one in either.incidents():
            deeds.acknowledge(either.registry, one.no, "li", "", either.terms)
            deeds.note(either.registry, one.no, "li", "seen", either.terms)

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(people)
        for _ in range(40):
            either.later(minutes=7).tick()
        done.result()
    assert {one.acknowledged_by for one in either.incidents()} == {"li"}
    names = [(one.about, one.step) for one in either.messages()]
    assert len(names) == len(set(names))
