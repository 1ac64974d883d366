"""Asks for hour means of the air and says which look wrong, by the settings of [review].

Tests: tests/cli/test_review_propose.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from aqi.factors import POLLUTANTS, code_of
from hj212d.cli.answers import Answers
from hj212d.cli.deciding import sites
from hj212d.cli.here import Here
from hj212d.cli.refusal import NO, Refusal
from hj212d.hub.decisions import proposing
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.site import Site


def proposals(
    here: Here, start: datetime, end: datetime, mns: Sequence[str]
) -> list[dict[str, Any]]:
    """Fields of marks, in order of MN; of all stations of the air where no MN is named."""
    if start >= end:
        raise Refusal("--from must be before --to")
    found = {row["mn"]: msgspec.convert(row, Site) for row in sites(here, medium="air")}
    for mn in mns:
        if mn not in found:
            raise Refusal(f"{mn} is no site of the air", NO)
    wanted = tuple(mns) or tuple(found)
    if not wanted:
        raise Refusal("no site of the air is known", NO)
    answers = Answers(here)
    table = answers.means(
        MeansQuestion(
            "hour",
            start.astimezone(UTC).replace(tzinfo=None),
            end.astimezone(UTC).replace(tzinfo=None),
            wanted,
            tuple(map(code_of, POLLUTANTS)),
            ("mean",),
        )
    )
    return proposing.proposals(table, found.__getitem__, answers.config.review)
