"""What rolling up must know of a station, and the codes by which arrays name stations.

Where it comes from is in the hub. Tests: tests/aqi/means/test_hour.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from aqi.means.validity import Validity

Codes = npt.NDArray[np.int64]


class Station(msgspec.Struct, frozen=True):
    """How the means of one MN are made.

    ``hour_from``: of what an hour is made, the first that is valid: "hour", "minute", "realtime".
    ``minute_length``: minutes between its minute data; None: as the data show. ``to_ug``: what
    its ozone is multiplied with to be ug/m3, for the rule of few windows.
    """

    medium: str = "air"
    hour_from: tuple[str, ...] = ("hour", "minute", "realtime")
    minute_length: int | None = None
    to_ug: float = 1.0


class Judging(msgspec.Struct, frozen=True):
    """By which rules. ``station``: of an MN; ``keep_negative``: a mean below zero counts."""

    rules: dict[str, Validity]
    station: Callable[[str], Station] = lambda mn: Station()  # noqa: ARG005 - of any
    keep_negative: bool = False
    day_from: tuple[str, ...] = ("hour", "day")

    def rule(self, station: Station) -> Validity:
        """The figures of a station's medium; those of ambient air where that is not known."""
        return self.rules.get(station.medium) or self.rules["air"]


class Names:
    """A column of texts as numbers: ``codes`` and the texts they stand for."""

    def __init__(self, column: pa.ChunkedArray | pa.Array) -> None:
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        if not pa.types.is_dictionary(column.type):
            column = pc.dictionary_encode(column)
        self.codes: Codes = column.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        self.texts: list[str] = column.dictionary.to_pylist()

    def by(self, of: Callable[[str], object], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """For each row what ``of`` gives for its text; asked once for each text."""
        if not self.texts:
            return np.zeros(0, dtype)
        table = np.array([of(text) for text in self.texts], dtype)
        return np.asarray(table[self.codes])

    def at(self, rows: Codes) -> pa.Array:
        """The texts of some rows."""
        return pa.array(self.texts, pa.string()).take(pa.array(self.codes[rows]))
