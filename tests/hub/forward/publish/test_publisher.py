"""The publisher over channels that do what the test wants, on a clock that the test drives."""

from __future__ import annotations

from publishing import NotingHand, bale, frames, settings
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from hj212d.hub.forward.publish.channel import Ear, Message
from hj212d.hub.forward.publish.message import Messages
from hj212d.hub.forward.publish.publisher import Publisher
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


def test_the_window_bounds_what_is_on_its_way() -> None:
    """With all of it on its way there is no room."""
    rig = Rig(window_frames=2)
    rig.channels[0].ear.up()
    rig.publisher.give(bale(frames(2)))
    assert rig.publisher.room() == 0
    rig.channels[0].ear.published(1)
    assert rig.publisher.room() > 0


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
    rig.publisher.give(bale(frames(1)))
    rig.clock.pump([1.0] * 4)
    assert rig.hand.whys == []
    rig.clock.pump([1.0] * 2)
    assert rig.hand.whys == ["nothing was confirmed for 4 s"]


def test_a_refused_message_is_tried_again_or_dropped_as_the_hand_says() -> None:
    """The publisher itself does nothing about it."""
    rig = Rig()
    rig.channels[0].ear.up()
    given = bale(frames(2))
    rig.publisher.give(given)
    rig.channels[0].ear.refused(1, "too large")
    assert rig.hand.refusals == [(given, 0, "too large")]
    rig.publisher.again(given, 0)
    assert rig.hand.sent_again == 1
    assert len(rig.channels[0].messages) == 3
    rig.channels[0].ear.refused(3, "too large")
    rig.publisher.drop(given, 0)
    rig.channels[0].ear.published(2)
    assert rig.hand.done_frames == [(id(given), 1)]


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
