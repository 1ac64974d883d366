"""Draws bulletins up: asks about air quality, and makes records of the answers. Blocking.

Tests: tests/hub/bulletins/test_drafting.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from aqi.factors import POLLUTANTS
from aqi.means.calendar import start as start_of
from hj212d.hub.bulletins.content import Row, has_value, of_place, of_ranking
from hj212d.hub.bulletins.due import Span
from hj212d.hub.bulletins.settings import BulletinsSettings
from hj212d.hub.quality.places_asked import NoSuchPlace
from hj212d.hub.quality.questions import AqiQuestion, RankQuestion
from store.registry.decisions import BulletinRecord

_EPOCH = datetime(1970, 1, 1)


class Draft(NamedTuple):
    """A bulletin that was drawn up. ``empty``: nothing was measured."""

    record: BulletinRecord
    empty: bool


class Asked(Protocol):
    """Who answers about air quality (`Quality`)."""

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """AQI_ROWS."""

    def rank(self, question: RankQuestion) -> pa.Table:
        """RANK_ROWS."""


# Place -> the pollutants that are to be measured there.
Programmes = Callable[[str], Sequence[str]]


class Drafting:
    """``programmes``: gives those in force, for as long as one span takes."""

    def __init__(
        self, quality: Asked, programmes: Callable[[], Programmes] = lambda: lambda _: POLLUTANTS
    ) -> None:
        self._quality = quality
        self._programmes = programmes

    def drafts(
        self, span: Span, settings: BulletinsSettings, since_us: int | None = None
    ) -> list[Draft]:
        """The bulletins of a span. ``since_us``: of hours and days only those made of what came in
        then or later. None where no such place is known: not every hub hears stations of the
        air. StoreUnavailable, RegistryUnavailable."""
        try:
            if span.kind == "ranking":
                return list(self._ranking(span, settings))
            return list(self._of_places(span, settings, since_us))
        except NoSuchPlace:
            return []

    def _of_places(
        self, span: Span, settings: BulletinsSettings, since_us: int | None
    ) -> Iterator[Draft]:
        kind = span.kind
        assert kind != "ranking"
        places = settings.hour_places if kind == "hour" else settings.day_places
        if not places:
            return
        question = AqiQuestion(
            tuple(places), kind, _moment(span.start), _moment(span.end), settings.standard
        )
        seen = set()
        programme = self._programmes()
        rows = self._quality.aqi(question)
        if since_us is not None:
            rows = rows.filter(pc.greater_equal(rows["as_of"], pa.scalar(_moment(since_us))))
        for batch in rows.to_batches(10_000):
            for row in batch.to_pylist():
                key = row["place"], row["start"]
                if key not in seen:  # a place may be named twice: by itself and by its region
                    seen.add(key)
                    content = of_place(kind, row, programme(row["place"]))
                    yield Draft(_record(kind, row["place"], row, content), not has_value(row))

    def _ranking(self, span: Span, settings: BulletinsSettings) -> Iterator[Draft]:
        for places in settings.ranked:
            for begun in span.periods():
                day, behind = _moment(begun), _moment(begun) + timedelta(days=1)
                spans = {
                    "day": self._ranked(places, day, behind, settings),
                    "month": self._ranked(
                        places, _moment(start_of("month", begun)), behind, settings
                    ),
                }
                rows = spans["day"]
                if not rows:
                    continue
                content = of_ranking(places, settings.ranked_by, spans)
                latest = max(spans["day"] + spans["month"], key=_as_of)
                record = _record("ranking", places, rows[0] | {"as_of": latest["as_of"]}, content)
                yield Draft(record, all(row["rank"] is None for row in rows))

    def _ranked(
        self, places: str, start: datetime, end: datetime, settings: BulletinsSettings
    ) -> list[Row]:
        question = RankQuestion(
            (places,), start, end, key=settings.ranked_by, compare=False, events="with"
        )
        rows: list[Row] = self._quality.rank(question).to_pylist()
        # One standard and one region by what is asked; should there be more, the first is ours.
        first = [list(some) for _, some in groupby(rows, lambda row: row["standard"])]
        return first[0] if first else []


def _as_of(row: Row) -> datetime:
    return row["as_of"] or _EPOCH


def _record(kind: str, place: str, row: Row, content: str) -> BulletinRecord:
    return BulletinRecord(
        kind=kind,  # type: ignore[arg-type]
        place=place,
        start=row["start"].replace(tzinfo=UTC),
        content=content,
        digest=hashlib.sha256(content.encode()).hexdigest(),
        as_of=_as_of(row).replace(tzinfo=UTC),
    )


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
