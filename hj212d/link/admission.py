"""Who may connect and whose frames count: networks, registered MNs, passwords, tolerances, keys.

Pure: settings in, verdicts out. Nothing of a password leaves this file.
Tests: tests/link/test_admission.py.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache

import msgspec

from hj212d.link.settings import LinkSettings, ProfileSettings
from hj212d.wire.activation import serials
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.settings import DeviceSettings, switched
from hj212d.wire.tolerances import DEFAULT, Tolerance


class Networks:
    """A list of networks; an empty one holds every address."""

    __slots__ = ("_networks",)

    def __init__(self, texts: Iterable[str]) -> None:
        """``texts``: CIDR; ValueError names the one that is none."""
        self._networks = tuple(ipaddress.ip_network(text, strict=False) for text in texts)

    def __contains__(self, ip: str) -> bool:
        if not self._networks:
            return True
        address = _address(ip)
        return any(address in network for network in self._networks)


EVERYWHERE = Networks(())


@lru_cache(maxsize=4096)
def _address(ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(ip)


class Registered(msgspec.Struct, frozen=True):
    """What a [[device]] means at one gate."""

    device: Device
    password: bytes = b""
    networks: Networks = EVERYWHERE
    enabled: bool = True


class Standing(msgspec.Struct, frozen=True):
    """Terms of an MN that is known: its password, None: any; whether long segments pass."""

    password: bytes | None
    oversize: bool


class Gate:
    """The rules of one listening profile. Links keep their gate; a reload changes it in place,
    and so does the hub's registry, one device at a time."""

    __slots__ = ("_networks", "_plain", "_registered", "profile", "unknown_mn")

    def __init__(self, profile: str) -> None:
        self.profile = profile
        self.unknown_mn = "accept"
        self._plain = Registered(Device())
        self._networks: tuple[Networks, ...] = ()
        self._registered: dict[str, Registered] = {}

    def set(
        self, link: LinkSettings, profile: ProfileSettings, devices: Sequence[DeviceSettings]
    ) -> None:
        """Rules from now on. KeyError or ValueError for a tolerance, network or key that is
        none."""
        tolerances = switched(DEFAULT, profile.tolerate, profile.refuse)
        plain = Registered(Device(tolerances))
        registered = {device.mn: _registered(device, plain) for device in devices}
        self._networks = (Networks(link.allow), Networks(profile.allow))
        self._plain = plain
        self._registered = registered
        self.unknown_mn = profile.unknown_mn or link.unknown_mn

    def put(self, device: DeviceSettings) -> None:
        """One device from now on; KeyError or ValueError as in `set`, it is then as before."""
        self._registered[device.mn] = _registered(device, self._plain)

    def remove(self, mn: str) -> None:
        """One device is not registered any more."""
        self._registered.pop(mn, None)

    def may_connect(self, ip: str) -> bool:
        """Whether this address may open a link here."""
        return all(ip in networks for networks in self._networks)

    def knows(self, mn: str) -> bool:
        """Whether the MN is registered."""
        return mn in self._registered

    def device(self, mn: str) -> Device:
        """How frames of this MN are read: its own switches and keys, else the profile's."""
        registered = self._registered.get(mn)
        return self._plain.device if registered is None else registered.device

    def tolerances(self, mn: str) -> Tolerance:
        """The tolerances of an MN, "" where none is known yet."""
        return self.device(mn).tolerances

    def standing(self, mn: str) -> Standing | None:
        """On what terms plain frames of an MN that was judged OK go on being OK, whatever else
        they say; None when each must be judged."""
        registered = self._registered.get(mn)
        device = self._plain.device if registered is None else registered.device
        if device.keys or (registered is not None and not registered.enabled):
            return None
        return Standing(
            None if registered is None else registered.password or None,
            Tolerance.SEGMENT_OVERSIZE in device.tolerances,
        )

    def judge(self, frame: Frame, ip: str) -> Reason:
        """Whether a good frame from this address counts: OK or a reason of admission."""
        registered = self._registered.get(frame.mn)
        if registered is None:
            admitted = self.unknown_mn == "accept" or serials(frame)  # who asks for an MN may
            return Reason.OK if admitted else Reason.MN_UNKNOWN
        if not registered.enabled:
            return Reason.MN_UNKNOWN
        if ip not in registered.networks:
            return Reason.ADDRESS_WRONG
        if registered.password and not hmac.compare_digest(registered.password, frame.pw.encode()):
            return Reason.PW_WRONG
        return Reason.OK


class Admission:
    """The gates of all profiles. The profile "" is that of addresses without one.

    Devices come with the settings; the registry's word of one is laid over them, and lifted.
    """

    def __init__(
        self,
        link: LinkSettings,
        profiles: Sequence[ProfileSettings] = (),
        devices: Sequence[DeviceSettings] = (),
    ) -> None:
        self._gates: dict[str, Gate] = {}
        self._overlay: dict[str, DeviceSettings] = {}
        self.set(link, profiles, devices)

    def set(
        self,
        link: LinkSettings,
        profiles: Sequence[ProfileSettings],
        devices: Sequence[DeviceSettings],
    ) -> None:
        """Settings from now on, for living links too; what is laid over them stays.

        A profile that is no longer there keeps its last rules until its links are gone.
        """
        in_force = {device.mn: device for device in devices} | self._overlay
        named = {profile.name: profile for profile in profiles}
        named[""] = ProfileSettings(name="default")
        for name, profile in named.items():
            self._gates.setdefault(name, Gate(name)).set(link, profile, list(in_force.values()))
        self._configured = {device.mn: device for device in devices}

    def lay_over(self, device: DeviceSettings) -> bool:
        """What is in force for this device, whatever the settings say; whether that is news.

        KeyError or ValueError for a tolerance, network or key that is none.
        """
        if self._overlay.get(device.mn) == device:
            return False
        for gate in self._gates.values():
            gate.put(device)
        self._overlay[device.mn] = device
        return True

    def lift_all_but(self, mns: Container[str]) -> list[str]:
        """The settings alone count again for all devices but these; those for which they do."""
        lifted = [mn for mn in self._overlay if mn not in mns]
        for mn in lifted:
            del self._overlay[mn]
            configured = self._configured.get(mn)
            for gate in self._gates.values():
                if configured is None:
                    gate.remove(mn)
                else:
                    gate.put(configured)
        return lifted

    def gate(self, profile: str) -> Gate:
        """The gate of a profile; KeyError when nobody defined it."""
        return self._gates[profile]


def _registered(device: DeviceSettings, plain: Registered) -> Registered:
    """A device's own rules; ``plain`` itself, not a copy of it, for one that has none."""
    own = device.tolerate or device.refuse or device.keys or device.password or device.allow
    if device.enabled and not own:
        return plain
    return Registered(
        device.device(plain.device.tolerances),
        device.password.encode(),
        Networks(device.allow) if device.allow else EVERYWHERE,
        device.enabled,
    )
