"""A frame as one JSON object, its keys in a fixed order that programs rely on.

Tests: tests/cli/test_decode_command.py.
"""

from __future__ import annotations

from typing import Any

from hj212d.cli.times import iso_beijing
from hj212d.wire.frame import Frame


def as_object(frame: Frame, line: int = 0) -> dict[str, Any]:
    """The frame's keys; texts as they came, numbers that are missing as None.

    ``offset`` counts bytes in the line or, in a raw stream (``line`` 0), in the stream.
    ``data_time`` is ISO 8601 in Beijing time; PW is left out.
    """
    return {
        "ok": frame.ok,
        "reason": frame.reason.label,
        "offset": frame.offset,
        "declared_length": _known(frame.declared_length),
        "length": _known(frame.length),
        "crc": frame.crc,
        "crc_expected": frame.crc_expected,
        "version": frame.version,
        "qn": frame.qn,
        "st": frame.st,
        "cn": frame.cn,
        "mn": frame.mn,
        "flag": frame.flag,
        "pnum": frame.pnum,
        "pno": frame.pno,
        "cp": frame.cp,
        "factors": frame.factors,
        "repairs": frame.repairs.labels,
        "warnings": frame.warnings,
        "line": line or None,
        "rf": frame.rf,
        "encrypted": frame.encrypted,
        "data_time": iso_beijing(frame.data_time_us),
        "help": frame.reason.help,
    }


def _known(number: int) -> int | None:
    return None if number < 0 else number
