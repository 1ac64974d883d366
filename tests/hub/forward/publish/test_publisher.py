"""The publisher over channels that do what the test wants, on a clock that the test drives."""

from __future__ import annotations

import pytest
from publishing import NotingHand, bale, frames, settings
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from hj212d.hub.forward.publish.channel import Ear, Message
from hj212d.hub.forward.publish.message import Messages
from hj212d.hub.forward.publish.publisher import AT_ONCE, ROOM_BYTES, Publisher
from hj212d.wire.frame import Device


class Scripted:
    """A channel that keeps what it is given."""

    def __init__(self, ear: Ear) -> None:
        self.ear = ear
        self.messages: list[Message] = []
        self.opened = self.closed = 0

    def open(self) -> None:
        self.opened += 1

    def publish(self, message: Message) -> None:
        self.messages.append(message)

    def close(self) -> Deferred[None]:
        self.closed += 1
        return succeed(None)


class Rig:
    """A publisher, its channels and its hand."""

    def __init__(self, **more: object) -> None:
        self.clock = Clock()
        self.hand = NotingHand()
        self.channels: list[Scripted] = []

        def channel(ear: Ear) -> Scripted:
            self.channels.append(Scripted(ear))
            return self.channels[-1]

        self.publisher = Publisher(
            settings("mqtt", "mqtt://x", **more),
            self.clock,
            Messages(lambda _: Device()),
            channel,
            lambda: 0.5,
        )
        self.publisher.start(self.hand)

    def numbers(self) -> list[int]:
        """Of what the last channel was given."""
        return [message.number for message in self.channels[-1].messages]


def test_frames_are_done_when_they_are_confirmed_in_any_order() -> None:
    """Nothing is done by being sent."""
    rig = Rig()
    assert rig.publisher.room() == 0
    rig.channels[0].ear.up()
    assert rig.publisher.room() > 0
    given = bale(frames(3))
    rig.publisher.give(given)
    assert rig.hand.done_frames == []
    for number in (2, 1, 3, 3, 99):
        rig.channels[0].ear.published(number)
    assert rig.hand.done_frames == [(id(given), index) for index in (1, 0, 2)]


@pytest.mark.parametrize(("window", "most"), [(2, 0), (2, 9), (9, 2)])
def test_the_window_bounds_what_is_unconfirmed(window: int, most: int) -> None:
    """Ours, or the smaller one of the other side; the rest waits, in order."""
    rig = Rig(window_frames=window)
    rig.channels[0].ear.up(most)
    rig.publisher.give(bale(frames(5)))
    assert rig.numbers() == [1, 2]
    rig.channels[0].ear.published(2)
    rig.clock.advance(0)
    assert rig.numbers() == [1, 2, 3]
    rig.channels[0].ear.refused(1, "no")
    rig.publisher.drop(*rig.hand.refusals[0][:2])
    rig.clock.advance(0)
    assert rig.numbers() == [1, 2, 3, 4]


def test_what_waits_is_bounded() -> None:
    """Frames beyond the window take up room, and none is left at some time."""
    rig = Rig(window_frames=1)
    rig.channels[0].ear.up()
    before = rig.publisher.room()
    rig.publisher.give(bale(frames(10)))
    assert before > rig.publisher.room() > 0
    while rig.publisher.room():
        rig.publisher.give(bale(frames(1000)))
    assert rig.numbers() == [1]
    assert before == ROOM_BYTES


def test_a_large_bale_is_published_piece_by_piece() -> None:
    """Making JSON of all of it at once would hold up everything else."""
    rig = Rig(window_frames=1000)
    rig.channels[0].ear.up()
    rig.publisher.give(bale(frames(2 * AT_ONCE + 1)))
    assert len(rig.numbers()) == AT_ONCE
    rig.publisher.give(bale(frames(1)))
    assert len(rig.numbers()) == AT_ONCE
    rig.clock.advance(0)
    assert rig.numbers() == list(range(1, 2 * AT_ONCE + 3))


