"""How complete the data of devices are: the store's counts, and what was to be expected of them.

Blocking; for a thread of the hub, or for a command when no hub runs.
Tests: tests/hub/completeness/test_completeness_reckoning.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hj212d.hub.completeness import rates
from hj212d.hub.completeness.expected import DAY_US, SECOND_US, Rhythm, Times, day_of
from hj212d.hub.completeness.gaps import missing
from hj212d.hub.completeness.rates import By, Known, Span
from hj212d.hub.completeness.rhythms import rhythms, said_by, utc
from hj212d.hub.completeness.settings import CompletenessSettings
from store.registry.records import DeviceRecord
from store.timeseries import PresenceQuery, SlotQuery, TimeSeriesStore

# A period or factor that came within so many days before a span is expected in it.
LOOK_BACK_DAYS = 30
# What a device owes that said nothing at all, whatever it is.
_OWED_IN_SILENCE = ("hour", "day")
_ASKED_ANEW_US = 600 * SECOND_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Question(msgspec.Struct, frozen=True):
    """How complete is what? ``mns`` None: all devices that are enabled; ``region``: those whose
    region begins so. Bounds are on data_time, the end is not included."""

    start_us: int
    end_us: int
    period: str = "hour"
    by: By = "day"
    mns: tuple[str, ...] | None = None
    region: str = ""
    factor: str | None = None
    summed: bool = False


class Missing(msgspec.Struct, frozen=True):
    """What one device owes of a period."""

    rhythm: Rhythm
    slots: Times


class Reckoning:
    """``record``: what is known of an MN; ``registered``: the MNs that anything is known of."""

    def __init__(
        self,
        store: TimeSeriesStore,
        record: Callable[[str], DeviceRecord],
        registered: Callable[[], Iterable[str]],
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._record = record
        self._registered = registered
        self._now_us = now_us
        self._first_seen: dict[str, int] = {}
        self._asked_us = -_ASKED_ANEW_US

    def mns(self, *, anew: bool = False) -> list[str]:
        """All devices that were heard of or registered, but those that are disabled, in order.
        ``anew``: also those that were first heard in the last minutes."""
        heard = self._heard(anew=anew)
        return sorted(mn for mn in {*heard, *self._registered()} if self._record(mn).enabled)

    def rates(self, question: Question, settings: CompletenessSettings) -> pa.Table:
        """Rows of RATES. StoreUnavailable."""
        mns = self._chosen(question)
        period = question.period
        back = day_of(question.start_us) - LOOK_BACK_DAYS * DAY_US
        presence = self._presence(question, mns, back, (period,), question.factor)
        found = rhythms(self._store, presence, period, self._record)
        silent = mns - found.keys()
        if silent and question.factor is None:
            found |= self._owed_in_silence(self._silent(question, silent, back), period)
        return self._table(presence, mns, found, question, settings)

    def _table(
        self,
        presence: pa.Table,
        mns: Iterable[str],
        found: Mapping[str, Rhythm],
        question: Question,
        settings: CompletenessSettings,
    ) -> pa.Table:
        period = question.period
        known = [
            Known(
                mn,
                self._record(mn).name,
                self._since(mn),
                {period: found[mn]} if mn in found else {},
            )
            for mn in sorted(mns)
        ]
        span = Span(
            question.start_us,
            question.end_us,
            self._now_us(),
            settings.grace_s,
            question.by,
            settings.validity,
            question.summed,
        )
        return rates.table(presence, known, (period,), span)

    def incomplete(
        self, mns: Collection[str], periods: Iterable[str], settings: CompletenessSettings
    ) -> list[str]:
        """Which of some devices lack values in the days to be filled, by their counts alone.

        A slot is missing when no factor came for it: so a day whose fullest factor is whole has
        none, and one row a day is enough to know that (a third of the time of all factors)."""
        start, end = self.to_fill(settings)
        asked = Question(start, end, mns=tuple(mns))
        back = start - LOOK_BACK_DAYS * DAY_US
        chosen = self._chosen(asked)
        presence = _fullest(self._presence(asked, chosen, back, tuple(periods)))
        silent = chosen.difference(presence["mn"].unique().to_pylist())
        silent = self._silent(asked, silent, back) if silent else silent
        lacking: set[str] = set()
        for period in periods:
            of_period = presence.filter(pc.equal(presence["period"], period))
            owing = rhythms(self._store, of_period, period, self._record)
            owing |= self._owed_in_silence(silent, period)
            question = msgspec.structs.replace(asked, period=period)
            found = self._table(of_period, owing, owing, question, settings)
            owed = found["expected"].to_numpy() + _early(found, period, end, settings.grace_s)
            lacks = found.filter(pa.array(found["received"].to_numpy() < owed))
            lacking.update(lacks["mn"].unique().to_pylist())
        return sorted(lacking)

    def _silent(self, question: Question, mns: set[str], back_us: int) -> set[str]:
        """Those that sent nothing whatever."""
        spoke = self._presence(question, mns, back_us)["mn"].unique().to_pylist()
        return mns.difference(spoke)

    def missing(
        self, mn: str, periods: Iterable[str], settings: CompletenessSettings
    ) -> dict[str, Missing]:
        """By period the slots of one device for which no factor came, in the days to be filled.
        None of a period that it did not send in these days."""
        start, end = self.to_fill(settings)
        question = Question(start, end, mns=(mn,))
        self._chosen(question)
        presence = self._presence(question, {mn}, start - LOOK_BACK_DAYS * DAY_US, tuple(periods))
        found = {}
        for period in periods:
            of_period = presence.filter(pc.equal(presence["period"], period))
            rhythm = rhythms(self._store, of_period, period, self._record).get(mn)
            if rhythm is None:
                continue
            oldest = pc.min(of_period["first"].cast(pa.int64())).as_py()
            first = max(start, min(oldest, self._since(mn) or oldest))
            behind = min(end, rhythm.due_before(self._now_us(), settings.grace_s))
            query = SlotQuery(mn, period, utc(start - DAY_US), utc(end + DAY_US))
            times = self._store.slots(query)["data_time"].cast(pa.int64()).to_numpy()
            found[period] = Missing(rhythm, missing(rhythm, times, first, behind))
        return found

    def to_fill(self, settings: CompletenessSettings) -> tuple[int, int]:
        """From the Beijing midnight so many days ago to now."""
        now = self._now_us()
        return day_of(now) - settings.fill_days * DAY_US, now

    def _chosen(self, question: Question) -> set[str]:
        if question.mns is not None:
            mns = set(question.mns)
            self._heard(anew=not mns <= self._first_seen.keys())
        else:
            mns = set(self.mns())
        if question.region:
            mns = {mn for mn in mns if self._record(mn).region.startswith(question.region)}
        return mns

    def _presence(
        self,
        question: Question,
        mns: set[str],
        back_us: int,
        periods: tuple[str, ...] | None = None,
        factor: str | None = None,
    ) -> pa.Table:
        """Counts from before the span on. All are asked for when most are wanted."""
        query = PresenceQuery(
            utc(back_us),
            utc(question.end_us),
            mns=None if question.mns is None and not question.region else tuple(sorted(mns)),
            factor=factor,
        )
        if periods is not None:
            query = msgspec.structs.replace(query, periods=periods)
        return self._store.presence(query)

    def _owed_in_silence(self, mns: Iterable[str], period: str) -> dict[str, Rhythm]:
        owed = {}
        for mn in mns:
            rhythm = said_by(self._record(mn), period)
            if rhythm is not None and (
                period in _OWED_IN_SILENCE or rhythm.last.origin == "registry"
            ):
                owed[mn] = rhythm
        return owed

    def _since(self, mn: str) -> int | None:
        """When a device was registered or first seen, whichever was earlier."""
        created = self._record(mn).created_at
        moments = [self._first_seen[mn]] if mn in self._first_seen else []
        if created is not None:
            moments.append((created - _EPOCH) // _MICROSECOND)
        return min(moments, default=None)

    def _heard(self, *, anew: bool = False) -> dict[str, int]:
        """MN -> when it was first seen, as of some minutes ago."""
        now = self._now_us()
        if anew or now - self._asked_us >= _ASKED_ANEW_US:
            devices = self._store.devices()
            self._first_seen = dict(
                zip(
                    devices["mn"].to_pylist(),
                    devices["first_seen"].cast(pa.int64()).to_pylist(),
                    strict=True,
                )
            )
            self._asked_us = now
        return self._first_seen


def _fullest(presence: pa.Table) -> pa.Table:
    """Of each device, period and day the factor with most values, as if it were the only one."""
    key = ["mn", "period", "day"]
    others = [name for name in presence.column_names if name not in key]
    ordered = presence.sort_by([("received", "descending"), ("factor", "ascending")])
    fullest = ordered.group_by(key, use_threads=False).aggregate(
        [(name, "first") for name in others]
    )
    fullest = fullest.rename_columns(
        [name.removesuffix("_first") for name in fullest.column_names]
    )
    factors = pa.array([""] * fullest.num_rows, pa.string())
    return fullest.set_column(fullest.column_names.index("factor"), "factor", factors)


def _early(found: pa.Table, period: str, now_us: int, grace_s: float) -> Times:
    """How many values of each row of RATES may have come before they were owed: those would hide
    as many that are missing."""
    interval = found["interval_s"].fill_null(1).to_numpy().astype(np.int64) * SECOND_US
    last = found["last"].cast(pa.int64()).fill_null(0).to_numpy()
    length = 0 if period == "realtime" else interval
    due_us = now_us - length - int(grace_s * SECOND_US) + 1
    found_early: Times = np.maximum(0, (last - due_us) // interval + 1)
    return found_early
