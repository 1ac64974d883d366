"""Requests of the control socket about means. Tests: tests/hub/means/test_means_desk.py."""

from __future__ import annotations

from aqi.means.calendar import Level
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.requests import Request
from hj212d.hub.times import parse


class Means(Request):
    """Means, as a table; a period that overlaps start to end is answered whole. ``mns``,
    ``factors``, ``stats`` None: all; ``region``: stations whose region begins so."""

    level: Level
    start: str
    end: str
    mns: tuple[str, ...] | None = None
    region: str = ""
    factors: tuple[str, ...] | None = None
    stats: tuple[str, ...] | None = None
    computed_only: bool = False
    reported_only: bool = False

    def meaning(self, mns: tuple[str, ...] | None) -> MeansQuestion:
        """The question about some stations; ValueError when a bound is no time."""
        return MeansQuestion(
            self.level,
            parse(self.start),
            parse(self.end),
            mns,
            self.factors,
            self.stats,
            self.computed_only,
            self.reported_only,
        )


class MeansRecompute(Request, tag="means_recompute"):
    """Make hours and days anew, of all stations where ``mns`` is None; answers how many hours
    that are, the work is done behind everything else."""

    start: str
    end: str
    mns: tuple[str, ...] | None = None
