"""What is published of a frame: one JSON object, the same for every protocol.

``id`` is the same whenever the frame is published again, so that a consumer can tell: it is the
hash of the bytes. Times are UTC, ISO 8601. ``raw`` is the text of the frame, in base64 as
``raw_base64`` where it is none (ciphers, GBK).
Tests: tests/hub/forward/publish/test_message.py.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec
import xxhash

from hj212d.hub.forward.bale import Parcel
from hj212d.hub.reread import Rereader
from hj212d.hub.times import iso
from hj212d.wire.frame import Device
from hj212d.wire.tolerances import Tolerance

# The frame was judged when it came: what was tolerated then is tolerated here.
_ALL = ~Tolerance.NONE
_ENCODER = msgspec.json.Encoder()


class Messages:
    """Makes messages. ``device``: mn -> tolerances and keys."""

    def __init__(self, device: Callable[[str], Device]) -> None:
        self._rereader = Rereader(device)

    def body(self, parcel: Parcel) -> bytes:
        """The JSON of one frame."""
        frame = self._rereader.read(parcel.raw, lambda _: _ALL)
        fields: dict[str, Any] = {
            "id": xxhash.xxh3_128_hexdigest(parcel.raw),
            # A dead letter that is sent again does not know when it came.
            "received_at": iso(parcel.received_us or None),
            "mn": frame.mn or parcel.mn,
            "st": frame.st or parcel.st,
            "cn": frame.cn or parcel.cn,
            "qn": frame.qn or parcel.qn,
            "version": frame.version,
            "flag": frame.flag,
            "pnum": frame.pnum,
            "pno": frame.pno,
            "rf": frame.rf,
            "encrypted": frame.encrypted,
            "readable": frame.ok,
            "data_time": iso(frame.data_time_us),
            "cp": frame.cp,
            "factors": frame.factors,
        }
        try:
            fields["raw"] = parcel.raw.decode("utf-8")
        except UnicodeDecodeError:
            fields["raw_base64"] = base64.b64encode(parcel.raw).decode("ascii")
        return _ENCODER.encode(fields)
