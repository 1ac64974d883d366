"""Which standard a frame follows: a hint for reading, never a reason to refuse.

Tests: tests/wire/test_version.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection

V2005, V2017, V2025 = "2005", "2017", "2025"

_BY_FLAG = {0: V2005, 1: V2017, 2: V2025}
_CODE_2017 = re.compile(r"[a-z][0-9]{5}")
# Until the standard of 2025 was written, a Flag with its version bits was a mistake.
BEFORE_2025 = ("2017", "2018", "2019", "2020", "2021", "2022", "2023")


def version_of(flag: int | None, qn: str | None, codes: Collection[str], whole: bool) -> str:
    """The version by the bits of Flag (HJ 212-2017, 6.3.2), without Flag by the frame's looks.

    ``qn``: None when the header has none. ``codes``: of the factors. ``whole``: the header is
    there to its end; of a half one a QN in front tells 2017.
    """
    version = _BY_FLAG.get(flag >> 2) if flag is not None else None
    if version is not None:
        mistaken = version is V2025 and qn is not None and qn.startswith(BEFORE_2025)
        return V2017 if mistaken else version
    if qn is None:
        return V2005
    if not qn or not whole:
        return V2017
    modern = sum(1 for code in codes if _CODE_2017.fullmatch(code))
    return V2017 if 2 * modern > len(codes) else V2005
