"""Texts as small numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from hj212d.hub.words import Words, numbered


def test_a_text_keeps_its_number() -> None:
    """Numbers are given in order of first appearance; no text is 0."""
    words = Words()
    column = pa.chunked_array([["b", "a", None], ["b", ""]], pa.string())
    assert numbered(column, words.number).tolist() == [1, 2, 0, 1, 0]
    assert [words[number] for number in range(len(words))] == ["", "b", "a"]


def test_no_rows() -> None:
    """A column without rows has no numbers."""
    assert numbered(pa.chunked_array([], pa.string()), Words().number).tolist() == []


def test_texts_that_nobody_uses_go() -> None:
    """A new text with each frame does not pile up; what is in use keeps its text and its order."""
    words = Words()
    column = np.array([words.number("kept"), words.number("also")])
    rounds = 0
    for n in range(10_000):
        words.number(f"once {n}")
        if words.crowded:
            column = words.forget_unused(column)[column]
            rounds += 1
    assert rounds
    assert len(words) < 2000
    assert [words[number] for number in column] == ["kept", "also"]
    assert column[0] < column[1]
    assert words.number("kept") == column[0]
