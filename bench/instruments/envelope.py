"""Frames of a station: header, Flag, CRC, encryption, and its habits on top.

Which bits and fields a version has: HJ/T 212-2005, HJ 212-2017 6.3, HJ 212-2025 A.2 (encryption).
Test: tests/bench/test_instruments.py.
"""

from __future__ import annotations

import msgspec

from bench.instruments import content, schedule
from bench.instruments.station import Habit, Station
from hj212d.wire import build, sm4

_VERSION_BITS = {"2005": 0, "2017": 4, "2025": 8}
ANSWER, SPLIT = 1, 2
NOTICES = ("1001", "1013", "1014", "9015")  # of the field; 9013 answers them
_ENCRYPTED = ("1014", "3020")  # beside the data (HJ 212-2025, 6.4.4)


class Upload(msgspec.Struct, frozen=True):
    """One frame as it goes out; resends within one exchange are the same bytes."""

    cn: str
    data_time: float
    qn: str
    raw: bytes
    reply_cn: str  # "9014", "9013", or "" when no answer is expected
    body: str = ""
    pnum: int = 1
    pno: int = 1
    rf: bool = False


def uploads(
    station: Station, what: schedule.Due, qns: list[str], *, rf: bool = False
) -> list[Upload]:
    """The packets of one upload, each with a QN of its own taken from the front of ``qns``."""
    bodies = content.packets(station, what.data_time, schedule.items(station, what))
    return [
        seal(station, what.cn, what.data_time, body, qns.pop(0), len(bodies), pno, rf=rf)
        for pno, body in enumerate(bodies, 1)
    ]


def heartbeat(station: Station, qn: str, now: float) -> Upload:
    """CN 9015 (2025), answered by 9013."""
    return seal(station, "9015", now, "", qn, 1, 1)


def resent(station: Station, upload: Upload, qn: str) -> Upload:
    """An upload that was kept and goes out again: 2025 in a new exchange with RF=1, before that
    as it was."""
    if station.version != "2025":
        return upload
    return seal(
        station,
        upload.cn,
        upload.data_time,
        upload.body,
        qn,
        upload.pnum,
        upload.pno,
        rf=True,
    )


def seal(
    station: Station,
    cn: str,
    data_time: float,
    body: str,
    qn: str,
    pnum: int = 1,
    pno: int = 1,
    *,
    rf: bool = False,
    answer: bool = True,
    st: str = "",
) -> Upload:
    """A frame of the station; ``answer``: it asks for one. ``st``: where it is not the station's
    own. Without ``qn`` none stands in the header."""
    anonymous = Habit.NO_QN in station.habits
    flag = _VERSION_BITS[station.version] | (ANSWER if answer else 0) | (SPLIT if pnum > 1 else 0)
    header = [
        f"QN={qn}" if qn and not anonymous else "",
        f"ST={st or station.st}",
        f"CN={cn}",
        f"PW={station.password}",
        f"MN={station.mn}",
        "" if anonymous else f"Flag={flag}",
        f"PNUM={pnum};PNO={pno}" if pnum > 1 else "",
        "RF=1" if rf else "",
    ]
    text = ";".join(filter(None, header)) + f";CP=&&{body}&&"
    raw = written(station, cn, text)
    reply_cn = "" if anonymous or not answer else "9013" if cn in NOTICES else "9014"
    return Upload(cn, data_time, qn, raw, reply_cn, body, pnum, pno, rf)


def written(station: Station, cn: str, text: str) -> bytes:
    """The bytes of a segment: length, CRC, cipher, and the habits of the station."""
    encoding = "gbk" if Habit.TEXT_GBK in station.habits else "utf-8"
    segment = text.encode(encoding)
    raw = build.frame(segment)
    if station.key and (cn.startswith("2") or cn in _ENCRYPTED):
        # Length and CRC stay those of the plain text (HJ 212-2025, A.2).
        raw = raw.replace(segment, sm4.encrypt_cp(segment, station.key), 1)
    if Habit.CRC_LOWER_CASE in station.habits:
        raw = raw[:-6] + raw[-6:].lower()
    if Habit.NO_LINE_END in station.habits:
        raw = raw[:-2]
    return raw
