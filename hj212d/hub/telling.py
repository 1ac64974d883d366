"""Telling one worker of the devices: the whole overlay, then changes, in order, a piece a turn.

36,000 devices are some MB of JSON; a thousand at a time they hold the event loop up for a
millisecond or two. Tests: tests/hub/test_worker_desk.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from hj212d.wire.settings import DeviceSettings

PIECE = 1000

_ENCODER = msgspec.json.Encoder()


class _Overlay(msgspec.Struct, tag_field="op", tag="devices"):
    """As `link/hubwords.py` reads it."""

    devices: Sequence[DeviceSettings]
    more: bool


class _Changed(msgspec.Struct, tag_field="op", tag="device"):
    """As `link/hubwords.py` reads it."""

    device: DeviceSettings


class _Job(msgspec.Struct):
    """Devices to be told; ``whole``: they replace all that were told before."""

    devices: Sequence[DeviceSettings]
    whole: bool
    at: int = 0


class Telling:
    """What one worker is still to be told."""

    def __init__(self, clock: Any, write: Callable[[bytes], object]) -> None:
        self._clock = clock
        self._write = write
        self._jobs: deque[_Job] = deque()
        self._next: Any = None

    def overlay(self, devices: Sequence[DeviceSettings]) -> None:
        """Tell these instead of all that waits; an overlay that began is told to its end, because
        the worker knows an overlay by its last piece."""
        begun = self._jobs[0] if self._jobs and self._jobs[0].at else None
        self._jobs.clear()
        if begun is not None:
            self._jobs.append(begun)
        self._add(_Job(devices, whole=True))

    def changed(self, devices: Sequence[DeviceSettings]) -> None:
        """Tell that these are different, after all that waits."""
        if devices:
            self._add(_Job(devices, whole=False))

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be told."""
        return not self._jobs

    def stop(self) -> None:
        """The worker is gone."""
        self._jobs.clear()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _add(self, job: _Job) -> None:
        self._jobs.append(job)
        if self._next is None:
            self._tell()

    def _tell(self) -> None:
        """Write one piece, and come back for the next."""
        self._next = None
        job = self._jobs[0]
        piece = job.devices[job.at : job.at + PIECE]
        job.at += PIECE
        over = job.at >= len(job.devices)
        if job.whole:
            self._write(_ENCODER.encode(_Overlay(piece, not over)) + b"\n")
        else:
            self._write(_ENCODER.encode_lines([_Changed(device) for device in piece]))
        if over:
            self._jobs.popleft()
        if self._jobs:
            self._next = self._clock.callLater(0.0, self._tell)
