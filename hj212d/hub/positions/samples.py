"""Places among the values of a batch: those that devices report as factors.

Cheap, and sees what is encrypted on the wire; names that are no factors are the ear's. Pure.
Tests: tests/hub/positions/test_samples.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from store.timeseries import Batch

_COLUMNS = ["mn", "factor", "rtd", "avg", "data", "extra", "data_time", "received_at"]
_SUFFIXES = ("Rtd", "Avg", "Info", "Data")


class Told(msgspec.Struct):
    """What one upload told: texts by factor, received at UTC microseconds."""

    mn: str
    received_us: int
    fields: dict[str, str] = {}


def told(batch: Batch, codes: pa.Array) -> Iterator[Told]:
    """The newest upload of each MN with one of the factors; a replay's are none of now."""
    if batch.replay or not len(batch.samples):
        return
    chosen = pc.is_in(batch.samples["factor"], value_set=codes)
    if not pc.any(chosen).as_py():
        return
    newest: dict[str, tuple[object, Told]] = {}
    for row in batch.samples.select(_COLUMNS).filter(chosen).to_pylist():
        mn, at = row["mn"], row["data_time"]
        known = newest.get(mn)
        if known is None or known[0] != at:
            received_us = round(row["received_at"].timestamp() * 1e6)
            known = newest[mn] = at, Told(mn, received_us, {})
        known[1].fields[row["factor"]] = _text(row)
    for _, one in newest.values():
        yield one


def _text(row: dict[str, object]) -> str:
    for column in ("rtd", "avg", "data"):
        if row[column] is not None:
            return repr(row[column])
    extra = msgspec.json.decode(str(row["extra"] or "{}"), type=dict[str, str])
    return next((extra[suffix] for suffix in _SUFFIXES if suffix in extra), "")
