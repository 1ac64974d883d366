"""Cases: one open at a time, numbered without gaps, with a log that shows what was tampered."""

from __future__ import annotations

import hashlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from turned_clock import START, TurnedClock

from store.registry.alert_records import IncidentRecord
from store.registry.case_records import CaseEntry, CaseRecord
from store.registry.case_tables import case_entries, cases
from store.registry.cases import hash_of
from store.registry.errors import Conflict
from store.registry.open import Registry, open_registry
from store.registry.shelf import fields, insert

DAY = timedelta(days=1)


def case(mn: str = "A", **more: object) -> CaseRecord:
    """SO2 over the limit."""
    values = {
        "class_code": "0107",
        "title": "A 二氧化硫超标",
        "mn": mn,
        "factor": "a21026",
        "alert_kind": "over_limit",
        "region": "330106",
        "longitude": 120.1,
        "latitude": 30.2,
        "incident_id": 3,
        "reported_at": START,
    }
    return CaseRecord(**{**values, **more})  # type: ignore[arg-type]


def test_a_case_is_opened(registry: Registry, clock: TurnedClock) -> None:
    """With a number of the Beijing day and a first line."""
    kept, opened = registry.cases.report(case(), "over for 3 h", {"no": "A1"}, "system")
    assert opened
    assert kept == msgspec.structs.replace(
        case(), id=kept.id, case_no="HJ20260301-0001", version=1
    )
    assert registry.cases.get(kept.case_no) == kept
    (line,) = registry.cases.entries(kept.id)
    assert (line.event, line.who, line.text, line.at) == (
        "report",
        "system",
        "over for 3 h",
        clock.now,
    )
    assert (line.payload, line.prev_hash, line.hash) == ({"no": "A1"}, "", hash_of(line))
    assert registry.cases.verify(kept.id) is None


def test_a_further_report_is_a_line_of_the_open_case(registry: Registry) -> None:
    """Of the same station, factor and kind; recovery does not end it, voiding does."""
    first, _ = registry.cases.report(case())
    again, opened = registry.cases.report(case(reported_at=START + DAY, incident_id=4), "again")
    assert (opened, again.id, again.version) == (False, first.id, 2)
    assert registry.cases.open_of("A", "a21026", "over_limit") == again
    registry.cases.add_entry(first.id, "recovered", payload={"at": START})
    others = [case("B"), case(factor="a34004"), case(alert_kind="stuck")]
    assert all(registry.cases.report(one)[1] for one in others)
    voided = registry.cases.void(first.case_no, "anna", "a test gas")
    assert (voided.state, voided.version, voided.ended_at) == ("voided", 4, START)
    assert registry.cases.get(first.case_no) == voided
    new, opened = registry.cases.report(case())
    assert (opened, new.case_no) == (True, "HJ20260301-0005")
    lines = registry.cases.entries(first.id)
    assert [line.event for line in lines] == ["report", "comment", "recovered", "void"]
    assert [(line.from_state, line.to_state) for line in lines[2:]] == [
        ("", ""),
        ("reported", "voided"),
    ]
    assert registry.cases.verify(first.id) is None


def test_cases_of_no_alarm_stand_beside_each_other(registry: Registry) -> None:
    """What people report is not one because it has no kind of alarm."""
    plain = case("", factor="", alert_kind="", source="person")
    assert [registry.cases.report(plain)[1] for _ in range(2)] == [True, True]
    assert registry.cases.open_of("", "", "") is None


def test_the_database_holds_one_open_case(registry: Registry) -> None:
    """Whoever writes past the book."""
    kept, _ = registry.cases.report(case())
    row = fields(msgspec.structs.replace(kept, case_no="other"), "id")
    database = registry._shelf.database
    with pytest.raises(sa.exc.IntegrityError), database.writing() as connection:
        insert(connection, cases, row)
    with database.writing() as connection:
        insert(connection, cases, {**row, "ended_at": START})


def test_what_cannot_be_done(registry: Registry) -> None:
    """Cases that are not there or over."""
    kept, _ = registry.cases.report(case())
    registry.cases.void(kept.case_no, "anna", "")
    with pytest.raises(Conflict, match="HJ20260301-0001 is over: voided"):
        registry.cases.void(kept.case_no, "anna", "")
    with pytest.raises(KeyError, match="there is no case HJ1"):
        registry.cases.void("HJ1", "anna", "")
    with pytest.raises(KeyError, match="there is no case 99"):
        registry.cases.add_entry(99, "comment")
    with pytest.raises(KeyError, match="there is no case 99"):
        registry.cases.verify(99)
    assert registry.cases.get("HJ1") is None


