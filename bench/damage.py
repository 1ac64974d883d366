"""What a power cut, a bad disk and a full disk do to a data folder. Only while nobody writes there
(``Ballast`` excepted). Test: tests/bench/test_damage.py.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from hj212d.journal import blocks
from hj212d.journal.lanes import DURABLE, lanes, segments
from hj212d.journal.mark import read_mark
from hj212d.journal.record import Kind, Record, encode
from hj212d.journal.segment import HEADER_BYTES

_TAIL_BYTES = 64 * 1024


def tear(journal: Path, random: Random) -> list[str]:
    """Make the end of each lane look like a write that a power cut stopped half-way.

    What is beyond the durable mark was promised to nobody: it is cut somewhere. Where nothing is,
    half a block is written. Tells what was done.
    """
    done = []
    for lane in lanes(journal):
        found = segments(journal / lane)
        if not found:
            continue
        base, path = found[-1]
        size = path.stat().st_size
        durable = read_mark(journal / lane / DURABLE) or base
        sure = min(size, HEADER_BYTES + max(0, durable - base))
        if size > sure:
            cut = random.randrange(sure, size)
            os.truncate(path, cut)
            done.append(f"{path.name} of lane {lane} cut from {size} to {cut} bytes")
            continue
        at = base + size - HEADER_BYTES
        half = _half_block(at, random)
        with open(path, "ab") as file:
            file.write(half)
        done.append(f"{path.name} of lane {lane}: {len(half)} bytes of half a block appended")
    return done


def _half_block(at: int, random: Random) -> bytes:
    """The beginning of a block as a writer would put it at this logical offset: often with a
    whole head, never with a whole body."""
    records = [
        encode(Record(Kind.FRAME, 0, 1, raw=b"##never acknowledged" + random.randbytes(200)))
        for _ in range(random.randrange(1, 50))
    ]
    block = blocks.encode(b"".join(records), len(records), at, 0)
    return block[: random.randrange(1, len(block))]


def flip(journal: Path, random: Random) -> str:
    """Flip one bit of a segment: half of the time near the end of a lane, where blocks wait for
    the store, else anywhere. Tells which; empty when there is no segment."""
    by_lane = [[path for _, path in segments(journal / lane)] for lane in lanes(journal)]
    paths = [path for each in by_lane for path in each]
    if not paths:
        return ""
    first = 0
    if random.random() < 0.5:
        path = random.choice([each[-1] for each in by_lane if each])
        first = max(0, path.stat().st_size - _TAIL_BYTES)
    else:
        path = random.choices(paths, [each.stat().st_size for each in paths])[0]
    at = random.randrange(first, path.stat().st_size)
    bit = random.randrange(8)
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))
    return (
        f"bit {bit} of byte {at} of {path.parent.name}/{path.name} ({path.stat().st_size} bytes)"
    )


class Ballast:
    """A file that takes what is left of a disk."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"

    def fill(self) -> int:
        """Write until the disk is full; bytes taken."""
        taken = 0
        with open(self._path, "wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        taken += file.write(bytes(size))
                except OSError:
                    continue
        return taken

    def drop(self) -> None:
        """Give the room back."""
        self._path.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of that size at ``folder`` (tmpfs); PermissionError unless we may mount."""
    if os.geteuid() != 0:
        raise PermissionError("a small disk needs root: mount -t tmpfs")
    folder.mkdir(parents=True, exist_ok=True)
    options = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "hj212d-bench", str(folder)]
    made = subprocess.run(options, capture_output=True, text=True, check=False)
    if made.returncode:
        raise PermissionError(f"a small disk cannot be mounted: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
