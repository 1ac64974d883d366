"""The key in a request 1014 that somebody else made: a superior platform's, passed through. Pure.

Tests: tests/hub/keys/test_keys_downlink.py.
"""

from __future__ import annotations

from hj212d.hub.keys.policy import SET_KEY
from hj212d.wire import codec
from hj212d.wire.frame import Device
from hj212d.wire.settings import sm4_key


def key_in(raw: bytes, keys: tuple[bytes, ...]) -> bytes | None:
    """NewSK of a whole frame, encrypted with one of ``keys`` or in plain; None: there is none
    that can be read."""
    cuts = codec.Cutter().feed(raw.rstrip(b"\r\n") + b"\r\n")
    if len(cuts) != 1:
        return None
    frame = codec.decode(cuts[0], Device(keys=keys))
    if not frame.ok or frame.cn != SET_KEY:
        return None
    try:
        return sm4_key(frame.cp.get("NewSK", ""))
    except ValueError:
        return None
