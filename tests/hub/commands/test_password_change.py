"""A new password is taken over when the instrument has it."""

from __future__ import annotations

from pathlib import Path

from command_rig import serving
from hub_rig import MN

from hj212d.hub.commands.facts import Facts
from store.registry.records import DeviceRecord


def test_the_registered_password_follows(tmp_path: Path) -> None:
    """Only after the instrument said that it took it; who changed it is on record."""
    with serving(tmp_path) as rig:
        rig.known.of[MN] = Facts(known=True, version="2017", st="32", password="123456")
        devices = rig.keeper.registry.devices
        devices.put(DeviceRecord(MN, name="east", password="123456"), "wang")
        rig.connect()
        rig.ask("set-password", args={"NewPW": "s3cret"}, who="li")
        rig.say("9012", "ExeRtn=2")
        rig.ask("set-password", args={"NewPW": "s3cret"}, who="li")
        found = devices.get(MN)
        assert found is not None
        assert found.password == "123456"
        rig.say("9012", "ExeRtn=1")
        found = devices.get(MN)
        assert found is not None
        assert (found.name, found.password) == ("east", "s3cret")


def test_where_none_is_registered(tmp_path: Path) -> None:
    """It is used for the next request, and nothing is registered."""
    with serving(tmp_path) as rig:
        rig.connect()
        rig.ask("set-password", args={"NewPW": "s3cret"})
        rig.known.passwords.clear()
        rig.say("9012", "ExeRtn=1")
        assert rig.keeper.registry.devices.get(MN) is None
        rig.ask("read-clock")
        assert rig.sent[-1][1].pw == "s3cret"
