"""The content of CP: splitting, grouping, log texts, encodings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212d.wire import content, text
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance


def test_items_in_order_and_sorted() -> None:
    """Items as they came; plain fields and factors from them."""
    parsed = content.parse("DataTime=1;a1-Rtd=2,a1-Flag=N;SB1-RS=1;LA-LMx-Data=3")
    assert parsed.items == [
        ("DataTime", "1"),
        ("a1-Rtd", "2"),
        ("a1-Flag", "N"),
        ("SB1-RS", "1"),
        ("LA-LMx-Data", "3"),
    ]
    assert parsed.cp == {"DataTime": "1"}
    assert parsed.factors == {
        "a1": {"Rtd": "2", "Flag": "N"}, "SB1": {"RS": "1"}, "LA-LMx": {"Data": "3"},
    }  # fmt: skip
    assert (parsed.reason, parsed.repairs) == (Reason.OK, 0)


def test_nothing() -> None:
    """An empty CP has no items and needs no repair."""
    parsed = content.parse("")
    assert (parsed.items, parsed.cp, parsed.factors, parsed.repairs) == ([], {}, {}, 0)


@pytest.mark.parametrize(
    "body",
    [
        "a1-Rtd=1,b1-Rtd=2",
        "a1-Rtd=1;a1-Flag=N",
        "DataTime=1,a1-Rtd=1",
        "a1-Rtd=1;",
        ";a1-Rtd=1",
        "a1-Rtd=1;;b1-Rtd=2",
        "a1-Rtd =1",
        "a1-Rtd= 1",
        " ",
    ],
)
def test_loose_separators(body: str) -> None:
    """Exchanged, stray and blank separators are one repair."""
    parsed = content.parse(body)
    assert (parsed.reason, Tolerance(parsed.repairs)) == (Reason.OK, Tolerance.SEPARATOR_LOOSE)


@pytest.mark.parametrize("body", ["BeginTime=1,EndTime=2", "a1-Rtd=1;b1-Rtd=1;a1-Avg=2"])
def test_what_is_not_loose(body: str) -> None:
    """Plain fields may be joined (2017, C.23), and a factor may come again later (C.28)."""
    assert content.parse(body).repairs == 0


@pytest.mark.parametrize(
    "item",
    ["a1", "a1-", "-Rtd=1", "a.1-Rtd=1", "a1-R.d=1", "=1", "a=b=c", "x" * 33 + "=1", "a&&b=1",
     "a1-Rtd＝1", "a1-Rtd=1；"],
)  # fmt: skip
def test_malformed_items(item: str) -> None:
    """The reason is given, and the items around are read."""
    parsed = content.parse(f"x1-Rtd=1;{item};y1-Rtd=2".encode().decode("latin-1"))
    assert parsed.reason is Reason.ITEM_MALFORMED
    assert {"x1", "y1"} <= set(parsed.factors)


def test_log_texts_are_whole() -> None:
    """Separators between // and // split nothing; what follows is the next item."""
    parsed = content.parse("i1-Info=//a=1;b,c&&//;i2-Info=//;//,i2-Flag=N")
    assert parsed.factors == {
        "i1": {"Info": "//a=1;b,c&&//"}, "i2": {"Info": "//;//", "Flag": "N"},
    }  # fmt: skip
    assert parsed.reason is Reason.OK
    assert parsed.items[0] == ("i1-Info", "//a=1;b,c&&//")


def test_many_log_marks() -> None:
    """Marks pair up from the left, so ten thousand bytes of them are gone through once."""
    parsed = content.parse("a=//x;" * 1600 + "b=1")
    assert len(parsed.items) == 801
    assert parsed.items[0] == ("a", "//x;a=//x")
    assert parsed.cp["b"] == "1"


def test_the_memory_for_keys_is_bounded() -> None:
    """Keys from an attacker do not pile up."""
    for number in range(content._MOST_KEYS + 100):
        content.parse(f"k{number}-Rtd=1")
    assert len(content._KEYS) <= content._MOST_KEYS


@pytest.mark.parametrize(
    ("data", "expected", "repair"),
    [
        ("清洗".encode(), "清洗", Tolerance.NONE),
        ("清洗".encode("gb18030"), "清洗", Tolerance.TEXT_GB18030),
        (b"\xff\xff", "\xff\xff", Tolerance.TEXT_UNDECODABLE),
    ],
)
def test_late_decoding(data: bytes, expected: str, repair: Tolerance) -> None:
    """UTF-8, else GB18030, else byte for byte."""
    decoded, bits = text.late(data.decode("latin-1"))
    assert (decoded, Tolerance(bits)) == (expected, repair)


def test_values_are_decoded_one_by_one() -> None:
    """A frame can have both encodings; each value is read for itself."""
    body = b"i1-Info=" + "清洗".encode() + b";i2-Info=" + "管路".encode("gb18030")
    parsed = content.parse(body.decode("latin-1"))
    assert parsed.factors == {"i1": {"Info": "清洗"}, "i2": {"Info": "管路"}}


@given(st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=120))
def test_any_text(body: str) -> None:
    """Nothing raises, and all values in the maps are values of items."""
    parsed = content.parse(body)
    values = {value for _, value in parsed.items}
    assert set(parsed.cp.values()) <= values
    for suffixes in parsed.factors.values():
        assert set(suffixes.values()) <= values
