"""How long to wait for an answer, and how often to send again: the standard's table by medium.

HJ 212-2017, table 1; NB-IoT is HJ 212-2025's. CN 1000 sets other figures for one device.
Tests: tests/wire/test_timing.py.
"""

from __future__ import annotations

import msgspec


class Timing(msgspec.Struct, frozen=True):
    """Seconds to wait for an answer, and how often the same frame goes out again."""

    timeout_s: float
    resends: int


_MOBILE = Timing(10, 3)
MEDIA = {
    "GPRS": _MOBILE,
    "CDMA": _MOBILE,
    "WCDMA": _MOBILE,
    "TD-SCDMA": _MOBILE,
    "CDMA2000": _MOBILE,
    "PLC": _MOBILE,
    "TD-LTE": _MOBILE,
    "FDD-LTE": _MOBILE,
    "WIMAX": _MOBILE,
    "ADSL": Timing(5, 3),
    "NB-IOT": Timing(30, 5),
}


def timing(
    medium: str = "", over_time_s: int | None = None, re_count: int | None = None
) -> Timing:
    """The timing of a device: what CN 1000 set for it, else that of its medium.

    An empty or unknown medium counts as GPRS.
    """
    standard = MEDIA.get(medium.upper(), _MOBILE)
    return Timing(
        standard.timeout_s if over_time_s is None else over_time_s,
        standard.resends if re_count is None else re_count,
    )
