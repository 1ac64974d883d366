"""How far each reader has come, on disk: one small JSON file a reader.

``{"lanes": {"0": 4711}, "crc32": 12345}``; the checksum is over the compact JSON of ``lanes`` with
sorted keys. A flipped bit is turned back. A file damaged beyond that is moved aside and the
reader starts at the beginning: reading twice is safe, skipping is not.
Tests: tests/journal/test_cursors.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from isal.isal_zlib import crc32

from hj212d.journal.disk import Disk, replace_file
from hj212d.journal.lanes import CURSORS

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_DAMAGED_SUFFIX = ".damaged"
_DISK = Disk()

_Position = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _Saved(msgspec.Struct, forbid_unknown_fields=True):
    lanes: dict[str, _Position]
    crc32: int


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(_Saved)


def save(journal_dir: Path, name: str, positions: Mapping[str, int]) -> None:
    """Keep lane -> position for the reader ``name``, durable when this returns.

    ValueError for a name that is no plain file name; OSError from the disk.
    """
    path = _path(journal_dir, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    lanes = dict(positions)
    replace_file(_DISK, path, _encoder.encode(_Saved(lanes, _crc(lanes))))


def load(
    journal_dir: Path, name: str, report: Callable[[str], None] | None = None
) -> dict[str, int]:
    """Lane -> position of the reader ``name``; a lane that is missing was never read.

    A file damaged beyond mending is moved aside (``damaged`` lists it), ``report`` gets a sentence
    about it, and the answer is empty.
    """
    path = _path(journal_dir, name)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    lanes = _parse(raw)
    if lanes is not None:
        return lanes
    aside = path.with_name(path.name + _DAMAGED_SUFFIX)
    path.replace(aside)
    if report:
        report(f"cursor {name} is damaged, it was moved to {aside} and {name} starts anew")
    return {}


def positions(journal_dir: Path) -> dict[str, dict[str, int]]:
    """Reader -> lane -> position for all readers that ever saved. A reader whose file is damaged
    has read nothing. Changes nothing on disk."""
    found: dict[str, dict[str, int]] = {}
    for path in sorted((journal_dir / CURSORS).glob("*.json")):
        try:
            found[path.stem] = _parse(path.read_bytes()) or {}
        except FileNotFoundError:
            continue
    for path in damaged(journal_dir):
        found.setdefault(path.name.removesuffix(".json" + _DAMAGED_SUFFIX), {})
    return found


def damaged(journal_dir: Path) -> list[Path]:
    """Cursor files that were moved aside."""
    return sorted((journal_dir / CURSORS).glob("*.json" + _DAMAGED_SUFFIX))


def _path(journal_dir: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a reader")
    return journal_dir / CURSORS / f"{name}.json"


def _crc(lanes: dict[str, int]) -> int:
    return crc32(_encoder.encode(lanes))


def _parse(raw: bytes) -> dict[str, int] | None:
    """The positions, with a single flipped bit turned back; None when nothing fits."""
    lanes = _exact(raw)
    if lanes is not None:
        return lanes
    # The file is small, so that every flip can be tried.
    candidate = bytearray(raw)
    for bit in range(8 * len(raw)):
        candidate[bit // 8] ^= 1 << bit % 8
        lanes = _exact(bytes(candidate))
        if lanes is not None:
            return lanes
        candidate[bit // 8] ^= 1 << bit % 8
    return None


def _exact(raw: bytes) -> dict[str, int] | None:
    try:
        saved = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return saved.lanes if saved.crc32 == _crc(saved.lanes) else None
