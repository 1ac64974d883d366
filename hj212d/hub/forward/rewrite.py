"""The frame as the target wants it: another MN, PW or version; length and CRC made anew.

Items are written as the standard writes them: ``,`` between those of one factor, ``;`` elsewhere.
What cannot be said in the target's version is refused with a reason, never bent.
Tests: tests/hub/forward/test_rewrite.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from hj212d.hub.forward.settings import ForwardSettings
from hj212d.hub.forward.versions import CannotRewrite, qn_of, recoded
from hj212d.wire import build, sm4
from hj212d.wire.crc import PRINTED, crc
from hj212d.wire.frame import Frame
from hj212d.wire.settings import sm4_key
from hj212d.wire.version import V2005, V2017, V2025

__all__ = ["CannotRewrite", "Rewrite", "Rewritten"]

_VERSION_BITS = {V2005: 0, V2017: 4, V2025: 8}
_LOWER_BITS = 3  # bit 0: an answer is wanted; bit 1: packets are numbered
_ANSWER = 1


class Rewritten(msgspec.Struct, frozen=True, gc=False):
    """A frame without its line end, and what its acknowledgement will repeat."""

    raw: bytes
    mn: str
    qn: str
    wants_answer: bool


class Rewrite(msgspec.Struct, frozen=True):
    """What is changed. Empty: kept as it is. ``key``: CP leaves encrypted with it, else plain."""

    mns: Mapping[str, str] = {}
    pw: str = ""
    version: str = ""
    key: bytes = b""

    @classmethod
    def of(cls, settings: ForwardSettings) -> Rewrite | None:
        """What a target asks for; None: it gets the bytes as they were received. ValueError for
        a key that is none."""
        key = settings.set_key
        if not (settings.set_mn or settings.set_pw or settings.set_version or key):
            return None
        return cls(
            settings.renamed(),
            settings.set_pw,
            settings.set_version,
            sm4_key(key) if key else b"",
        )

    def frame(self, frame: Frame, received_us: int) -> Rewritten:
        """The frame as the target gets it; CannotRewrite with a reason.

        ``received_us`` makes the QN of a frame that has none where the version wants one.
        """
        if not frame.ok:
            raise CannotRewrite(f"it cannot be read any more: {frame.reason.label}")
        version = self.version or frame.version
        items = recoded(frame, version) if self.version else frame.items
        qn, flag = frame.qn, frame.flag
        qn_in_cp = "QN" in frame.cp and not self.version
        if self.version:
            items = [item for item in items if item[0] not in ("QN", "PNUM", "PNO")]
            flag = (_ANSWER if flag is None else flag & _LOWER_BITS) | _VERSION_BITS[version]
            if not qn and version != V2005:
                qn = qn_of(received_us)
            if qn and version == V2005:
                items = [("QN", qn), *items]
                qn_in_cp = True
        packets_in_cp = "PNUM" in frame.cp and not self.version
        mn = self.mns.get(frame.mn, frame.mn)
        segment = build.segment(
            qn="" if qn_in_cp else qn,
            st=frame.st,
            cn=frame.cn,
            pw=self.pw or frame.pw,
            mn=mn,
            flag=flag,
            cp=_content(items),
            pnum=None if packets_in_cp else frame.pnum,
            pno=None if packets_in_cp else frame.pno,
            rf=frame.rf,
        )
        if len(segment) > build.LONGEST_SEGMENT_BYTES:
            raise CannotRewrite(f"it would have {len(segment)} bytes, the length field takes 9999")
        sealed = sm4.encrypt_cp(segment, self.key) if self.key else segment
        raw = b"##%04d%s%s" % (len(segment), sealed, PRINTED[crc(segment)])
        return Rewritten(raw, mn, qn, flag is not None and bool(flag & _ANSWER))


def _content(items: Sequence[tuple[str, str]]) -> str:
    """CP: ``,`` between the items of one factor, ``;`` between all others."""
    parts: list[str] = []
    before = ""
    for name, value in items:
        code = name.rpartition("-")[0]
        if parts:
            parts.append("," if code and code == before else ";")
        parts.append(f"{name}={value}")
        before = code
    return "".join(parts)
