"""The devices that have gaps or are to be looked at, in memory: what was seen, what is next.

Tests: tests/hub/completeness/test_filling.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from hj212d.hub.completeness.book import figures
from hj212d.hub.completeness.fill import Patience
from store.registry.records import GapRecord


class Patient(msgspec.Struct):
    """A device with gaps, or one that is to be looked at. ``settled``: it is asked, for what is
    missing did not become less by itself. ``back_us``: when it spoke again, while it is watched
    for that."""

    mn: str
    due_us: int | None = None
    back_us: int | None = None
    settled: bool = False
    lacked: int | None = None
    lacked_us: int = 0
    gaps: list[GapRecord] = []
    interval_s: dict[str, int] = {}
    patience: Patience = Patience()
    asking: bool = False


class Patients(dict[str, Patient]):
    """MN -> patient. ``figures``: what the gaps of all of them come to, kept as they change."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: Counter[str] = Counter()

    def of(self, mn: str) -> Patient:
        """The patient; a new one when there was none."""
        if mn not in self:
            self[mn] = Patient(mn)
        return self[mn]

    def take(self, patient: Patient, gaps: Sequence[GapRecord]) -> None:
        """The gaps of a device are these now."""
        self.figures.subtract(figures(patient.gaps))
        self.figures.update(figures(gaps))
        patient.gaps = list(gaps)
