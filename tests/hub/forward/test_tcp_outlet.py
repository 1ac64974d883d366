"""The TCP outlet against a real platform that behaves well, badly, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from bale_making import bale, frame
from reactor_thread import RunningReactor
from waiting import wait_until

from bench.superior import Manner, Superior
from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.hub.forward.tcp_outlet import TcpOutlet
from hj212d.wire.frame import Frame


class Noting:
    """A forwarder that notes what its outlet tells, and gives one more bale where there is
    room."""

    def __init__(self, bales: list[Bale]) -> None:
        self.bales = bales
        self.outlet: Any = None
        self.states: list[str] = []
        self.done_frames: list[int] = []
        self.refusals: list[tuple[Bale, int]] = []
        self.sent_again = 0
        self.said: list[Frame] = []

    def up(self) -> None:
        self.states.append("up")
        self.ready()

    def down(self, why: str) -> None:
        self.states.append(why)

    def ready(self) -> None:
        while self.bales and self.outlet.room():
            self.outlet.give(self.bales.pop(0))

    def done(self, bale: Bale, first: int, last: int) -> None:
        self.done_frames += [position - 1 for position in bale.positions[first:last]]

    def refused(self, bale: Bale, index: int, why: str) -> None:  # noqa: ARG002
        self.refusals.append((bale, index))

    def resent(self, count: int) -> None:
        self.sent_again += count

    def heard(self, frame: Frame) -> None:
        self.said.append(frame)


def settings(port: int, **more: Any) -> ForwardSettings:
    """A target with short waits."""
    usual: dict[str, Any] = {
        "name": "test",
        "host": "127.0.0.1",
        "port": port,
        "timeout_s": 0.4,
        "resends": 1,
        "backoff_first_s": 0.02,
        "backoff_last_s": 0.1,
    }
    return ForwardSettings(**usual | more)


@contextmanager
def sending(
    reactor: RunningReactor, bales: list[Bale], target: ForwardSettings
) -> Iterator[Noting]:
    """An outlet at work."""
    hand = Noting(bales)
    hand.outlet = TcpOutlet(reactor.reactor, target, lambda: 0.5)
    reactor.do(hand.outlet.start, hand)
    try:
        yield hand
    finally:
        reactor.do(hand.outlet.stop)


@pytest.fixture
def platform() -> Iterator[Superior]:
    """A platform that behaves."""
    with Superior() as found:
        yield found


def numbers(platform: Superior) -> list[int]:
    """The numbers of the frames that arrived, in order."""
    return [int(one.raw.rpartition(b"Rtd=")[2].partition(b"&")[0]) for one in platform.received]


def loads(count: int, each: int = 50) -> list[Bale]:
    """Bales with ``count`` frames in all."""
    return [bale(first, each) for first in range(0, count, each)]


def test_everything_arrives_once_and_in_order(reactor: RunningReactor, platform: Superior) -> None:
    """Bytes are those that were given."""
    given = loads(1000)
    body = b"".join(one.body for one in given)
    with sending(reactor, given, settings(platform.port)) as hand:
        wait_until(lambda: len(hand.done_frames) == 1000)
    assert hand.done_frames == list(range(1000))
    assert b"".join(one.raw + b"\r\n" for one in platform.received) == body
    assert not platform.doubled
    assert hand.states == ["up"]


def test_answers_may_come_late_and_in_any_order(
    reactor: RunningReactor, platform: Superior
) -> None:
    """Nothing is sent again to a target that answers within the time-out."""
    platform.manner = Manner(delay_s=0.05)
    with sending(reactor, loads(500), settings(platform.port, timeout_s=5.0)) as hand:
        wait_until(lambda: len(hand.done_frames) == 500)
    assert sorted(hand.done_frames) == list(range(500))
    assert not platform.doubled
    assert hand.sent_again == 0


def test_a_target_that_closes_after_each_frame_gets_on(
    reactor: RunningReactor, platform: Superior
) -> None:
    """An acknowledged frame is progress, and it is not buried under the whole window."""
    platform.manner = Manner(closes_after=1)
    with sending(reactor, loads(20, 20), settings(platform.port)) as hand:
        wait_until(lambda: len(hand.done_frames) == 20)
    assert numbers(platform) == list(range(20))
    assert platform.connects >= 20


def test_a_target_that_never_reads_is_left_and_tried_again(
    reactor: RunningReactor, platform: Superior
) -> None:
    """Bytes on their way are bounded, it is called silent, and gets everything later."""
    platform.manner = Manner(reads=False)
    given = loads(30000, 500)
    target = settings(platform.port, window_frames=1000)
    with sending(reactor, given, target) as hand:
        wait_until(lambda: any("silent" in state for state in hand.states))
        assert given, "all was taken although nothing was read"
        platform.manner = Manner()
        wait_until(lambda: len(hand.done_frames) == 30000)
    assert sorted(hand.done_frames) == list(range(30000))


def test_silence_about_one_frame_is_a_refusal(reactor: RunningReactor, platform: Superior) -> None:
    """It is sent again, then refused; the others are done."""
    third = "20261121000000003"
    platform.manner = Manner(answers=lambda key: key[1] != third)
    with sending(reactor, loads(50), settings(platform.port)) as hand:
        wait_until(lambda: hand.refusals)
        assert [index for _, index in hand.refusals] == [3]
        assert len(hand.done_frames) == 49
        assert platform.doubled[("MN1", third, "2011")] == 1
        refused, index = hand.refusals[0]
        platform.manner = Manner()
        reactor.do(hand.outlet.again, refused, index)
        wait_until(lambda: len(hand.done_frames) == 50)


def test_a_silent_target_refuses_nothing(reactor: RunningReactor, platform: Superior) -> None:
    """It is dead: the connection is closed and tried again, and no frame is to blame."""
    platform.manner = Manner(answers=lambda _: False)
    with sending(reactor, loads(10, 10), settings(platform.port)) as hand:
        wait_until(lambda: sum("silent" in state for state in hand.states) >= 2)
        assert hand.refusals == []
        assert hand.done_frames == []
        platform.manner = Manner()
        wait_until(lambda: len(hand.done_frames) == 10)


def test_junk_and_halves_in_answers_do_no_harm(
    reactor: RunningReactor, platform: Superior
) -> None:
    """Broken pieces between answers, answers in two parts, a Flag of 5 and another ST."""
    count = [0]

    def mangled(right: bytes) -> bytes:
        count[0] += 1
        return b"\0\r\n#junk#" + right if count[0] % 3 else right

    platform.manner = Manner(answer=mangled)
    with sending(reactor, loads(100), settings(platform.port)) as hand:
        wait_until(lambda: len(hand.done_frames) == 100)


def test_an_odd_answer_is_an_answer(reactor: RunningReactor, platform: Superior) -> None:
    """Flag=5 and the instrument's own ST instead of 91: MN and QN tell which frame is meant."""
    from bench.oracle import crc_text

    def odd(right: bytes) -> bytes:
        segment = right[6:-6].replace(b"ST=91", b"ST=31").replace(b"Flag=4", b"Flag=5")
        return b"##%04d%b%b\r\n" % (len(segment), segment, crc_text(segment))

    platform.manner = Manner(answer=odd)
    with sending(reactor, loads(50), settings(platform.port)) as hand:
        wait_until(lambda: len(hand.done_frames) == 50)


