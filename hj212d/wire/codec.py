"""The seam between the protocol and those who use it at speed: one place to import from.

The compiled twins of cutter, decoder and CRC take the place of the Python ones where they were
built; what they do is defined by the Python ones, which HJ212D_CODEC=python brings back.
Tests: tests/wire/test_codec.py, tests/wire/test_twins.py.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

__all__ = ["NAME", "WHY_PYTHON", "Cutter", "crc", "decode"]

NAME = "python"
WHY_PYTHON = "HJ212D_CODEC=python asks for it"  # "" when it is the compiled one

if not TYPE_CHECKING and os.environ.get("HJ212D_CODEC") != "python":
    try:
        from hj212d.wire._cutter import Cutter
        from hj212d.wire._decode import decode
        from hj212d.wire._plain import crc
    except ImportError as problem:
        WHY_PYTHON = str(problem)
    else:
        NAME, WHY_PYTHON = "compiled", ""

if NAME == "python":
    from hj212d.wire.crc import crc
    from hj212d.wire.cutter import Cutter
    from hj212d.wire.decode import decode
