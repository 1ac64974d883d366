"""What the tests of the publishers share: bales of real frames, and a forwarder that notes all."""

from __future__ import annotations

from collections.abc import Sequence

from hub_rig import upload

from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.baling import Baler
from hj212d.hub.forward.dedup import Recent
from hj212d.hub.forward.rules import Rules
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.journal.record import Kind, Record, encode
from hj212d.wire.frame import Device, Frame

AT_US = 1_767_225_600_000_000


def frames(count: int, mn: str = "010000A8900016F000169DC0") -> list[bytes]:
    """So many different uploads of one MN."""
    return [upload(mn, rtd=f"{number}.5") for number in range(count)]


def bale(raws: Sequence[bytes]) -> Bale:
    """These frames as the feed hands them on."""
    plain = ForwardSettings(name="test", host="127.0.0.1", port=9)
    baler = Baler(Rules(plain), Recent(1000), Recent(1000), lambda _: Device())
    body = b"".join(
        encode(Record(Kind.FRAME, AT_US + number, 1, raw=raw)) for number, raw in enumerate(raws)
    )
    assert baler.add(0, body, 0, 1 << 30) == len(body)
    return baler.bale("0")


class NotingHand:
    """A forwarder that notes what its outlet tells."""

    def __init__(self) -> None:
        self.done_frames: list[tuple[int, int]] = []  # id of the bale, index
        self.refusals: list[tuple[Bale, int, str]] = []
        self.whys: list[str] = []
        self.ups = 0
        self.sent_again = 0

    def up(self) -> None:
        self.ups += 1

    def down(self, why: str) -> None:
        self.whys.append(why)

    def ready(self) -> None:
        pass

    def done(self, bale: Bale, first: int, last: int) -> None:
        self.done_frames += [(id(bale), index) for index in range(first, last)]

    def refused(self, bale: Bale, index: int, why: str) -> None:
        self.refusals.append((bale, index, why))

    def resent(self, count: int) -> None:
        self.sent_again += count

    def heard(self, frame: Frame) -> None:
        raise AssertionError(f"a publisher hears no frames: {frame}")


def settings(kind: str, url: str, **more: object) -> ForwardSettings:
    """A target with short waits."""
    usual: dict[str, object] = {
        "name": "test",
        "kind": kind,
        "url": url,
        "timeout_s": 2.0,
        "resends": 1,
        "backoff_first_s": 0.05,
        "backoff_last_s": 0.2,
    }
    return ForwardSettings(**usual | more)  # type: ignore[arg-type]