def test_a_lost_channel_is_replaced_after_growing_waits() -> None:
    """0.05 s, then twice that, up to 0.2 s; what was on its way goes out again."""
    rig = Rig()
    rig.channels[0].ear.up()
    rig.publisher.give(bale(frames(1)))
    rig.channels[0].ear.down("gone")
    assert rig.hand.whys == ["gone"]
    assert rig.channels[0].closed == 1
    for wait_s in (0.05, 0.1, 0.2, 0.2):
        count = len(rig.channels)
        rig.clock.advance(wait_s - 0.01)
        assert len(rig.channels) == count
        rig.clock.advance(0.01)
        assert len(rig.channels) == count + 1
        rig.channels[-1].ear.down("still gone")
    rig.channels[0].ear.published(1)
    assert rig.hand.done_frames == []
    rig.clock.advance(0.2)
    rig.channels[-1].ear.up()
    assert [message.number for message in rig.channels[-1].messages] == [1]
    assert rig.hand.sent_again == 1
    rig.channels[-1].ear.published(1)
    assert len(rig.hand.done_frames) == 1


def test_a_confirmed_message_ends_the_growing_of_waits() -> None:
    """A connection alone does not: a broker may take us and then nothing."""
    rig = Rig()
    rig.channels[0].ear.down("gone")
    rig.clock.advance(0.05)
    rig.channels[1].ear.up()
    rig.publisher.give(bale(frames(1)))
    rig.channels[1].ear.published(1)
    rig.channels[1].ear.down("gone")
    rig.clock.advance(0.05)
    assert len(rig.channels) == 3


def test_silence_ends_a_channel() -> None:
    """After the time for all tries nothing more is expected."""
    rig = Rig()
    rig.channels[0].ear.up()
    rig.clock.pump([1.0] * 10)
    rig.publisher.give(bale(frames(1)))
    rig.clock.pump([1.0] * 4)
    assert rig.hand.whys == []
    rig.clock.pump([1.0] * 2)
    assert rig.hand.whys == ["nothing was confirmed for 4 s"]


def test_a_channel_that_never_opens_is_left() -> None:
    """A broker may take the connection and then say nothing."""
    rig = Rig()
    rig.clock.advance(4.9)
    assert rig.hand.whys == []
    rig.clock.advance(0.1)
    assert rig.hand.whys == ["no answer to our greeting"]
    assert rig.channels[0].closed == 1


def test_a_slow_broker_is_not_a_silent_one() -> None:
    """One message in three seconds, for longer than the time of all tries of each."""
    rig = Rig()
    rig.channels[0].ear.up()
    rig.publisher.give(bale(frames(20)))
    for number in range(1, 21):
        rig.clock.pump([1.0] * 3)
        rig.channels[0].ear.published(number)
    assert rig.hand.whys == []
    assert len(rig.hand.done_frames) == 20


def test_a_message_that_is_left_out_ends_a_channel() -> None:
    """Those behind it are confirmed all the time; it goes out again."""
    rig = Rig()
    rig.channels[0].ear.up()
    rig.publisher.give(bale(frames(20)))
    for number in range(2, 8):
        rig.clock.advance(1.0)
        rig.channels[0].ear.published(number)
    assert rig.hand.whys == ["a message was left unconfirmed for 4 s"]
    rig.clock.advance(1.0)
    rig.channels[1].ear.up()
    assert rig.numbers()[0] == 1


def test_a_refused_message_is_tried_again_or_dropped_as_the_hand_says() -> None:
    """The publisher itself does nothing about it."""
    rig = Rig()
    rig.channels[0].ear.up()
    given = bale(frames(4))
    rig.publisher.give(given)
    rig.channels[0].ear.published(2)
    rig.channels[0].ear.refused(1, "too large")
    assert rig.hand.refusals == [(given, 0, "too large")]
    rig.publisher.again(given, 0)
    rig.clock.advance(0)
    assert rig.hand.sent_again == 1
    assert rig.numbers() == [1, 2, 3, 4, 5]
    rig.channels[0].ear.published(3)
    rig.channels[0].ear.refused(5, "too large")
    rig.publisher.drop(given, 0)
    rig.channels[0].ear.published(4)
    assert rig.hand.done_frames == [(id(given), index) for index in (1, 2, 3)]


