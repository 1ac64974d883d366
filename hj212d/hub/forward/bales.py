"""The seam between the forwarders and their compiled twin: one place to import from.

What both do is defined by the Python one, which HJ212D_CODEC=python brings back.
Tests: tests/hub/forward/test_bale_twins.py.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hj212d.hub.forward.acks import find
from hj212d.hub.forward.baling import Baler
from hj212d.hub.forward.dedup import Recent
from hj212d.hub.forward.flying import Flying
from hj212d.wire import codec

__all__ = ["Baler", "Flying", "Recent", "find"]

if not TYPE_CHECKING and codec.NAME == "compiled":
    with suppress(ImportError):  # it was not built
        from hj212d.hub.forward._bales import Baler, Flying, Recent, find
