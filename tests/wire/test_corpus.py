"""Every line of the corpus becomes what the line says, however it is delivered."""

from __future__ import annotations

import pytest

from bench import corpus
from bench.corpus import Case
from hj212d.wire import codec

pytestmark = pytest.mark.usefixtures("both_codecs")

CASES = list(corpus.cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.place} {case.name}")
def test_case(case: Case) -> None:
    """Pieces, reasons, repairs and values are those of the line."""
    cuts = case.cuts()
    frames = [codec.decode(cut, case.device) for cut in cuts]
    assert [frame.reason.label for frame in frames] == [one.reason for one in case.expected]
    for expected, frame in zip(case.expected, frames, strict=True):
        assert corpus.differences(expected, frame) == []
    by_byte = case.cutter()
    pieces = [cut for byte in case.stream for cut in by_byte.feed(bytes((byte,)))]
    assert pieces + by_byte.expire() == cuts


def test_names_and_places() -> None:
    """Each case has a name of its own and a source."""
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) > 250
    assert all(case.source for case in CASES)


@pytest.mark.parametrize("quirk", [f"{letter}{number}" for letter, count in
                                   (("A", 15), ("B", 8), ("C", 3), ("D", 12), ("E", 13))
                                   for number in range(1, count + 1)])  # fmt: skip
def test_each_quirk_has_a_line(quirk: str) -> None:
    """Every quirk that shows in bytes has a frame (A16 is advice for authors of tests)."""
    assert any(case.name.split()[0] == quirk for case in CASES)


def test_unescape() -> None:
    """A stream field stands for bytes: escapes, UTF-8, hexadecimal."""
    assert corpus.unescape("a\\r\\n\\x00\\\\清") == b"a\r\n\0\\" + "清".encode()
    assert corpus.unescape("HEX:2323") == b"##"


def test_a_line_with_a_mistake(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """A line that cannot be read is named."""
    (tmp_path / "bad.tsv").write_text("# comment\nonly\ttwo\n")
    with pytest.raises(ValueError, match=r"bad\.tsv:2"):
        list(corpus.cases(tmp_path))
    (tmp_path / "bad.tsv").write_text("a\tb\tnonsense=1\tok\tx\n")
    with pytest.raises(ValueError, match="nonsense"):
        list(corpus.cases(tmp_path))
