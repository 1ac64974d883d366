"""Which answer a frame gets, if any. When it may leave is decided elsewhere: once it is durable.

Tests: tests/link/test_replies.py.
"""

from __future__ import annotations

from hj212d.link.settings import LinkSettings
from hj212d.wire import build, tables
from hj212d.wire.frame import Frame
from hj212d.wire.reasons import Reason

NOTICE = "9013"
DATA = "9014"
HEARTBEAT = "9015"

# The CRC fits, the content is bad: what link.acknowledge_quarantined is about. Of encrypted
# frames without their key it is not known whether the CRC fits.
CONTENT_BAD = frozenset(
    {
        Reason.CP_MISSING,
        Reason.CP_NOT_CLOSED,
        Reason.HEADER_MALFORMED,
        Reason.CONTROL_CHARACTER,
        Reason.MN_MALFORMED,
        Reason.FLAG_MALFORMED,
        Reason.PACKET_MALFORMED,
        Reason.ITEM_MALFORMED,
        Reason.DATA_TIME_MALFORMED,
        Reason.MN_UNKNOWN,
        Reason.PW_WRONG,
        Reason.ADDRESS_WRONG,
    }
)
MAX_ECHO_BYTES = 900  # QN and PW are echoed; a reply must stay within a segment of 1024


def reply(frame: Frame, reason: Reason, settings: LinkSettings) -> bytes | None:
    """The answer to a frame that was judged ``reason``, None: it gets none.

    9014 for data when bit 0 of Flag asks for it, 9013 for notices always (HJ 212-2017, 6.4). Never
    anything for 901x except the heartbeat 9015: two sides that answer answers do so for ever.
    """
    if reason is not Reason.OK and not (
        settings.acknowledge_quarantined and reason in CONTENT_BAD
    ):
        return None
    answer = answer_of(frame.cn, frame.version, frame.wants_answer, settings)
    if answer is None or len(frame.qn) + len(frame.pw) > MAX_ECHO_BYTES:
        return None
    return build.reply(frame, answer)


def answer_of(cn: str, version: str, wanted: bool | None, settings: LinkSettings) -> str | None:
    """CN of the answer to a good frame, None: it gets none. ``wanted``: what its Flag says, None
    without one."""
    if cn.startswith("901") and cn != HEARTBEAT:
        return None
    answer = tables.answer_of(cn, version)
    if answer == NOTICE:
        return NOTICE
    if wanted is None:
        return DATA if answer == DATA and settings.answer_without_flag else None
    if not wanted:
        return None
    if answer == tables.UNKNOWN:
        return DATA if settings.answer_unknown_cn else None
    return answer
