"""Deeds that are killed before each change and each commit, and done again after a new start:
what is told is what would have been told, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from stage import Stage, outcome, sqlite_registry, station

from alerts.incidents import deeds
from store.registry.open import Registry

COUNTY = [station("330106", number) for number in range(14)]
MN = station("330203", 1)
Deed = Callable[[Stage], object]


class Killed(BaseException):
    """The process ends here."""


def people(stage: Stage) -> None:
    """Some who are told, and who answer."""
    stage.person()
    stage.person("Zhao", regions=["330100"], severity="severe")
    stage.answers_for(f"mn:{MN}", "operator", "Sun")


class Script:
    """Deeds that are given by the stage's clock alone, so that they can be done again."""

    def __init__(self) -> None:
        self._began: dict[str, Any] = {}

    def silent(self, *mns: str) -> Deed:
        def deed(stage: Stage) -> object:
            return self._began.update(dict.fromkeys(mns, stage.silent(*mns)))

        return deed

    def back(self, *mns: str) -> Deed:
        return lambda stage: stage.take(
            stage.signal(mn, "cleared", began=self._began[mn]) for mn in mns
        )

    @staticmethod
    def later(**more: float) -> Deed:
        return lambda stage: stage.later(**more)


def tick(stage: Stage) -> object:
    """The clock's."""
    return stage.tick()


def trickle() -> list[Deed]:
    """An outage that comes one by one, swallows single incidents and is over, one by one."""
    script = Script()
    deeds: list[Deed] = []
    for mn in COUNTY:
        deeds += [script.silent(mn), script.later(seconds=70), tick]
    deeds += [script.later(hours=1), tick]
    for mn in COUNTY:
        deeds += [script.back(mn), script.later(seconds=70), tick]
    return [*deeds, script.later(minutes=3), tick, tick]


def story() -> list[Deed]:
    """What happens, deed by deed."""
    script = Script()
    silent, back, later = script.silent, script.back, script.later

    def acknowledge(stage: Stage) -> object:
        return deeds.acknowledge(stage.registry, "A20261121-0002", "li", "", stage.terms)

    def silence(stage: Stage) -> object:
        until = stage.now + timedelta(hours=2)
        return deeds.silence(stage.registry, "A20261121-0001", "li", "", stage.terms, until)

    return [
        silent(*COUNTY[:12], MN),
        later(seconds=60),
        tick,
        silent(*COUNTY[12:]),
        later(minutes=40),
        tick,
        acknowledge,
        later(minutes=40),
        tick,
        silence,
        back(*COUNTY, MN),
        later(minutes=3),
        tick,
        tick,
        silent(MN),
        silent(COUNTY[0]),
        later(minutes=2),
        tick,
        later(hours=5),
        tick,
        back(MN),
        later(days=2),
        tick,
        tick,
    ]


@contextmanager
def killed_at(registry: Registry, point: int) -> Iterator[list[int]]:
    """Ends the process before a change or commit, counted from here; the count is in the list.
    What is only read has changed nothing that could be lost."""
    engine = registry._shelf.database.engine
    count = [0]

    def reached(*_: Any) -> None:
        count[0] += 1
        if count[0] == point:
            raise Killed

    def before(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.startswith(("SELECT", "BEGIN", "SAVEPOINT", "RELEASE")):
            reached()

    sa.event.listen(engine, "before_cursor_execute", before)
    sa.event.listen(engine, "commit", reached)
    try:
        yield count
    finally:
        sa.event.remove(engine, "before_cursor_execute", before)
        sa.event.remove(engine, "commit", reached)


def begun(folder: Path) -> Stage:
    """A stage with its people."""
    stage = Stage(sqlite_registry(folder))
    people(stage)
    return stage


def undisturbed(folder: Path, story: Callable[[], list[Deed]]) -> tuple[list[Any], list[int]]:
    """What is told when nothing is killed, and how many changes and commits each deed has."""
    stage = begun(folder)
    counts = []
    for deed in story():
        with killed_at(stage.registry, 0) as count:
            deed(stage)
        counts.append(count[0])
    told = outcome(stage)
    stage.registry.close()
    return told, counts


@pytest.mark.parametrize(
    ("told_story", "happening"),
    [
        (story, {"opened", "reminder", "escalated", "recovered", "reopened"}),
        (trickle, {"opened", "reminder", "recovered"}),
    ],
)
def test_a_kill_before_any_change_neither_repeats_nor_forgets(
    tmp_path: Path, told_story: Callable[[], list[Deed]], happening: set[str]
) -> None:
    """Each change of the story once; what was killed is done again after a new start."""
    told, counts = undisturbed(tmp_path / "whole", told_story)
    steps = {row[1].partition(":")[0] for row in told}
    assert happening <= steps
    stage = begun(tmp_path / "played")
    kills = 0
    for number, (deed, count) in enumerate(zip(told_story(), counts, strict=True)):
        now = stage.now
        for point in range(1, count + 1):
            with pytest.raises(Killed), killed_at(stage.registry, point):
                deed(stage)
            kills += 1
            stage.now = now
        deed(stage)
        if number % 6 == 5:
            after = outcome(stage)
            stage.registry.close()
            stage.registry = sqlite_registry(tmp_path / "played")
            assert outcome(stage) == after
    assert kills > 60
    assert outcome(stage) == told
    stage.registry.close()


@pytest.mark.parametrize("told_story", [story, trickle])
def test_a_deed_whose_answer_was_lost_is_done_again(
    tmp_path: Path, told_story: Callable[[], list[Deed]]
) -> None:
    """Killed after the commit: signals and ticks come a second time, nothing is told twice."""
    told, _ = undisturbed(tmp_path / "whole", told_story)
    stage = begun(tmp_path / "played")
    for deed in told_story():
        now = stage.now
        deed(stage)
        later = stage.now
        if later == now:  # by hand it would be another deed
            try:
                deed(stage)
            except ValueError:
                assert deed.__name__ in ("acknowledge", "silence")
    assert outcome(stage) == told
    stage.registry.close()
