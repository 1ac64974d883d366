"""Analysis as the API sees it: :class:`admin.analysis_api.Analysis` in the page threads.

Tests: tests/hub/analysis/test_analysis_api.py.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from admin.commands import Declined
from admin.source import NotAvailable, Row
from hj212d.hub.analysis import asking
from hj212d.hub.analysis.answer_rows import Answer, object_of
from hj212d.hub.analysis.questions import (
    CalendarQuestion,
    PatternQuestion,
    PolarQuestion,
    Question,
    RoseQuestion,
    ShareQuestion,
    TrendQuestion,
)
from hj212d.hub.analysis.trend_asking import trend_of
from hj212d.hub.analysis.values import Source
from hj212d.hub.means.asking import Means
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.slow_work import Busy, SlowWork, TookTooLong
from hj212d.hub.times import parse
from store.registry.errors import RegistryUnavailable
from store.timeseries import StoreUnavailable

QUESTIONS: dict[str, type[Question]] = {
    "rose": RoseQuestion,
    "polar": PolarQuestion,
    "patterns": PatternQuestion,
    "share": ShareQuestion,
    "calendar": CalendarQuestion,
    "trend": TrendQuestion,
}
_LATER = "请稍后再试 · "


class HubSource:
    """The hub's own means and air quality, in a thread that may block."""

    def __init__(self, means: Means, quality: Quality) -> None:
        self._means = means
        self._quality = quality

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """AQI_ROWS."""
        return self._quality.aqi(question)

    def means(self, question: MeansQuestion) -> pa.Table:
        """MEANS."""
        return self._means.table(question)


class ApiWindow:
    """What the API may ask."""

    def __init__(self, source: Source, slow: SlowWork) -> None:
        self._source = source
        self._slow = slow

    def answer(self, what: str, asked: dict[str, Any]) -> Row:
        """Head and rows. Declined says what is wrong with the question, NotAvailable that it is
        to be asked again."""
        question = _question(what, asked)
        try:
            return self._slow.call(lambda: object_of(answered(self._source, question)))
        except ValueError as problem:
            raise Declined(str(problem), "place") from problem
        except (Busy, TookTooLong, StoreUnavailable, RegistryUnavailable) as problem:
            raise NotAvailable(f"{_LATER}{problem}") from problem


def answered(source: Source, question: Question) -> Answer:
    """The answer to a question of any kind; blocks. ValueError."""
    match question:
        case RoseQuestion():
            return asking.rose(source, question)
        case PolarQuestion():
            return asking.polar(source, question)
        case PatternQuestion():
            return asking.pattern(source, question)
        case ShareQuestion():
            return asking.share(source, question)
        case CalendarQuestion():
            return asking.calendar(source, question)
        case TrendQuestion():
            return trend_of(source, question)


def _question(what: str, asked: dict[str, Any]) -> Question:
    if what not in QUESTIONS:
        raise Declined(f"there is {', '.join(QUESTIONS)}", "what")
    said = dict(asked)
    for name in ("start", "end"):
        try:
            said[name] = parse(str(said.get(name, "")))
        except ValueError as problem:
            word = "from" if name == "start" else "to"
            raise Declined(f"{word}: {problem}", word) from problem
    try:
        found: Question = msgspec.convert(said, QUESTIONS[what], strict=False)
    except msgspec.ValidationError as fault:
        sentence, _, place = str(fault).partition(" - at `$.")
        field = place.rstrip("`").partition("[")[0] or "place"
        raise Declined(f"{field}: {sentence}", field) from fault
    return found
