"""The frames with which an instrument answers: 9011, 9012, 9013, and data of an exchange.

2017 and 2025 repeat the request's QN in the header, 2005 inside CP (docs/quirks.md, D12).
Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.instruments import content, envelope
from bench.instruments.ask import Answer
from bench.instruments.envelope import Upload
from bench.instruments.station import Habit, Station
from hj212d.wire.frame import Frame

_FLAG_BITS = {"2005": 0, "2017": 4, "2025": 8}


def reply(station: Station, request: Frame, cn: str, item: str = "") -> bytes:
    """9011 with QnRtn, 9012 with ExeRtn, or 9013: with ST=91, PW and MN of the request."""
    flag = _FLAG_BITS[station.version]
    st = "91"
    if Habit.REPLIES_AS_DATA in station.habits:  # D10
        st, flag = station.st, flag | envelope.ANSWER
    header = f"ST={st};CN={cn};PW={request.pw};MN={request.mn};Flag={flag}"
    if station.version == "2005":
        inside = ";".join(filter(None, (f"QN={request.qn}", item)))
        return envelope.written(station, cn, f"{header};CP=&&{inside}&&")
    return envelope.written(station, cn, f"QN={request.qn};{header};CP=&&{item}&&")


def data(
    station: Station, request: Frame, answer: Answer, qn: Callable[[], str], acknowledged: bool
) -> list[Upload]:
    """The packets of one answer.

    History has QNs of its own and may ask for 9014; what is part of the exchange has the QN of
    the request and does not (HJ 212-2017, C.20-C.22 and C.5).
    """
    if answer.own_exchange:
        return [
            envelope.seal(
                station, answer.cn, answer.data_time or 0.0, body, qn(), pnum, pno,
                answer=acknowledged, st=answer.st,
            )
            for pnum, pno, body in _bodies(station, answer)
        ]  # fmt: skip
    own_qn = "" if station.version == "2005" else request.qn
    inside = f"QN={request.qn};" if station.version == "2005" else ""
    return [
        envelope.seal(
            station, answer.cn, answer.data_time or 0.0, inside + body, own_qn, pnum, pno,
            answer=False, st=answer.st,
        )
        for pnum, pno, body in _bodies(station, answer)
    ]  # fmt: skip


def _bodies(station: Station, answer: Answer) -> list[tuple[int, int, str]]:
    if answer.data_time is None:
        return [(1, 1, ";".join(answer.items))]
    found = content.packets(station, answer.data_time, answer.items)
    return [(len(found), pno, body) for pno, body in enumerate(found, 1)]
