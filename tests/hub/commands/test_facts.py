"""What is known of a device: whose word counts, and what is assumed."""

from __future__ import annotations

from typing import Any

from command_rig import frame, result
from hub_rig import MN
from twisted.internet.defer import Deferred, fail, succeed

from hj212d.hub.commands.ear_pass import Heard
from hj212d.hub.commands.facts import USUAL_PASSWORD, Facts, Witness
from hj212d.wire import build
from store.registry.records import DeviceRecord
from store.timeseries import FrameQuery, StoreUnavailable


class Hub:
    """What the hub knows."""

    def __init__(self) -> None:
        self.registered = DeviceRecord(MN)
        self.is_registered = False
        self.row: dict[str, Any] | None = None
        self.is_connected = False
        self.frames: Deferred[list[bytes]] = succeed([])
        self.asked: list[FrameQuery] = []
        self.witness = Witness(self, lambda _: self.row, lambda _: self.is_connected, self.last)

    def record(self, mn: str) -> DeviceRecord:  # noqa: ARG002
        """The registered device."""
        return self.registered

    def knows(self, mn: str) -> bool:  # noqa: ARG002
        """Whether it is."""
        return self.is_registered

    def last(self, query: FrameQuery) -> Deferred[list[bytes]]:
        """From the store."""
        self.asked.append(query)
        return self.frames


def test_nothing_is_known() -> None:
    """Nobody heard it, nobody registered it: that is said, and what is assumed."""
    facts = Hub().witness.facts(MN)
    assert (facts.known, facts.version, facts.st) == (False, "2017", "32")
    assert "not known" in facts.assumed


def test_the_registered_word_counts_more_than_the_heard_one() -> None:
    """Version and ST of the registry first, then those of its frames."""
    hub = Hub()
    hub.row = {"version": "2005", "st": "31"}
    assert hub.witness.facts(MN) == Facts(known=True, version="2005", st="31")
    hub.registered = DeviceRecord(
        MN, version="2025", st="21", password="secret", medium="NB-IoT", encrypt="always"
    )
    assert hub.witness.facts(MN) == Facts(True, "2025", "21", "secret", "NB-IoT", "always")


def test_connected_is_known() -> None:
    """A link is enough, also before anything is stored."""
    hub = Hub()
    hub.is_connected = True
    assert hub.witness.facts(MN).known


def test_the_password_of_the_last_frame() -> None:
    """Unregistered: the newest good frame's PW, looked up once; without any, the usual one."""
    hub = Hub()
    hub.frames = succeed(
        [b"##0001QN=1;PW=old111;MN=A;CP=&&&&", b"##0001QN=1;PW=new222;MN=A;CP=&&"]
    )
    assert result(hub.witness.password(MN)) == "new222"
    assert result(hub.witness.password(MN)) == "new222"
    assert [query.mn for query in hub.asked] == [MN]
    hub.witness.saw_password(MN, "heard3")
    assert result(hub.witness.password(MN)) == "heard3"
    hub.registered = DeviceRecord(MN, password="said44")
    assert result(hub.witness.password(MN)) == "said44"


def test_a_store_that_is_away_holds_up_nothing() -> None:
    """Then the usual password is tried, and the store asked again the next time."""
    hub = Hub()
    hub.frames = fail(StoreUnavailable("locked"))
    assert result(hub.witness.password(MN)) == USUAL_PASSWORD
    hub.frames = succeed([])
    assert result(hub.witness.password(MN)) == USUAL_PASSWORD
    assert len(hub.asked) == 2


def heard(st: str, cn: str, flag: int) -> Heard:
    """A frame of ours that the ear heard."""
    segment = build.segment(qn="20260101080000001", st=st, cn=cn, pw="1", mn=MN, flag=flag, cp="")
    return Heard(frame(build.frame(segment)), 1, 0, "0", 0)


def test_who_has_only_just_spoken() -> None:
    """Before the live picture has it: version and ST are those of its frame; a reply's ST says
    nothing."""
    hub = Hub()
    hub.witness.spoke([heard("31", "1013", 9), heard("91", "9012", 4)])
    facts = hub.witness.facts(MN)
    assert (facts.version, facts.st, facts.assumed) == ("2025", "31", "")
    hub.row = {"version": "2017", "st": "22"}
    facts = hub.witness.facts(MN)
    assert (facts.version, facts.st) == ("2017", "22")
