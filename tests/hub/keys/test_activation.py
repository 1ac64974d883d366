"""Activation: who asks is noted, bounded; who is accepted gets its MN, whatever comes between."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from keys_rig import MN, START, Commands, Registrar, heard, result

from hj212d.hub.commands.ear import Heard
from hj212d.hub.commands.new_command import Refused
from hj212d.hub.keys.activation import NEW_A_SECOND, ActivationService
from hj212d.hub.keys.settings import KeysSettings

NEW = "A" * 24
SERIALS = {"i23005": "6970000000001ABCDEFG1234", "i23006": "A800200A8C6D"}


def notice(serials: dict[str, str] = SERIALS, *, link: int = 7, at=START, mn: str = "") -> Heard:
    """A 1001 of a device."""
    cp = ";".join(f"{code}-Info={text}" for code, text in serials.items())
    return msgspec.structs.replace(heard("1001", cp, at, mn=mn), link=link)


class Rig:
    """The service on a real registry."""

    def __init__(self, folder: Path, speaking: set[str] | None = None, **settings) -> None:
        self.now = START
        self.registrar = Registrar(folder)
        self.registry = self.registrar.registry
        self.commands = Commands(self.registry, lambda: self.now)
        self.taken: set[str] = set()
        self.speaking = speaking or set()
        self.service = ActivationService(
            registry=self.registrar,  # type: ignore[arg-type]
            commands=self.commands,  # type: ignore[arg-type]
            taken=self.taken.__contains__,
            speaks=self.speaking.__contains__,
            peer_of=lambda _, link: f"10.0.0.{link}:5000",
            settings=KeysSettings(**settings),
            now_us=lambda: round(self.now.timestamp() * 1e6),
        )
        self.registrar.open()

    def hear(self, *frames: Heard) -> None:
        self.commands.ear.hear(*frames)

    def waiting(self, state: str = "waiting"):
        return result(self.service.asking(state, 100))

    def accept(self, mn: str = NEW, id_: int = 1):
        return result(self.service.accept(id_, mn, "West", "me"))


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """An empty one."""
    return Rig(tmp_path)


def test_a_notice_without_an_mn_is_noted_with_link_and_peer(rig: Rig):
    """One row a device, however often it asks."""
    for number in range(50):
        rig.hear(notice(at=START + timedelta(seconds=number)))
    rig.hear(notice(link=8, at=START + timedelta(minutes=1)))
    (record,) = rig.waiting()
    assert (record.serials, record.mn) == (SERIALS, "")
    assert (record.link, record.peer) == (8, "10.0.0.8:5000")
    assert (record.first_seen, record.last_seen) == (START, START + timedelta(minutes=1))


def test_an_accepted_device_is_sent_its_mn_over_its_link(rig: Rig):
    """Registered at once, activated when it says so."""
    rig.hear(notice())
    record, why = rig.accept()
    assert (record.state, record.new_mn, why) == ("waiting", NEW, "")
    (wish,) = rig.commands.wishes
    assert (wish.mn, wish.name, wish.link) == (NEW, "set-mn", 7)
    assert wish.args == {"MN": NEW, "i23005-Info": SERIALS["i23005"]}
    device = rig.registry.devices.get(NEW)
    assert device is not None
    assert (device.name, device.version, device.st) == ("West", "2025", "31")
    assert rig.commands.passwords == {NEW: "123456"}, "both as in the notice"
    rig.commands.end("done")
    assert [one.new_mn for one in rig.waiting("activated")] == [NEW]


def test_a_device_that_was_away_gets_its_mn_when_it_asks_again(rig: Rig, tmp_path: Path):
    """On another link, after a restart of the hub, until it has it."""
    rig.hear(notice())
    rig.accept()
    rig.commands.end("timeout")
    rig.registry.close()
    again = Rig(tmp_path)
    again.hear(notice(link=9, at=START + timedelta(hours=1)))
    (wish,) = again.commands.wishes
    assert (wish.mn, wish.link) == (NEW, 9)
    again.hear(notice(link=9, at=START + timedelta(hours=1, minutes=2)))
    assert len(again.commands.wishes) == 1, "one at a time"
    again.commands.end("timeout")
    again.hear(notice(link=9, at=START + timedelta(hours=1, minutes=4)))
    assert len(again.commands.wishes) == 2


def test_a_device_that_speaks_under_its_new_mn_has_it(rig: Rig):
    """Its answer was lost."""
    rig.hear(notice())
    rig.accept()
    rig.commands.end("timeout")
    rig.service.identified(MN)
    assert rig.waiting("activated") == []
    rig.service.identified(NEW)
    assert [one.new_mn for one in rig.waiting("activated")] == [NEW]
    rig.hear(notice(link=9))
    assert len(rig.commands.wishes) == 1


def test_a_device_that_took_its_mn_while_no_hub_ran_has_it(rig: Rig, tmp_path: Path):
    """It speaks under it when the next one starts."""
    rig.hear(notice())
    rig.accept()
    rig.registry.close()
    again = Rig(tmp_path, {NEW})
    assert [one.new_mn for one in again.waiting("activated")] == [NEW]


def test_an_mn_that_is_in_use_is_refused(rig: Rig):
    """By a station, by another activation, or one that is no MN."""
    rig.hear(notice(), notice({"i23005": "other"}))
    rig.taken.add(MN)
    with pytest.raises(Refused, match="in use"):
        rig.accept(MN)
    rig.accept(NEW, 1)
    with pytest.raises(Refused, match="in use"):
        rig.accept(NEW, 2)
    with pytest.raises(Refused, match="letters"):
        rig.accept("an MN")
    with pytest.raises(Refused, match="no activation 99"):
        rig.accept("B" * 24, 99)


def test_an_mn_may_be_changed_until_the_device_has_it(rig: Rig):
    """The device that was registered for nothing goes again."""
    rig.hear(notice())
    rig.accept(NEW)
    rig.commands.end("failed")
    rig.accept("B" * 24)
    assert rig.registry.devices.get(NEW) is None
    rig.commands.end("done")
    with pytest.raises(Refused, match="has its MN already"):
        rig.accept("C" * 24)
    with pytest.raises(Refused, match="has its MN already"):
        result(rig.service.dismiss(1, "me"))


def test_a_dismissed_device_is_not_offered_again(rig: Rig):
    """Its notices update the row, and it gets nothing."""
    rig.hear(notice())
    result(rig.service.dismiss(1, "me"))
    rig.hear(notice(link=8, at=START + timedelta(hours=1)))
    assert rig.waiting() == []
    (record,) = rig.waiting("dismissed")
    assert record.link == 8


def test_a_flood_of_invented_serials_is_bounded(tmp_path: Path):
    """So many new ones a second; of too many that wait, the unseen for longest go first."""
    rig = Rig(tmp_path, max_waiting=30)
    rig.hear(notice())
    rig.accept()
    for second in range(10):
        rig.now = START + timedelta(seconds=second)
        rig.hear(*(notice({"i23005": f"{second}-{n}"}, at=rig.now) for n in range(100)))
    assert rig.service.not_noted >= 1000 - 10 * NEW_A_SECOND
    waiting = rig.waiting()
    assert len(waiting) == 31
    assert waiting[-1].new_mn == NEW, "one that was accepted stays"
    assert waiting[0].last_seen == rig.now