def test_no_message_is_to_blame_while_all_are_refused() -> None:
    """The first that is taken tells; a late refusal of a channel that was left does not count."""
    rig = Rig()
    rig.channels[0].ear.up()
    given = bale(frames(3))
    rig.publisher.give(given)
    rig.channels[0].ear.refused(1, "no")
    rig.channels[0].ear.refused(2, "no")
    assert rig.hand.refusals == []
    rig.channels[0].ear.published(3)
    assert [index for _, index, _ in rig.hand.refusals] == [0, 1]


def test_the_smallest_window_and_a_message_that_is_to_blame() -> None:
    """The one behind it goes out to tell, and no more than that one."""
    rig = Rig(window_frames=1)
    rig.channels[0].ear.up()
    rig.publisher.give(bale(frames(4)))
    rig.channels[0].ear.refused(1, "no")
    rig.clock.advance(0)
    assert rig.numbers() == [1, 2]
    rig.channels[0].ear.published(2)
    assert [index for _, index, _ in rig.hand.refusals] == [0]


def test_refused_messages_that_cannot_be_buried_hold_the_target_up() -> None:
    """While the registry is away they are kept here, and must not grow without bound."""
    rig = Rig(window_frames=2)
    rig.channels[0].ear.up()
    given = bale(frames(9))
    rig.publisher.give(given)
    for number in (1, 2, 3):
        ear = rig.channels[0].ear
        (ear.refused(number, "no") if number % 2 else ear.published(number))
        rig.clock.advance(0)
    assert len(rig.hand.refusals) == 2
    assert rig.numbers() == [1, 2, 3]
    rig.publisher.drop(*rig.hand.refusals[0][:2])
    rig.clock.advance(0)
    assert rig.numbers() == [1, 2, 3, 4]


def test_a_broker_that_refuses_and_then_takes() -> None:
    """What it said last holds; a refusal behind the confirmation says nothing."""
    rig = Rig()
    rig.channels[0].ear.up()
    given = bale(frames(3))
    rig.publisher.give(given)
    rig.channels[0].ear.refused(1, "no")
    rig.channels[0].ear.published(1)
    rig.channels[0].ear.published(2)
    rig.channels[0].ear.refused(2, "no")
    assert rig.hand.refusals == []
    assert rig.hand.done_frames == [(id(given), 0), (id(given), 1)]


def test_a_target_that_takes_nothing_is_down() -> None:
    """With its own words; everything goes out again, in order, once it is asked anew."""
    rig = Rig()
    rig.channels[0].ear.up()
    rig.publisher.give(bale(frames(2)))
    rig.channels[0].ear.refused(2, "not you")
    rig.channels[0].ear.refused(1, "not you")
    rig.clock.pump([1.0] * 6)
    assert rig.hand.whys == ["it takes nothing: not you"]
    assert rig.hand.refusals == []
    rig.channels[1].ear.up()
    assert rig.numbers() == [1, 2]
    rig.channels[1].ear.published(1)
    assert len(rig.hand.done_frames) == 1
    assert rig.hand.refusals == []


def test_after_the_end_nothing_is_told() -> None:
    """The channel is closed, no timer is left, late words are not passed on."""
    rig = Rig()
    rig.channels[0].ear.up()
    rig.publisher.give(bale(frames(1)))
    ended: list[None] = []
    rig.publisher.stop().addCallback(ended.append)
    rig.channels[0].ear.published(1)
    rig.channels[0].ear.down("gone")
    assert ended == [None]
    assert rig.hand.done_frames == []
    assert rig.hand.whys == []
    assert rig.clock.getDelayedCalls() == []
