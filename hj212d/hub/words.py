"""Texts as small numbers: what repeats in a column of many rows is kept once.

Arrow finds the different texts of a column without holding the interpreter; only those are looked
at here. Tests: tests/hub/test_words.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

_FEW = 1024


def numbered(column: pa.ChunkedArray, number: Callable[[str], int]) -> Numbers:
    """``number`` of the text of each row, asked once for each different text, in order of first
    appearance. A null is ""."""
    encoded = column.fill_null("").combine_chunks().dictionary_encode()
    found = np.fromiter(map(number, encoded.dictionary.to_pylist()), np.int64)
    spread: Numbers = found[encoded.indices.to_numpy()]
    return spread


class Words:
    """Texts and their numbers, in order of first appearance; 0 is ""."""

    def __init__(self) -> None:
        self._numbers = {"": 0}
        self._texts = [""]
        self._limit = _FEW

    def __len__(self) -> int:
        """How many texts are kept, "" among them."""
        return len(self._texts)

    def __getitem__(self, number: int) -> str:
        """The text of a number that was given."""
        return self._texts[number]

    def number(self, text: str) -> int:
        """The number of a text, given now when it is new."""
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self._texts)
            self._texts.append(text)
        return number

    @property
    def crowded(self) -> bool:
        """Whether it is time to ask which texts are still in use."""
        return len(self) > self._limit

    def forget_unused(self, numbers: NDArray[np.integer[Any]]) -> Numbers:
        """Keep the texts that are in use, which ``numbers`` tells; their new numbers by the old.

        A device can send a new text with each frame. The order of those that stay does not change.
        """
        used = np.unique(numbers)
        kept = Words()
        renamed = np.zeros(len(self), np.int64)
        renamed[used] = [kept.number(self[number]) for number in used.tolist()]
        self._numbers, self._texts = kept._numbers, kept._texts
        self._limit = max(_FEW, 2 * len(self))
        return renamed
