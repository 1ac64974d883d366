"""Which command a reply belongs to."""

from __future__ import annotations

from command_rig import LINK, OTHER_LINK, START_US, frame
from hub_rig import MN, OTHER_MN

from hj212d.hub.commands import matching
from hj212d.hub.commands.book import moment
from hj212d.hub.commands.ear import Heard
from hj212d.hub.commands.flight import Flight
from hj212d.hub.commands.matching import Flights
from hj212d.wire import build, requests
from hj212d.wire.replies import read_reply
from store.registry.records import CommandRecord

QN = "20260101080000123"


def flight(
    number: int = 1, mn: str = MN, qn: str = QN, link: int = LINK, name: str = "read-clock"
) -> Flight:
    """A command under way."""
    spec = requests.find(name, "2017")
    assert spec is not None
    at = moment(START_US)
    record = CommandRecord(
        id=number, mn=mn, name=name, cn=spec.cn, qn=qn, created_at=at, expires_at=at
    )
    found = Flight(record, spec)
    found.link = link
    return found


def concerned(
    flights: Flights, cn: str, qn: str = QN, mn: str = MN, link: int = LINK
) -> list[int]:
    """Numbers of the commands that a frame may answer."""
    cp = "QnRtn=1" if cn == "9011" else "ExeRtn=1" if cn == "9012" else "RtdInterval=60"
    segment = build.segment(qn=qn, st="91", cn=cn, pw="1", mn=mn, flag=4, cp=cp)
    heard = Heard(frame(build.frame(segment)), link, START_US, "0", 0)
    reply = read_reply(heard.frame)
    assert reply is not None
    return [one.record.id for one in flights.concerned(reply, heard)]


def test_by_qn_and_mn_or_link() -> None:
    """The same QN of another MN is another's, unless it came over the link of the command."""
    flights = Flights()
    flights.add(flight())
    assert concerned(flights, "9011") == [1]
    assert concerned(flights, "9011", qn="20260101080000124") == []
    assert concerned(flights, "9011", mn=OTHER_MN, link=OTHER_LINK) == []
    assert concerned(flights, "9011", mn=OTHER_MN) == [1]


def test_without_qn_only_when_there_is_one() -> None:
    """Of two commands under way with an MN (one of them for a link) neither is guessed."""
    flights = Flights()
    flights.add(flight())
    assert concerned(flights, "9012", qn="") == [1]
    flights.add(flight(2, qn="20260101080000124"))
    assert concerned(flights, "9012", qn="") == []
    assert concerned(flights, "1011", qn="") == [1, 2]


def test_data_with_a_qn_of_their_own() -> None:
    """History comes under new QNs: the commands of the MN decide whether it is theirs."""
    flights = Flights()
    flights.add(flight())
    assert concerned(flights, "2051", qn="20260101090000000") == [1]
    assert concerned(flights, "2051", qn="20260101090000000", mn=OTHER_MN) == []


def test_history_with_the_qn_of_another_command() -> None:
    """The clock of the instrument is its own: by chance it gives a record the QN of a command that
    ended. Who waits for such records is asked first."""
    flights = Flights()
    before = flight()
    flights.add(before)
    flights.end(before)
    flights.add(flight(2, qn="20260101080000124", name="minutes"))
    assert concerned(flights, "2051") == [2, 1]
    assert concerned(flights, "1011") == [1]
    assert concerned(flights, "9012") == [1]


def test_ended_ones_are_remembered_for_a_while() -> None:
    """A late reply finds its command; of many the oldest are forgotten whole."""
    flights = Flights()
    for number in range(matching.REMEMBERED + 5):
        one = flight(number, qn=f"2026010108{number:07d}")
        flights.add(one)
        flights.end(one)
    assert len(flights) == 0
    assert flights.mns == []
    assert concerned(flights, "9012", qn="20260101080000004") == []
    assert concerned(flights, "9012", qn="20260101080000005") == [5]


def test_taken_back() -> None:
    """One that was not sent after all is nobody's."""
    flights = Flights()
    one = flight()
    flights.add(one)
    flights.remove(one)
    assert concerned(flights, "9012") == []
    assert flights.of(MN) == []
