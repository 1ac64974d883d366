"""What alerting knows of the past, on disk: one file, the old one or the new one, never half.

Whoever restores it and reads the journal on from its positions comes to the same signals again.
Tests: tests/hub/alerts/test_state_file.py.
"""

from __future__ import annotations

import logging
import struct
from pathlib import Path

import msgspec
from isal import isal_zlib
from isal.isal_zlib import crc32

from hj212d.hub.alerts.listening import Listening
from hj212d.journal.disk import Disk, replace_file

log = logging.getLogger(__name__)

FOLDER = "alerts"
FILE = "state"
VERSION = 1

_HEAD = struct.Struct("<8sII")  # magic, version, CRC-32 of what follows
_MAGIC = b"hj212al\0"
_LEVEL = 1  # quicker than 0 for columns of states: 78 ms instead of 91 for 100 MB, 15 MB for 21
_DISK = Disk()


class State(msgspec.Struct):
    """``positions``: lane -> where the journal is read on. ``links``: link -> the MNs on it.
    ``checks``, ``gate``, ``evaluator``: what these keep."""

    positions: dict[str, int] = {}
    listening: Listening = msgspec.field(default_factory=Listening)
    links: dict[int, list[str]] = {}
    checks: bytes = b""
    gate: bytes = b""
    evaluator: bytes = b""


def save(data_dir: Path, state: State) -> int:
    """Durable when this returns; its bytes. OSError from the disk."""
    body = isal_zlib.compress(msgspec.msgpack.encode(state), _LEVEL)
    path = data_dir / FOLDER / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(_DISK, path, _HEAD.pack(_MAGIC, VERSION, crc32(body)) + body)
    return len(body)


def load(data_dir: Path) -> State | None:
    """As it was saved; None when there is none. One that is damaged or of another version is moved
    aside, and alerting begins anew. OSError from the disk."""
    path = data_dir / FOLDER / FILE
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _decode(raw)
    except (ValueError, struct.error) as problem:
        set_aside(data_dir, str(problem))
        return None


def set_aside(data_dir: Path, why: str) -> None:
    """Keep a state that cannot be used for whoever wants to look at it."""
    path = data_dir / FOLDER / FILE
    aside = path.with_name(FILE + ".damaged")
    path.replace(aside)
    log.warning("event=alert_state_damaged moved_to=%s why=%r", aside, why)


def _decode(raw: bytes) -> State:
    magic, version, crc = _HEAD.unpack_from(raw)
    body = raw[_HEAD.size :]
    if magic != _MAGIC or version != VERSION:
        raise ValueError(f"it is no state of version {VERSION}")
    if crc32(body) != crc:  # whatever is behind it then was written by us
        raise ValueError("its checksum is wrong")
    return msgspec.msgpack.decode(isal_zlib.decompress(body), type=State)
