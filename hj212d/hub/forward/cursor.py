"""How far a target has come: a place in each lane, that outlives a kill -9 at any moment.

Two slots in a mapped file, each with its checksum; each advance writes the older one, which is a
write to memory. The file is synced by whoever calls ``sync``; what a power cut takes of it is sent
once more. ``keep`` tells retention what is unread. Tests: tests/hub/forward/test_forward_place.py.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Mapping
from pathlib import Path

from isal.isal_zlib import crc32

from hj212d.journal import cursors
from hj212d.journal.disk import Disk, write_all
from hj212d.journal.lanes import DURABLE, extents, lanes
from hj212d.journal.mark import read_mark

FILE = "place"
_SLOT_BYTES = 8192
# checksum of all that follows up to the last entry, number of entries, number of this writing
_HEAD = struct.Struct("<IIQ")
_ENTRY = struct.Struct("<24sq")  # lane, position
MOST_LANES = (_SLOT_BYTES - _HEAD.size) // _ENTRY.size
_DISK = Disk()


def reader_name(target: str) -> str:
    """The name under which retention knows a target."""
    return f"forward-{target}"


def beginning(journal_dir: Path, start: str) -> dict[str, int]:
    """Where a target begins that was never heard of: behind what is there ("now"), or with it
    ("oldest")."""
    if start == "oldest":
        return dict.fromkeys(lanes(journal_dir), 0)
    return {lane: _end(journal_dir / lane) for lane in lanes(journal_dir)}


class Progress:
    """A target's place, of what is done. ``sync`` and ``keep`` may run in one other thread.

    ``folder``: DATA/forward/NAME, made when it is not there. OSError when it cannot be.
    """

    def __init__(self, folder: Path, journal_dir: Path, target: str) -> None:
        self._journal_dir = journal_dir
        self._target = target
        self._writing = 0
        self._dirty = False
        folder.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        if os.fstat(self._fd).st_size != 2 * _SLOT_BYTES:
            write_all(_DISK, self._fd, bytes(2 * _SLOT_BYTES), 0)
            _DISK.truncate(self._fd, 2 * _SLOT_BYTES)
            _DISK.sync(self._fd)
            _DISK.sync_folder(folder)
        self._map = mmap.mmap(self._fd, 2 * _SLOT_BYTES)
        self._positions: dict[str, int] = {}
        self.known = self._load()

    @property
    def positions(self) -> dict[str, int]:
        """Lane -> position behind which nothing is done."""
        return dict(self._positions)

    def begin(self, start: str) -> None:
        """Take the place of a target that was never heard of; nothing when there is one."""
        if self.known:
            return
        self._positions = beginning(self._journal_dir, start)
        self._write()
        self.known = True
        self.sync()
        self.keep()

    def advance(self, lane: str, position: int) -> None:
        """All before ``position`` is done. Survives the end of this process at once."""
        if position > self._positions.get(lane, -1):
            self._positions[lane] = position
            self._write()

    def sync(self) -> None:
        """What was advanced survives a power cut, too. Blocks; OSError from the disk."""
        if self._dirty:
            self._dirty = False
            self._map.flush()

    def keep(self, floors: Mapping[str, int] | None = None) -> None:
        """Tell retention what may go. ``floors``: what was given up although it is not done.
        Blocks; OSError from the disk."""
        kept = dict(self._positions)
        if floors:
            kept = {
                lane: max(kept.get(lane, 0), floors.get(lane, 0))
                for lane in kept.keys() | floors.keys()
            }
        cursors.save(self._journal_dir, reader_name(self._target), kept)

    def close(self) -> None:
        """Sync and give the mapping back."""
        try:
            self.sync()
        finally:
            self._map.close()
            os.close(self._fd)

    def _load(self) -> bool:
        """Read the newest whole slot; else what retention was told last."""
        found = [self._slot(at) for at in (0, 1)]
        whole = [slot for slot in found if slot is not None]
        if whole:
            self._writing, self._positions = max(whole, key=lambda slot: slot[0])
            return True
        self._positions = cursors.load(self._journal_dir, reader_name(self._target))
        return bool(self._positions)

    def _slot(self, at: int) -> tuple[int, dict[str, int]] | None:
        raw = self._map[at * _SLOT_BYTES : (at + 1) * _SLOT_BYTES]
        checksum, count, writing = _HEAD.unpack_from(raw)
        end = _HEAD.size + count * _ENTRY.size
        if not writing or count > MOST_LANES or crc32(raw[4:end]) != checksum:
            return None
        entries = _ENTRY.iter_unpack(raw[_HEAD.size : end])
        return writing, {lane.rstrip(b"\0").decode(): position for lane, position in entries}

    def _write(self) -> None:
        """Write the older slot. A half one is told by its checksum, and the other one stands."""
        if len(self._positions) > MOST_LANES:
            raise ValueError(f"a place holds {MOST_LANES} lanes")
        self._writing += 1
        rest = struct.pack("<IQ", len(self._positions), self._writing) + b"".join(
            [_ENTRY.pack(lane.encode(), at) for lane, at in self._positions.items()]
        )
        at = (self._writing & 1) * _SLOT_BYTES
        self._map[at : at + 4 + len(rest)] = struct.pack("<I", crc32(rest)) + rest
        self._dirty = True


def forget(journal_dir: Path, target: str) -> None:
    """Let retention go on without a target that is no more."""
    path = journal_dir / "cursors" / f"{reader_name(target)}.json"
    path.unlink(missing_ok=True)


def _end(lane_dir: Path) -> int:
    mark = read_mark(lane_dir / DURABLE)
    if mark is not None:
        return mark
    found = extents(lane_dir)
    return found[-1].end if found else 0
