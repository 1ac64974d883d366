"""What is in the journal: lanes, segments, readers. Tests: tests/journal/test_inspect.py."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hj212d.journal import cursors
from hj212d.journal.blocks import Head, skim
from hj212d.journal.lanes import Extent
from hj212d.journal.segment import SegmentFile
from hj212d.journal.survey import LaneSurvey, Progress, Steps, survey


class SegmentListing(msgspec.Struct, frozen=True):
    """A segment. ``end``: logical offset behind its data; times of writing of its first and last
    block, UTC microseconds, None without blocks."""

    path: Path
    base: int
    end: int
    file_bytes: int
    blocks: int
    records: int
    first_us: int | None
    last_us: int | None


class ReaderListing(msgspec.Struct, frozen=True):
    """Where a reader stands in a lane, and how many bytes it has not read."""

    position: int
    lag_bytes: int


class LaneListing(msgspec.Struct, frozen=True):
    """A lane. ``live``: a writer has it; ``durable``: its mark."""

    lane: str
    live: bool
    durable: int | None
    segments: list[SegmentListing]
    readers: dict[str, ReaderListing]


def ls(journal_dir: Path, progress: Progress | None = None) -> list[LaneListing]:
    """All lanes with their segments and readers. Reads the heads of the blocks, not the bodies."""
    journal_dir = Path(journal_dir)
    found = survey(journal_dir)
    readers = cursors.positions(journal_dir)
    steps = Steps(found, progress)
    listing = [
        LaneListing(
            lane.name,
            lane.live,
            lane.durable,
            _segments(lane, steps),
            {
                name: _reader(lane, positions.get(lane.name, 0))
                for name, positions in readers.items()
            },
        )
        for lane in found
    ]
    steps.finish()
    return listing


def _reader(lane: LaneSurvey, position: int) -> ReaderListing:
    lag = sum(max(0, extent.end - max(extent.base, position)) for extent in lane.segments)
    return ReaderListing(position, lag)


def _segments(lane: LaneSurvey, steps: Steps) -> list[SegmentListing]:
    found = []
    for extent in lane.segments:
        try:
            segment = SegmentFile(extent.path)
        except FileNotFoundError:  # retention was here
            continue
        with segment:
            found.append(_segment(segment, extent, steps))
    return found


def _segment(segment: SegmentFile, extent: Extent, steps: Steps) -> SegmentListing:
    blocks = records = 0
    first_us = last_us = None
    for found in skim(segment.window(extent.end), extent.base):
        steps.add(found.end - (found.offset if isinstance(found, Head) else found.position))
        if isinstance(found, Head):
            blocks += 1
            records += found.count
            first_us = found.time_us if first_us is None else first_us
            last_us = found.time_us
    return SegmentListing(
        extent.path,
        extent.base,
        extent.end,
        extent.file_bytes,
        blocks,
        records,
        first_us,
        last_us,
    )
