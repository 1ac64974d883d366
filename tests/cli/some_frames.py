"""A few frames of two stations, good and bad, and what they carry."""

from __future__ import annotations

from hj212d.wire import build, sm4

AIR, WATER = "AIR_0001", "WATER_0001"
KEY = b"0123456789abcdef"


def upload(mn: str, minute: int, cp: str, *, cn: str = "2011", st: str = "22") -> bytes:
    """A frame of 2017 that wants an answer, at a minute of 2026-05-01 in Beijing."""
    moment = f"2026050108{minute:02}00"
    return build.frame(
        build.segment(
            qn=f"{moment}000", st=st, cn=cn, pw="123456", mn=mn, flag=5,
            cp=f"DataTime={moment};{cp}",
        )
    )  # fmt: skip


AIR_REALTIME = [upload(AIR, n, f"a34004-Rtd={30 + n},a34004-Flag=N") for n in range(3)]
AIR_HOUR = upload(AIR, 0, "a34004-Min=1,a34004-Avg=2.5,a34004-Max=4,a34004-Flag=D", cn="2061")
WATER_REALTIME = upload(WATER, 0, "w01018-Rtd=40.10,w01018-Flag=N", st="32")
WRONG_CRC = WATER_REALTIME[:-6] + b"FFFF\r\n"
JUNK = b"\x1b[31mhello"

_PLAIN = build.segment(
    qn="20260501080500000", st="32", cn="2011", pw="123456", mn=WATER, flag=9,
    cp="DataTime=20260501080500;w01018-Rtd=77,w01018-Flag=N",
)  # fmt: skip
_FRAMED = build.frame(_PLAIN)
SEALED = _FRAMED[:6] + sm4.encrypt_cp(_PLAIN, KEY) + _FRAMED[6 + len(_PLAIN) :]

GOOD = [*AIR_REALTIME, AIR_HOUR, WATER_REALTIME]
ALL = b"".join([*GOOD, WRONG_CRC, SEALED, JUNK])
FRAMES = len(GOOD) + 3  # rows in the store
