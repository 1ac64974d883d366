"""hj212d/link/sessions.py: the newest link wins, silence closes, speech is a conflict."""

import random
from collections.abc import Callable

import pytest

from hj212d.link import sessions as module
from hj212d.link.sessions import Heard, Sessions

OLD, NEW, NEWEST = 10, 20, 30
TIMEOUT_S = 30.0


def never(_: int) -> float:
    """No byte came since."""
    return 0.0


def at(time: float) -> Callable[[int], float]:
    """The last byte of every link came then."""
    return lambda _: time


def test_first_frame_identifies_and_the_next_is_known() -> None:
    """An identity is news once."""
    sessions = Sessions()
    assert sessions.heard(OLD, "M", 0.0) is Heard.NEW
    assert sessions.heard(OLD, "M", 1.0) is Heard.KNOWN
    assert sessions.route("M") == OLD
    assert sessions.links == 1


def test_newer_link_is_the_route_at_once_and_the_older_closes_after_silence() -> None:
    """After a reconnect the old link is closed when it stays silent for the time given."""
    sessions = Sessions()
    sessions.heard(OLD, "M", 0.0)
    sessions.heard(NEW, "M", 100.0)
    assert sessions.route("M") == NEW
    assert sessions.superseded(129.9, TIMEOUT_S, never) == []
    assert sessions.superseded(130.0, TIMEOUT_S, never) == [OLD]


def test_bytes_keep_a_superseded_link_open() -> None:
    """A byte on the older link, even one that is no frame, starts its silence anew."""
    sessions = Sessions()
    sessions.heard(OLD, "M", 0.0)
    sessions.heard(NEW, "M", 100.0)
    assert sessions.superseded(130.0, TIMEOUT_S, at(110.0)) == []
    assert sessions.superseded(140.0, TIMEOUT_S, at(110.0)) == [OLD]


def test_older_link_that_speaks_again_is_a_conflict_and_neither_closes() -> None:
    """Two living links of one MN are counted once and both stay, whatever the time."""
    sessions = Sessions()
    sessions.heard(OLD, "M", 0.0)
    sessions.heard(NEW, "M", 100.0)
    assert sessions.heard(OLD, "M", 101.0) is Heard.CONFLICT
    assert sessions.heard(OLD, "M", 102.0) is Heard.KNOWN
    assert sessions.heard(NEW, "M", 103.0) is Heard.KNOWN
    assert sessions.conflicts == {"M": 1}
    assert sessions.route("M") == NEW
    assert sessions.superseded(1e9, TIMEOUT_S, never) == []


def test_known_conflict_is_not_superseded_again() -> None:
    """The hub repeats its words after a reconnect; a link known to be alive is left alone."""
    sessions = Sessions()
    sessions.heard(OLD, "M", 0.0)
    assert sessions.supersede("M", OLD, 1.0)
    sessions.heard(OLD, "M", 2.0)
    assert not sessions.supersede("M", OLD, 3.0)
    assert sessions.superseded(1e9, TIMEOUT_S, never) == []


def test_mn_that_appears_on_an_older_link_is_superseded_there() -> None:
    """The larger number is the newer link, in whatever order the MN shows up."""
    sessions = Sessions()
    sessions.heard(NEW, "M", 0.0)
    assert sessions.heard(OLD, "M", 1.0) is Heard.NEW
    assert sessions.route("M") == NEW
    assert sessions.superseded(31.0, TIMEOUT_S, never) == [OLD]


def test_link_with_other_mns_closes_only_when_all_have_moved() -> None:
    """A forwarder's link lives as long as one MN has it for its newest."""
    sessions = Sessions()
    for mn in ("A", "B", "C"):
        sessions.heard(OLD, mn, 0.0)
    sessions.heard(NEW, "A", 1.0)
    sessions.heard(NEW, "B", 1.0)
    assert sessions.superseded(1000.0, TIMEOUT_S, never) == []
    sessions.heard(NEWEST, "C", 1000.0)
    assert sessions.superseded(1029.0, TIMEOUT_S, never) == []
    assert sessions.superseded(1030.0, TIMEOUT_S, never) == [OLD]


def test_when_the_newest_link_ends_the_older_one_is_the_route_again() -> None:
    """An attempt on a second link that failed must not cost the first one."""
    sessions = Sessions()
    sessions.heard(OLD, "M", 0.0)
    sessions.heard(NEW, "M", 1.0)
    assert sessions.left(NEW) == {"M"}
    assert sessions.route("M") == OLD
    assert sessions.superseded(1e9, TIMEOUT_S, never) == []


def test_worker_elsewhere_supersedes_too() -> None:
    """What the hub says counts like a newer link here; about strangers it changes nothing."""
    sessions = Sessions()
    sessions.heard(OLD, "M", 0.0)
    assert sessions.supersede("M", OLD, 5.0)
    assert not sessions.supersede("M", OLD, 6.0)
    assert not sessions.supersede("M", NEW, 6.0)
    assert not sessions.supersede("X", OLD, 6.0)
    assert sessions.superseded(35.0, TIMEOUT_S, never) == [OLD]


def test_identities_are_bounded() -> None:
    """A peer that invents MNs is served, but not remembered without end."""
    sessions = Sessions(max_identities=3)
    heard = [sessions.heard(OLD, f"M{n}", 0.0) for n in range(5)]
    assert heard == [Heard.NEW] * 3 + [Heard.UNTRACKED] * 2
    assert sessions.left(OLD) == {"M0", "M1", "M2"}
    assert sessions.heard(NEW, "M4", 0.0) is Heard.NEW


def test_conflicts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit conflicts are counted without a name."""
    monkeypatch.setattr(module, "MAX_CONFLICTS", 2)
    sessions = Sessions()
    for n in range(5):
        sessions.heard(OLD, f"M{n}", 0.0)
        sessions.heard(NEW, f"M{n}", 0.0)
        sessions.heard(OLD, f"M{n}", 0.0)
    assert sessions.conflicts == {"M0": 1, "M1": 1, "": 3}


def test_factory_mn_on_thousands_of_links_costs_little() -> None:
    """The MN of the factory may come from everybody: books stay right and quick to keep."""
    sessions = Sessions()
    links = list(range(5000))
    random.Random(212).shuffle(links)
    for link in links:
        sessions.heard(link, "88888880000001", 0.0)
    assert sessions.route("88888880000001") == 4999
    assert len(sessions.superseded(1e9, TIMEOUT_S, never)) == 4999
    for link in links:
        sessions.left(link)
    assert sessions.links == 0
    assert list(sessions.identities()) == []
