"""alerts.incidents.telling: a step becomes messages, once."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from stage import START, Stage, station, words

from alerts.incidents.telling import Crier
from alerts.incidents.terms import Telling, Terms
from alerts.notify.message import Message

MN = station("330106", 1)


def test_a_step_told_again_is_the_same_messages(stage: Stage) -> None:
    """Whoever takes a step twice writes nothing twice."""
    stage.person("Li")
    stage.silent(MN)
    stage.later(60).tick()
    before = stage.messages()
    crier = Crier(stage.registry, stage.terms)
    with stage.registry.together():
        assert crier.tell(stage.incident(), "opened") == {1}
    assert crier.messages == 0
    assert stage.messages() == before


def test_each_language_is_put_into_words_once(stage: Stage) -> None:
    """However many people read it."""
    for number, language in enumerate(["zh", "en", "zh", "zh"]):
        id = stage.person(f"p{number}")
        contact = stage.registry.contacts.get(id)
        assert contact is not None
        stage.registry.contacts.put(msgspec.structs.replace(contact, language=language), "test")
    spoken: list[str] = []

    def render(telling: Telling) -> Message:
        spoken.append(telling.language)
        return words(telling)

    terms: Terms = msgspec.structs.replace(stage.terms, render=render)
    stage.silent(MN)
    stage.later(60).tick()
    spoken.clear()
    with stage.registry.together():
        Crier(stage.registry, terms).tell(stage.incident(), "reminder:1")
    assert spoken == ["zh", "en"]
    assert stage.steps().count("reminder:1") == 4


def test_who_is_switched_off_is_not_told(stage: Stage) -> None:
    """And when nobody is left the log says so."""
    contact = stage.registry.contacts.get(stage.person())
    assert contact is not None
    stage.registry.contacts.put(msgspec.structs.replace(contact, on=False), "test")
    stage.silent(MN)
    stage.later(60).tick()
    assert stage.messages() == []
    (line,) = stage.registry.incidents.entries(stage.incident().id)
    assert (line.event, line.text) == ("opened", "nobody is told")


def test_a_reminder_is_worth_nothing_when_the_next_is_due(stage: Stage) -> None:
    """Other steps are sent however late."""
    stage.person()
    stage.silent(MN)
    stage.run(hours=1, minutes=2)
    opened, reminder = stage.messages()
    assert opened.expires_at is None
    assert reminder.created_at is not None
    assert reminder.expires_at is not None
    assert reminder.next_at is not None
    assert (reminder.expires_at - reminder.next_at).total_seconds() == 3600


def test_what_waits_of_reminders_is_held_back_when_it_is_over(stage: Stage) -> None:
    """A channel that comes back after hours sends what began and what ended."""
    stage.person()
    began = stage.silent(MN)
    stage.run(hours=3)
    stage.back(began, MN)
    stage.run(minutes=5)
    states = {one.step: one.state for one in stage.messages()}
    assert states["opened"] == states["recovered"] == "waiting"
    assert states["reminder:1"] == states["reminder:2"] == "withheld"


def test_reminders_of_all_incidents_leave_at_the_full_hour(stage: Stage) -> None:
    """So that the notifier makes one message of them; each is there to be read at once."""
    stage.person()
    owner = stage.answers_for("region:330106")
    for number in range(3):
        stage.silent(station("330106", number))
        stage.run(minutes=11)
    stage.run(hours=2)
    reminders = [one for one in stage.messages() if one.step.startswith("reminder")]
    letters = [one for one in reminders if one.channel == "email"]
    assert {one.next_at for one in letters} == {
        START + timedelta(hours=2),
        START + timedelta(hours=3),
    }
    assert all(one.expires_at == one.next_at + timedelta(hours=1) for one in letters)
    pages = [one for one in reminders if one.contact_id == owner and one.channel == "app"]
    assert all(one.next_at == one.created_at for one in pages)
