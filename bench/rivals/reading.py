"""What the servers of this folder have in common: a line of HJ 212 read and answered in Python.

Byte by byte CRC, split at the separators, a dictionary a frame: how most receivers in scripting
languages do it. Test: tests/bench/test_rivals.py.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

Values = dict[str, str]

ADDRESS = ("127.0.0.1", 0)  # this machine only, a free port


def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _table()


def crc(data: bytes) -> int:
    """HJ 212-2017, annex A."""
    register = 0xFFFF
    for byte in data:
        register = _TABLE[register >> 8 ^ byte]
    return register


def read(line: bytes) -> Values | None:
    """All fields of a frame without its line end, CP's too; None when it is no good frame."""
    if not line.startswith(b"##") or len(line) < 10:
        return None
    segment, printed = line[6:-4], line[-4:]
    if b"%04d" % len(segment) != line[2:6] or b"%04X" % crc(segment) != printed:
        return None
    head, _, content = segment.decode("ascii", "replace").partition("CP=&&")
    found: Values = {}
    for item in (head + content.removesuffix("&&")).replace(";", ",").split(","):
        name, separator, value = item.partition("=")
        if separator:
            found[name] = value
    return found


def answer(frame: Values) -> bytes:
    """9014."""
    segment = (
        f"QN={frame.get('QN', '')};ST=91;CN=9014;PW={frame.get('PW', '')};"
        f"MN={frame.get('MN', '')};Flag=4;CP=&&&&"
    ).encode()
    return b"##%04d%b%04X\r\n" % (len(segment), segment, crc(segment))


def ready(port: int) -> None:
    """Tell whoever started us."""
    print(f"ready port={port}", flush=True)


def until_input_ends(end: Callable[[], object]) -> None:
    """Call ``end``, from a thread, when standard input ends."""

    def watch() -> None:
        sys.stdin.read()
        end()

    threading.Thread(target=watch, daemon=True).start()