def test_a_request_of_the_target_is_heard(reactor: RunningReactor, platform: Superior) -> None:
    """What acknowledges nothing is for the downlink."""
    with sending(reactor, loads(10, 10), settings(platform.port)) as hand:
        wait_until(lambda: len(hand.done_frames) == 10)
        platform.say(frame("MN1", 1, cn="1011"))
        wait_until(lambda: hand.said)
    assert (hand.said[0].cn, hand.said[0].mn) == ("1011", "MN1")


def test_who_answers_nothing_may_be_believed(reactor: RunningReactor, platform: Superior) -> None:
    """Without acknowledgements a frame is done when the target's TCP has it."""
    platform.manner = Manner(answers=lambda _: False)
    target = settings(platform.port, acknowledge=False, window_frames=100)
    with sending(reactor, loads(1000), target) as hand:
        wait_until(lambda: len(hand.done_frames) == 1000)
    assert numbers(platform) == list(range(1000))


def test_what_tcp_has_not_acknowledged_is_not_done(
    reactor: RunningReactor, platform: Superior
) -> None:
    """A target that does not read has its buffers full at last: what is behind waits."""
    platform.manner = Manner(reads=False)
    target = settings(platform.port, acknowledge=False, window_frames=65536, timeout_s=0.2)
    with sending(reactor, loads(40_000, 1000), target) as hand:
        wait_until(lambda: any("silent" in state for state in hand.states))
        assert len(hand.done_frames) < 40_000


def test_frames_that_ask_for_nothing_need_no_answer(
    reactor: RunningReactor, platform: Superior
) -> None:
    """Flag says whether an acknowledgement will come; the key of those without is 0."""
    quiet = bale(0, 20, keys=[0] * 20)
    platform.manner = Manner(answers=lambda _: False)
    with sending(reactor, [quiet], settings(platform.port)) as hand:
        wait_until(lambda: len(hand.done_frames) == 20)
    assert hand.sent_again == 0


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("127.0.0.1", "connection refused"),
        ("no-such-host.invalid", "its name cannot be resolved"),
    ],
)
def test_why_there_is_no_connection(reactor: RunningReactor, host: str, why: str) -> None:
    """One sentence that an operator understands."""
    with sending(reactor, [], settings(1, host=host)) as hand:
        wait_until(lambda: len(hand.states) >= 2)
    assert set(hand.states) == {why}


def test_the_first_frame_is_named_when_a_target_always_hangs_up(
    reactor: RunningReactor, platform: Superior
) -> None:
    """A frame that makes the target close is found in the error."""
    platform.manner = Manner(answers=lambda _: False, closes_after=1)
    with sending(reactor, loads(10, 10), settings(platform.port)) as hand:
        wait_until(lambda: len(hand.states) > 3)
    assert (
        "it closed the connection and had acknowledged nothing; the first frame: MN1 "
        + ("20261121000000000")
        in hand.states
    )


def test_stopping_leaves_nothing_behind(reactor: RunningReactor, platform: Superior) -> None:
    """In the middle of everything."""
    before = set(threading.enumerate())
    with sending(reactor, loads(1000), settings(platform.port)):
        pass

    def clocks() -> list[Any]:
        return [call for call in reactor.reactor.getDelayedCalls() if call.active()]

    assert reactor.do(clocks) == []
    assert set(threading.enumerate()) <= before
