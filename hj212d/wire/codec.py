"""The seam between the protocol and those who use it at speed: one place to import from.

A compiled twin of cutter, decoder and CRC can take the place of these names; what they do is
defined by the Python ones. Tests: tests/wire/test_codec.py.
"""

from __future__ import annotations

from hj212d.wire.crc import crc
from hj212d.wire.cutter import Cutter
from hj212d.wire.decode import decode

__all__ = ["NAME", "Cutter", "crc", "decode"]

NAME = "python"
