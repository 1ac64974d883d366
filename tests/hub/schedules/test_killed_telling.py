"""Kills in the middle, and two hubs on one registry: each person is told once all the same."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from postgresql_cluster import Cluster
from schedules_rig import Stage, beijing
from telling_process import FIRST

from hj212d.hub.schedules import telling
from store.registry.errors import RegistryUnavailable
from store.registry.outbox import OutboxBook

HERE = Path(__file__).parent
DAYS = ("2028-02-26", "2028-02-27", "2028-02-28", "2028-02-29")
PEOPLE = 7


def populate(stage: Stage) -> None:
    """People with the ranking and the day's summary, and rankings of four days."""
    for number in range(PEOPLE):
        person = stage.person(f"P{number}", "en" if number % 2 else "zh")
        stage.subscribe(person, "ranking", "summary", summary_every="day")
    for day in DAYS:
        stage.publish(day)


def expected() -> set[tuple[str, int, str]]:
    """What is to be told once."""
    return {
        (f"{about}:{day}", who, "email")
        for about in ("ranking", "summary:day")
        for day in DAYS
        for who in range(1, PEOPLE + 1)
    }


def process(folder: Path) -> subprocess.Popen[str]:
    """One that tells out of the folder's registry."""
    return subprocess.Popen(
        [sys.executable, HERE / "telling_process.py", folder, str(len(DAYS))],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """kill -9 after a random number of transactions, again and again, then left alone."""
    stage = Stage(f"sqlite:///{tmp_path / 'registry.db'}", tmp_path, FIRST)
    populate(stage)
    some = random.Random(3)
    for _ in range(2):
        with process(tmp_path) as one:
            assert one.stdout is not None
            for _ in range(some.randrange(3, 60)):
                one.stdout.readline()
            one.kill()
    with process(tmp_path) as last:
        assert last.stdout is not None
        assert last.stdout.read().splitlines()[-1] == "end"
    counts = stage.counts()
    assert set(counts) == expected()
    assert set(counts.values()) == {1}
    stage.close()


def test_a_transaction_that_fails_in_the_middle(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is noted, then its messages fail: neither stays, and the next look tells."""
    stage.subscribe(stage.person("Li"), "ranking")
    stage.publish("2026-11-20")
    add = OutboxBook.add
    failures = iter([True, False])

    def failing(self: OutboxBook, messages: object) -> object:
        if next(failures):
            raise RegistryUnavailable("the disk is full")
        return add(self, messages)  # type: ignore[arg-type]

    monkeypatch.setattr(OutboxBook, "add", failing)
    stage.look("2026-11-21T08:30")
    assert stage.registry.runs.of("ranking", beijing("2026-11-20")) == []
    stage.look("2026-11-21T08:31")
    assert len(stage.told()) == 1
    assert len(stage.registry.runs.of("ranking", beijing("2026-11-20"))) == 1


def test_two_hubs_on_one_registry(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL both draw everything up at the same minute; one of them tells."""
    monkeypatch.setattr(telling, "AT_ONCE", 3)
    url = cluster.empty_database()
    one = Stage(url, tmp_path, FIRST)
    populate(one)
    other = Stage(url, tmp_path, FIRST)
    for number in range(len(DAYS)):
        for minute in (1, 11):
            for stage in (one, other):
                stage.now = stage.closed = FIRST + timedelta(days=number, minutes=minute)
            interleaved(one, other)
    counts = one.counts()
    assert set(counts) == expected()
    assert set(counts.values()) == {1}
    told = Counter(run.messages for run in one.registry.runs.of("ranking", beijing(DAYS[0])))
    assert told == {PEOPLE: len(DAYS)}
    other.close()
    one.close()


def interleaved(one: Stage, other: Stage) -> None:
    """The second hub does all it has to do whenever the first is about to write."""
    call = one.call
    entered: list[bool] = []

    def between(work: object, *args: object) -> object:
        if getattr(work, "__name__", "") in ("tell", "add") and not entered:
            entered.append(True)
            other.look()
        return call(work, *args)  # type: ignore[arg-type]

    one.call = between  # type: ignore[method-assign,assignment]
    one.look()
    one.call = call  # type: ignore[method-assign]
    other.look()
