"""Peek at the MN of a piece of a stream, good or broken, before anything else is read.

Tests: tests/wire/test_decode.py.
"""

from __future__ import annotations

import re

# The widest form seen in the field: letters, digits, _ and -, up to 64 (the standard: 24 hex).
# What follows must be there: of a frame that was cut off inside its MN, nothing is believed.
_MN = re.compile(rb"(?<![A-Za-z])MN *= *([0-9A-Za-z_-]{1,64}?) *(?:[;,]|CP *=)")


def mn_of(raw: bytes) -> str:
    """The MN that stands in ``raw``, best effort; "" when there is none."""
    found = _MN.search(raw)
    return found[1].decode("ascii") if found else ""
