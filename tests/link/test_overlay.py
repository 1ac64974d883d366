"""hj212d/link/overlay.py: what the hub says of devices goes before the orders, for living links
too."""

from pathlib import Path

import msgspec
import pytest
from link_rig import MN, Rig, upload
from test_hublink import Hub
from waiting import until

from hj212d.link import worker
from hj212d.link.admission import Admission
from hj212d.link.hubwords import Changed, Overlay
from hj212d.link.settings import LinkSettings, ProfileSettings
from hj212d.wire import build, sm4
from hj212d.wire.settings import DeviceSettings
from hj212d.wire.tolerances import DEFAULT, Tolerance

KEY = b"0123456789abcdef"


def line(*devices: DeviceSettings, more: bool = False) -> bytes:
    """The overlay as the hub says it."""
    return msgspec.json.encode(Overlay(list(devices), more)) + b"\n"


def changed(device: DeviceSettings) -> bytes:
    """A change, without its line end."""
    return msgspec.json.encode(Changed(device))


async def test_a_worker_listens_when_it_was_told_all(tmp_path: Path) -> None:
    """The first frame is judged by the registry: nobody is let in before."""
    async with Hub(tmp_path / "control.sock") as hub:
        hub.overlay = line(DeviceSettings("OTHER"), more=True) + line(
            DeviceSettings(MN, password="secret")
        )
        async with Rig(tmp_path, control=str(hub.path)) as rig:
            [client] = await rig.connected()
            client.send(upload(1) + upload(2, pw="secret"))
            await until(lambda: len(rig.pieces()) == 2)
            assert [reason for reason, _ in rig.pieces()] == ["pw_wrong", "ok"]
            assert rig.worker.admission.gate("").knows("OTHER")