def test_listing_cases(registry: Registry) -> None:
    """By all that is known of them, newest first."""
    book = registry.cases
    one, _ = book.report(case())
    two, _ = book.report(case("B", region="110105", reported_at=START + DAY))
    assert book.list() == [two, one]
    assert book.list(limit=1) == [two]
    assert book.list(before_id=two.id) == [one]
    assert book.list(mn="A", factor="a21026", alert_kind="over_limit") == [one]
    assert book.list(region="11") == [two]
    assert book.list(start=START + DAY) == [two]
    assert book.list(end=START + DAY) == [one]
    voided = book.void(one.case_no, "anna", "")
    assert book.list(states=["voided"]) == [voided]


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE case_entries SET text = 'all is well' WHERE id = 2", 2),
        ("UPDATE case_entries SET who = 'bert' WHERE id = 1", 1),
        ("UPDATE case_entries SET at = '2026-03-01 00:00:00' WHERE id = 3", 3),
        ("UPDATE case_entries SET payload = '{\"n\": 4}' WHERE id = 2", 2),
        ("DELETE FROM case_entries WHERE id = 2", 3),
        ("DELETE FROM case_entries WHERE id = 1", 2),
        ("DELETE FROM case_entries WHERE id = 4", 3),
        ("DELETE FROM case_entries", 0),
    ],
)
def test_tampering_shows(registry: Registry, damage: str, found: int) -> None:
    """A line that was changed, and one that is missing before, between or behind."""
    kept, _ = registry.cases.report(case(), "为何 \0 not")
    for number in range(3):
        registry.cases.add_entry(kept.id, "comment", "said", {"n": number, "f": 0.1}, "anna")
    assert registry.cases.verify(kept.id) is None
    with registry._shelf.database.writing() as connection:
        connection.execute(sa.text(damage.replace(":", "\\:") if "{" in damage else damage))
    broken = registry.cases.verify(kept.id)
    assert broken is not None
    assert broken.id == found


def test_a_line_that_was_hashed_anew_shows(registry: Registry) -> None:
    """For the one behind it holds the old hash."""
    kept, _ = registry.cases.report(case())
    registry.cases.add_entry(kept.id, "comment", "second")
    first = registry.cases.entries(kept.id)[0]
    forged = msgspec.structs.replace(first, text="forged")
    forged = msgspec.structs.replace(forged, hash=hash_of(forged))
    with registry._shelf.database.writing() as connection:
        connection.execute(
            sa.update(case_entries)
            .where(case_entries.c.id == first.id)
            .values(text=forged.text, hash=forged.hash)
        )
    broken = registry.cases.verify(kept.id)
    assert broken is not None
    assert (broken.id, broken.text) == (first.id + 1, "second")


def test_the_hash_of_a_line() -> None:
    """As it was written once it is for ever, or old logs would seem tampered with."""
    line = CaseEntry(
        id=7,
        case_id=1,
        at=START,
        event="report",
        who="system",
        text="为何",
        payload={"b": 1, "a": [1.5, None]},
        prev_hash="ab",
    )
    said = (
        '{"at":"2026-03-01T04:05:06.789012+00:00","case_id":1,"event":"report","from_state":"",'
        '"payload":{"a":[1.5,null],"b":1},"prev_hash":"ab","text":"为何","to_state":"",'
        '"who":"system"}'
    )
    assert hash_of(line) == hashlib.sha256(said.encode()).hexdigest()


def _write(url: str, key_file: Path, writer: int) -> list[tuple[str, str, bool]]:
    """What one process does: incidents, cases of its own and of all; some of it undone."""
    registry = open_registry(url, key_file, now=TurnedClock())
    made = []
    for number in range(25):
        try:
            with registry.together():
                incident = registry.incidents.add(
                    IncidentRecord(
                        rule="r",
                        kind="k",
                        place=f"mn:{writer}",
                        began=START,
                        opened_at=START,
                    )
                )
                own, _ = registry.cases.report(case(f"{writer}-{number}"))
                shared, opened = registry.cases.report(case(f"{number}"), str(writer))
                if number % 5 == writer:
                    raise ValueError
        except ValueError:
            continue
        made.append((incident.no, own.case_no, opened))
        made.append(("", shared.case_no, opened))
    registry.close()
    return made


def test_two_processes_number_without_gaps(url: str, key_file: Path, registry: Registry) -> None:
    """Incidents and cases; what is undone gives its number back; of a case there is one."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as processes:
        both = [processes.submit(_write, url, key_file, writer) for writer in range(2)]
        made = [one for done in both for one in done.result()]
    incidents = sorted(no for no, _, _ in made if no)
    assert incidents == [f"A20260301-{number:04d}" for number in range(1, 41)]
    found = registry.cases.list(limit=None)
    assert sorted(one.case_no for one in found) == [
        f"HJ20260301-{number:04d}" for number in range(1, 40 + 25 + 1)
    ]
    assert {one.case_no for one in found} == {no for _, no, _ in made}
    assert all(registry.cases.verify(one.id) is None for one in found)
    shared = [one for one in found if "-" not in one.mn]
    assert sum(one.version for one in shared) == 40
