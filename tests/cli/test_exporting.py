"""Many rows are asked for in pieces that fit memory, all of them once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa

from hj212d.cli.exporting import means, samples, spans
from hj212d.hub.means.question import MeansQuestion
from store.timeseries import SampleQuery

START = datetime(2026, 10, 1)
DAY = timedelta(days=1)


def test_spans() -> None:
    """Without gap or overlap, the last one shorter."""
    assert spans(START, START + 2.5 * DAY, DAY) == [
        (START, START + DAY),
        (START + DAY, START + 2 * DAY),
        (START + 2 * DAY, START + 2.5 * DAY),
    ]


def test_samples() -> None:
    """Station by station, day by day, factor by factor; how far is told."""
    asked: list[SampleQuery] = []
    told: list[tuple[int, int]] = []

    def ask(query: SampleQuery) -> pa.Table:
        asked.append(query)
        return pa.table({"mn": [query.mn]})

    pieces = samples(
        ask, ["A", "B"], ["x", "y"], "realtime", START, START + 2 * DAY,
        lambda _, *at: told.append(at),
    )  # fmt: skip
    assert len(list(pieces)) == 8
    assert (asked[0].mn, asked[0].factor, asked[0].end) == ("A", "x", START + DAY)
    assert told[-1] == (8, 8)


def test_means() -> None:
    """Hours day by day, months at once."""
    asked: list[MeansQuestion] = []

    def ask(question: MeansQuestion) -> pa.Table:
        asked.append(question)
        return pa.table({"mn": ["A"]})

    list(means(ask, None, [], "hour", START, START + 3 * DAY, lambda *_: None))
    assert [one.end - one.start for one in asked] == [DAY] * 3
    asked.clear()
    list(means(ask, ["A"], ["x"], "month", START, START + 90 * DAY, lambda *_: None))
    assert [(one.mns, one.factors, one.end - one.start) for one in asked] == [
        (("A",), ("x",), 90 * DAY)
    ]
