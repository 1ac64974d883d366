"""How long to wait for an answer, and how often to send again, by the medium of a device's link.

HJ 212-2017, 5.3 and table 2; NB-IoT in 2025. Tests: tests/hub/commands/test_command_service.py.
"""

from __future__ import annotations

import msgspec


class Patience(msgspec.Struct, frozen=True):
    """``timeout_s`` without an answer, then the same bytes again, ``resends`` times."""

    timeout_s: float
    resends: int


USUAL = Patience(10.0, 3)  # GPRS, CDMA, LTE, PLC, WiMAX
_OTHERS = {"ADSL": Patience(5.0, 3), "NB-IOT": Patience(30.0, 5)}


def patience(medium: str) -> Patience:
    """Of a medium by its name in the table; "" and unknown ones count as GPRS."""
    return _OTHERS.get(medium.upper(), USUAL)
