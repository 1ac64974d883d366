"""What a device's frame says to a request: accepted, executed, noted, or data.

Replies are told by CN and QN alone: their ST is often the device's and their Flag often wants an
answer (docs/quirks.md, D10). 2005 has the QN inside CP (D12).
Tests: tests/wire/test_read_reply.py.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hj212d.wire.frame import Frame

_KINDS: dict[str, Literal["9011", "9012", "9013", "data"]] = {
    "9011": "9011", "9012": "9012", "9013": "9013",
}  # fmt: skip
_NONE = frozenset(("9014", "9015"))


class Reply(msgspec.Struct, frozen=True):
    """A frame as an answer. ``qn_rtn`` and ``exe_rtn`` are None where there is none, or none that
    is a number; ``cn`` is the frame's own."""

    kind: Literal["9011", "9012", "9013", "data"]
    qn: str
    cn: str
    qn_rtn: int | None = None
    exe_rtn: int | None = None
    data_time_us: int | None = None


def read_reply(frame: Frame) -> Reply | None:
    """The frame as a reply; None when it can be none (a bad frame, 9014, a heartbeat).

    CN decides; a device that repeats the request's CN in its reply is known by QnRtn or ExeRtn
    (D11), and one that puts its code under the other name is understood. Any other frame is
    "data": whether anybody asked for it is exchange.py's to say.
    """
    if not frame.ok or frame.cn in _NONE:
        return None
    cp = frame.cp
    said_qn, said_exe = _number(cp.get("QnRtn")), _number(cp.get("ExeRtn"))
    kind = _KINDS.get(frame.cn)
    if kind is None:
        kind = "9012" if "ExeRtn" in cp else "9011" if "QnRtn" in cp else "data"
    qn = frame.qn or (cp.get("QN", "") if kind != "data" else "")
    if kind == "9011" and said_qn is None:
        said_qn, said_exe = said_exe, None
    elif kind == "9012" and said_exe is None:
        said_qn, said_exe = None, said_qn
    return Reply(kind, qn, frame.cn, said_qn, said_exe, frame.data_time_us)


def _number(text: str | None) -> int | None:
    """The code; None for what is no number of up to five digits."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 5:
        return None
    return int(text)
