"""A device that has no MN yet, or only the factory's, tells who it is (HJ 212-2025, CN 1001).

Tests: tests/wire/test_activation_notice.py.
"""

from __future__ import annotations

import re

from hj212d.wire.frame import Frame
from hj212d.wire.version import V2005

NOTICE = "1001"
LOGGER_ID = "i23005"
MOST_SERIALS = 8
LONGEST_SERIAL = 100

_CODE = re.compile(r"i23[0-9a-z]{3}")


def serials(frame: Frame) -> dict[str, str]:
    """Code -> serial number (i23005 logger, i23006 processor, i23007 and i23008 MAC addresses) in
    a good notice; {} when it is none. 2005 has another meaning for 1001."""
    if frame.cn != NOTICE or frame.version == V2005 or not frame.ok:
        return {}
    found = {}
    for code, suffixes in frame.factors.items():
        text = suffixes.get("Info", "").strip().strip("/")
        if _CODE.fullmatch(code) and 0 < len(text) <= LONGEST_SERIAL:
            found[code] = text
    return found if len(found) <= MOST_SERIALS else {}
