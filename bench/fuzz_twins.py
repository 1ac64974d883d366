"""What ``python -m bench fuzz --twins`` runs: the compiled codec against its Python twin.

Mutated streams show that both cut alike, but a changed byte rarely leaves the CRC fitting. So half
of the inputs are segments that were changed first and then sealed with the right length and CRC:
these come to the header and the content. Tests: tests/wire/test_twins.py.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from bench import fuzz, twins
from hj212d.wire import build
from hj212d.wire.frame import Device

_HEADERS = ("QN=", "ST=22", "CN=", "PW=123456", "MN=", "Flag=", "PNUM=", "PNO=", "RF=1")
_CNS = ("2011", "2011", "2051", "2061", "2031", "1013", "3020", "9015", "9014", "9011")
_QNS = ("20260601120000123", "20190601120000123", "20260601120000", "", "2026060112000012x")
_MNS = ("FUZZ0001", "010000A8900016F000169DC0", "M-1", "", "a b", "A" * 64, "A" * 65)
_FLAGS = ("4", "5", "8", "9", "0", "3", "12", "255", "256", "", "x")
_TIMES = (
    *("20260601120000", "20260601120000", "20260229000000", "20240229235959", "00010101000000"),
    *("20260601120000123", "2026060112000", "20261301000000", "20260601240000", ""),
)
_CODES = ("a34004", "a21026", "w01018", "011", "B01", "L5", "a-b", "i1", "LA_long_code", "e")
_SUFFIXES = ("Rtd", "Flag", "Min", "Avg", "Max", "Cou", "ZsRtd", "SampleTime", "x" * 33)
_FIELDS = ("PolId", "QN", "PNUM", "PNO", "Flag", "RestartTime", "SystemTime", "CTime", "QnRtn")
_VALUES = (
    *("N", "1", "2", "0.05", "-1.5", "1e5", "+.5", "5.", "", "--", "NaN", "1_0", "inf", "0x1"),
    *("179.123456789012345678", "1e400", "//x//", "清", "a b", "9007199254740993"),
)


def work(job: tuple[int, int, float | None]) -> fuzz.Done:
    """One process's share."""
    compiled = twins.compiled()
    if compiled is None:
        raise RuntimeError("the compiled codec is not built")
    comparison = twins.Comparison(compiled)
    done = fuzz.work_with(
        job,
        lambda stream, sizes, device: see_to(comparison, stream, sizes, device),
        lambda rng, streams: (fuzz.mutate if rng.random() < 0.5 else sealed)(rng, streams),
    )
    return done._replace(counts=dict(comparison.counts))


def see_to(
    comparison: twins.Comparison, stream: bytes, sizes: Sequence[int], device: Device
) -> None:
    """:class:`fuzz.Failure` says what the two make differently."""
    if difference := comparison.difference(stream, sizes, device, fuzz.MAX_SEGMENT_BYTES):
        raise fuzz.Failure(difference)


def sealed(rng: random.Random, streams: Sequence[bytes]) -> bytes:
    """One to three frames with right lengths and CRCs around segments that may be anything."""
    parts = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        if rng.random() < 0.5:
            segment = _segment(rng).encode()
        else:
            segment = rng.choice(streams)[6:].rstrip(b"\r\n")[:-4]
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            segment = rng.choice(fuzz.MUTATIONS)(rng, segment, streams)
        parts.append(build.frame(segment[:9000]))
        parts.append(rng.choice((b"", b"", b"\n", b"\0 ")))
    return b"".join(parts)


def _segment(rng: random.Random) -> str:
    """A segment that is plain more often than not."""
    fields = {
        "QN=": rng.choice(_QNS),
        "CN=": rng.choice(_CNS),
        "MN=": rng.choice(_MNS) if rng.random() < 0.3 else _MNS[0],
        "Flag=": rng.choice(_FLAGS) if rng.random() < 0.3 else "5",
        "PNUM=": rng.choice(("1", "2", "12345", "0", "123456")),
        "PNO=": rng.choice(("1", "1", "2", "x")),
    }
    left_out = ("PNUM=", "PNO=", "RF=1") if rng.random() < 0.8 else (rng.choice(_HEADERS),)
    header = [name + fields.get(name, "") for name in _HEADERS if name not in left_out]
    if rng.random() < 0.05:
        rng.shuffle(header)
    return ";".join((*header, f"CP=&&{_content(rng)}&&"))


def _content(rng: random.Random) -> str:
    groups = []
    if rng.random() < 0.9:
        groups.append("DataTime=" + (rng.choice(_TIMES) if rng.random() < 0.3 else _TIMES[0]))
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        groups.append(f"{rng.choice(_FIELDS)}={rng.choice(_VALUES)}")
    for code in rng.choices(_CODES, k=rng.choice((0, 1, 2, 3, 6))):
        suffixes = rng.sample(_SUFFIXES[: rng.choice((2, 8, 9))], k=rng.choice((1, 1, 2)))
        groups.append(",".join(f"{code}-{suffix}={_value(rng)}" for suffix in suffixes))
    return (";" if rng.random() < 0.98 else ",").join(groups)


def _value(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return rng.choice(_VALUES)
    if rng.random() < 0.1:
        return repr(rng.uniform(-1, 1) * 10.0 ** rng.randrange(-30, 30))
    return f"{rng.uniform(-1000, 1000):.{rng.randrange(7)}f}"
