"""Is the journal whole? Reads every byte, changes nothing.

Tests: tests/journal/test_inspect.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from hj212d.journal import cursors
from hj212d.journal.blocks import Block, walk
from hj212d.journal.lanes import Extent
from hj212d.journal.segment import HEADER_BYTES, SegmentFile
from hj212d.journal.survey import LaneSurvey, Progress, Steps, survey


class Finding(msgspec.Struct, frozen=True):
    """A damaged place. ``mendable``: a single flipped bit, which readers turn back as they read.
    ``tail``: it reaches the end of its lane, as a torn block does."""

    lane: str
    path: Path
    position: int
    bytes: int
    what: str
    mendable: bool = False
    tail: bool = False


class Check(msgspec.Struct):
    """What ``check`` saw."""

    segments: int = 0
    blocks: int = 0
    records: int = 0
    bytes: int = 0
    findings: list[Finding] = []
    damaged_cursors: list[Path] = []

    @property
    def ok(self) -> bool:
        """Nothing is damaged."""
        return not self.findings and not self.damaged_cursors


def check(journal_dir: Path, progress: Progress | None = None) -> Check:
    """Read every block and tell what is damaged; of a lane with a writer, what is durable."""
    journal_dir = Path(journal_dir)
    found = survey(journal_dir)
    steps = Steps(found, progress)
    result = Check(damaged_cursors=cursors.damaged(journal_dir))
    for lane in found:
        for index, extent in enumerate(lane.segments):
            result.segments += 1
            result.bytes += extent.file_bytes
            for seen in examine(lane, index, steps):
                if isinstance(seen, Finding):
                    result.findings.append(seen)
                else:
                    result.blocks += 1
                    result.records += seen.count
    steps.finish()
    return result


def examine(lane: LaneSurvey, index: int, steps: Steps) -> Iterator[Block | Finding]:
    """The whole blocks of a segment and the damage in it; a block that a reader would mend comes
    as a finding and then as a block."""
    extent = lane.segments[index]
    last = index + 1 == len(lane.segments)
    try:
        segment = SegmentFile(extent.path)
    except FileNotFoundError:  # retention was here
        return
    with segment:
        yield from _header(lane.name, extent)
        if index:
            yield from _missing(lane.name, lane.segments[index - 1], extent)
        for found in walk(segment.window(extent.end), extent.base):
            if isinstance(found, Block):
                steps.add(found.end - found.offset)
                size = found.end - found.offset
                try:
                    found.records()
                except ValueError as error:
                    yield Finding(lane.name, extent.path, found.offset, size, str(error))
                    continue
                if found.mended:
                    yield Finding(
                        lane.name, extent.path, found.offset, size, "flipped bit", mendable=True
                    )
                yield found
            else:
                steps.add(found.bytes)
                tail = last and found.end >= extent.end
                yield Finding(
                    lane.name, extent.path, found.position, found.bytes, found.what, tail=tail
                )


def _header(lane: str, extent: Extent) -> Iterator[Finding]:
    header = extent.header
    if header is None:
        what, mendable = "no header of this segment", False
    elif header.mended:
        what, mendable = "flipped bit in the header", True
    else:
        return
    yield Finding(lane, extent.path, extent.base, HEADER_BYTES, what, mendable)


def _missing(lane: str, before: Extent, extent: Extent) -> Iterator[Finding]:
    """What the header of a segment says was there before it, and is not."""
    header = extent.header
    if header and header.previous_end > before.end:
        count = header.previous_end - before.end
        yield Finding(lane, before.path, before.end, count, f"{count} bytes are missing")
