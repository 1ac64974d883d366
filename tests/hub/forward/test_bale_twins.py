"""The compiled bales and the Python ones are equal, whatever the journal holds."""

from __future__ import annotations

import random
from typing import Any

import pytest
from feed_rig import NOON_US, NOT_COMPILED, body, compiled, frame, received, rules

from bench.corpus import cases
from hj212d.hub.forward import bales, baling, dedup
from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.reading import Counters
from hj212d.journal.record import Kind, Record
from hj212d.wire import build, codec
from hj212d.wire.frame import Device

pytestmark = NOT_COMPILED

WANTED: list[dict[str, Any]] = [
    {},
    {"mn": ["0*", "M-1"], "cn": ["2011", "2061"]},
    {"not_mn": ["*0"], "st": ["32", "22"]},
    {"set_mn": ["M-1=OTHER"], "set_pw": "1"},
]


def both(records: list[Record], wanted: dict[str, Any], room: int = 3000) -> list[Bale]:
    """The bales that both make, one after the other."""
    made: list[tuple[list[Bale], Counters]] = []
    for baler, recent in (
        (baling.Baler, dedup.Recent),
        (compiled.Baler, compiled.Recent),
    ):
        one = baler(rules(**wanted), recent(50), recent(50), lambda _: Device())
        block, at, found = body(records), 0, []
        while at < len(block):
            at = one.add(12345, block, at, room)
            found.append(one.bale("0"))
        made.append((found, one.counters))
    assert made[0] == made[1]
    return made[0][0]


@pytest.mark.parametrize("wanted", WANTED)
def test_the_corpus_becomes_the_same(wanted: dict[str, Any]) -> None:
    """Each piece of it with its verdict, and once more as if it had been good."""
    records = []
    for case in cases():
        cutter = codec.Cutter(case.max_segment_bytes)
        for cut in cutter.feed(case.stream) + cutter.expire():
            one = codec.decode(cut, case.device)
            record = Record(Kind.FRAME, NOON_US, 1, one.reason, int(one.repairs), b"", cut.raw)
            records.append(record)
            if not one.ok:
                records.append(received(cut.raw, marks=int(one.repairs)))
    assert sum(bale.count for bale in both(records, wanted)) > (5 if wanted else 50)


@pytest.mark.parametrize("wanted", WANTED)
def test_generated_and_damaged_frames_become_the_same(wanted: dict[str, Any]) -> None:
    """Fields of the header missing, odd or changed; some frames twice, some damaged."""
    rng = random.Random(212)
    records: list[Record] = []
    for number in range(600):
        fields: dict[str, Any] = {
            "qn": rng.choice(["", f"20260601{number:09d}", "20260601", "2026060112000012x"]),
            "st": rng.choice(["32", "22", "91", "", "321"]),
            "cn": rng.choice(["2011", "2051", "2061", "1013", "9014", "9015", "3020", "2999"]),
            "flag": rng.choice([None, 0, 1, 4, 5, 8, 9, 255]),
        }
        mn = rng.choice(["M-1", "0" * 24, "A" * 64, "B0"])
        raw = frame(number, mn, **fields)
        if rng.random() < 0.2:
            changed = bytearray(raw[6:-4])
            changed[rng.randrange(len(changed))] = rng.choice(b"#&=;,-0159AMN \xe6")
            raw = build.frame(bytes(changed)).removesuffix(b"\r\n")
        records.append(received(raw, NOON_US + number, meta=b"m" * rng.choice([0, 0, 3])))
        if rng.random() < 0.2:
            records.append(rng.choice(records[-60:]))
        if rng.random() < 0.1:
            records.append(Record(Kind.LINK_CLOSED, NOON_US + number, 1, meta=b"{}"))
    both(records, wanted)


def test_the_seam_takes_the_compiled_one() -> None:
    """Where it is built and not forbidden."""
    expected = compiled if codec.NAME == "compiled" else baling
    assert bales.Baler is expected.Baler