async def test_a_hub_that_says_nothing_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker goes on with the devices of its orders, and takes the overlay when it comes."""
    monkeypatch.setattr(worker, "OVERLAY_WAIT_S", 0.05)
    async with Hub(tmp_path / "control.sock") as hub:
        hub.overlay = line(more=True)
        async with Rig(
            tmp_path, control=str(hub.path), devices=[DeviceSettings(MN, password="old")]
        ) as rig:
            gate = rig.worker.admission.gate("")
            assert gate.standing(MN).password == b"old"  # type: ignore[union-attr]
            hub.say(line(DeviceSettings(MN, password="new")).rstrip())
            await until(lambda: gate.standing(MN).password == b"new")  # type: ignore[union-attr]


async def test_a_changed_device_is_judged_anew_at_once(tmp_path: Path) -> None:
    """Frames that took the express are looked at again: password, disabling, and back."""
    async with Hub(tmp_path / "control.sock") as hub, Rig(tmp_path, control=str(hub.path)) as rig:
        [client] = await rig.connected()
        gate = rig.worker.admission.gate("")
        for n in range(3):
            client.send(upload(n))
        await client.get(3)
        for n, device in enumerate(
            (
                DeviceSettings(MN, password="other1"),
                DeviceSettings(MN, password="123456"),
                DeviceSettings(MN, password="123456", enabled=False),
                DeviceSettings(MN),
            )
        ):
            hub.say(changed(device))
            expected = device.password.encode() or None
            await until(
                lambda device=device, expected=expected: (
                    (standing := gate.standing(MN)) and standing.password == expected
                    if device.enabled
                    else gate.knows(MN) and gate.standing(MN) is None
                )
            )
            client.send(upload(10 + n) + upload(20 + n))
            await until(lambda n=n: len(rig.pieces()) == 5 + 2 * n)
        reasons = [reason for reason, _ in rig.pieces()]
        assert (
            reasons == ["ok"] * 3 + ["pw_wrong"] * 2 + ["ok"] * 2 + ["mn_unknown"] * 2 + ["ok"] * 2
        )


async def test_a_new_key_opens_frames_on_a_living_link(tmp_path: Path) -> None:
    """Key rotation needs no reconnect; a key that is gone opens nothing."""
    segment = build.segment(
        qn="20260601120000000", st="31", cn="2011", pw="123456", mn=MN, flag=9,
        cp="DataTime=20260601120000;a01011-Rtd=1.35,a01011-Flag=N",
    )  # fmt: skip
    plain = build.frame(segment)
    sealed = plain[:6] + sm4.encrypt_cp(segment, KEY) + plain[-6:]
    async with Hub(tmp_path / "control.sock") as hub, Rig(tmp_path, control=str(hub.path)) as rig:
        [client] = await rig.connected()
        client.send(plain + sealed)
        await until(lambda: len(rig.pieces()) == 2)
        hub.say(changed(DeviceSettings(MN, keys=[KEY.hex()])))
        await until(lambda: rig.worker.admission.gate("").device(MN).keys == (KEY,))
        client.send(sealed)
        await until(lambda: len(rig.pieces()) == 3)
        hub.say(line().rstrip())
        await until(lambda: not rig.worker.admission.gate("").knows(MN))
        client.send(sealed)
        await until(lambda: len(rig.pieces()) == 4)
        assert [reason for reason, _ in rig.pieces()] == [
            "ok", "key_missing", "ok", "key_missing"
        ]  # fmt: skip


async def test_a_device_that_cannot_be_used_stays_as_it_was(tmp_path: Path) -> None:
    """One bad entry spoils neither the others nor the connection."""
    async with Hub(tmp_path / "control.sock") as hub, Rig(tmp_path, control=str(hub.path)) as rig:
        await until(lambda: hub.connections)
        hub.say(changed(DeviceSettings("A", password="x")))
        hub.say(changed(DeviceSettings("A", allow=["nowhere"])))
        hub.say(changed(DeviceSettings("B", password="y")))
        gate = rig.worker.admission.gate("")
        await until(lambda: gate.knows("B"))
        assert gate.standing("A").password == b"x"  # type: ignore[union-attr]
        assert hub.connections == 1


async def test_an_overlay_that_broke_off_counts_for_nothing(tmp_path: Path) -> None:
    """Half of one on a connection that broke, all of the next one: only that one holds."""
    async with Hub(tmp_path / "control.sock") as hub, Rig(tmp_path, control=str(hub.path)) as rig:
        gate = rig.worker.admission.gate("")
        hub.overlay = line(DeviceSettings("NEW"))
        hub.say(line(DeviceSettings("LOST"), more=True).rstrip())
        await until(lambda: gate.knows("LOST"))
        hub.hang_up()
        await until(lambda: gate.knows("NEW"))
        await until(lambda: not gate.knows("LOST"))


def test_settings_under_an_overlay() -> None:
    """New settings change what lies under it; profiles keep their own tolerances; what is lifted
    is as the settings say then."""
    lower = Tolerance.CRC_LOWER_CASE
    admission = Admission(
        LinkSettings(),
        [ProfileSettings(name="strict", refuse=["crc_lower_case"])],
        [DeviceSettings("A", password="set")],
    )
    gate, strict = admission.gate(""), admission.gate("strict")
    assert admission.lay_over(DeviceSettings("A", password="laid", tolerate=["crc_modbus"]))
    assert not admission.lay_over(DeviceSettings("A", password="laid", tolerate=["crc_modbus"]))
    assert admission.lay_over(DeviceSettings("B"))
    assert gate.tolerances("A") == DEFAULT | Tolerance.CRC_MODBUS
    assert not strict.tolerances("A") & lower
    admission.set(LinkSettings(), [], [DeviceSettings("A", password="again")])
    assert gate.standing("A").password == b"laid"  # type: ignore[union-attr]
    assert gate.knows("B")
    assert sorted(admission.lift_all_but(())) == ["A", "B"]
    assert gate.standing("A").password == b"again"  # type: ignore[union-attr]
    assert not gate.knows("B")
