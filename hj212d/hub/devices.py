"""The registered devices, as the hub needs them: to read their frames again, and to judge anew
whether a frame counts.

Tests: tests/hub/test_hub_devices.py.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.settings import DeviceSettings

_UNKNOWN = Device()


class Devices:
    """MN -> what is known of it. Exchanged as a whole on a reload: other threads read it."""

    def __init__(self, settings: Sequence[DeviceSettings], *, unknown_mn: str = "accept") -> None:
        self.set(settings, unknown_mn=unknown_mn)

    def set(self, settings: Sequence[DeviceSettings], *, unknown_mn: str) -> None:
        """Devices from now on; KeyError or ValueError for a tolerance or key that is none."""
        self._devices = {device.mn: _device(device) for device in settings}
        self._passwords = {device.mn: device.password.encode() for device in settings}
        self._accepts_unknown = unknown_mn == "accept"

    def device(self, mn: str) -> Device:
        """Tolerances and keys of an MN; the defaults for one that nobody registered."""
        return self._devices.get(mn, _UNKNOWN)

    def admit(self, frame: Frame) -> Reason:
        """Verdict of today on the sender of a good frame: OK, MN_UNKNOWN or PW_WRONG."""
        password = self._passwords.get(frame.mn)
        if password is None:
            return Reason.OK if self._accepts_unknown else Reason.MN_UNKNOWN
        if password and not hmac.compare_digest(password, frame.pw.encode()):
            return Reason.PW_WRONG
        return Reason.OK


def _device(settings: DeviceSettings) -> Device:
    if not (settings.tolerate or settings.refuse or settings.keys):
        return _UNKNOWN  # one object for most of them
    return settings.device()
