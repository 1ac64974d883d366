"""Writes back what can be mended, and cuts torn tails. Tests: tests/journal/test_inspect.py."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import msgspec

from hj212d.journal import blocks
from hj212d.journal.blocks import Block
from hj212d.journal.checking import Finding, examine
from hj212d.journal.disk import Disk, own_like, write_all
from hj212d.journal.lanes import Extent, lanes, lock_lane
from hj212d.journal.recovery import keep_aside, truncate
from hj212d.journal.segment import HEADER_BYTES, encode_header
from hj212d.journal.survey import Progress, Steps, survey

_DISK = Disk()


class Repair(msgspec.Struct):
    """What ``repair`` did: places mended, tails cut (kept in ``damaged/``), what stays lost."""

    mended: list[Finding] = []
    cut: list[Path] = []
    lost: list[Finding] = []


def repair(journal_dir: Path, progress: Progress | None = None) -> Repair:
    """Turn flipped bits back in the files and cut torn tails off.

    A file is replaced by a repaired copy in one step. LaneBusy, before anything is changed, when
    a lane has a writer; OSError from the disk.
    """
    journal_dir = Path(journal_dir)
    result = Repair()
    with ExitStack() as stack:
        names = lanes(journal_dir)
        for name in names:
            stack.callback(os.close, lock_lane(journal_dir / name, patience_s=0.5))
        found = survey(journal_dir, owned=names)
        steps = Steps(found, progress)
        for lane in found:
            for index, extent in enumerate(lane.segments):
                mended: list[Block] = []
                findings: list[Finding] = []
                for seen in examine(lane, index, steps):
                    if isinstance(seen, Finding):
                        findings.append(seen)
                    elif seen.mended:
                        mended.append(seen)
                _apply(journal_dir, extent, mended, findings, result)
        steps.finish()
    return result


def _apply(
    journal_dir: Path,
    extent: Extent,
    mended: list[Block],
    findings: list[Finding],
    result: Repair,
) -> None:
    mendable = [finding for finding in findings if finding.mendable]
    if mendable:
        _write_back(extent, mended)
        result.mended += mendable
    for finding in findings:
        if finding.tail:
            copy = keep_aside(journal_dir, extent.path, finding.position, _DISK)
            truncate(extent.path, finding.position, _DISK)
            result.cut.append(copy)
        elif not finding.mendable:
            result.lost.append(finding)


def _write_back(extent: Extent, mended: list[Block]) -> None:
    """Replace a segment by a copy with whole header and blocks."""
    new = extent.path.with_name(extent.path.name + ".new")
    shutil.copyfile(extent.path, new)
    shutil.copystat(extent.path, new)
    own_like(new, extent.path)
    fd = os.open(new, os.O_RDWR | os.O_CLOEXEC)
    try:
        if extent.header and extent.header.mended:
            write_all(_DISK, fd, encode_header(extent.header), 0)
        for block in mended:
            whole = blocks.encode(block.body, block.count, block.offset, block.time_us)
            write_all(_DISK, fd, whole, HEADER_BYTES + block.offset - extent.base)
        _DISK.sync(fd)
    finally:
        os.close(fd)
    os.replace(new, extent.path)
    _DISK.sync_folder(extent.path.parent)
