"""The header as a map: strict frames, loose ones, malformed ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212d.wire import header
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance

STRICT = "QN=1;ST=22;CN=2011;PW=123456;MN=A;Flag=7;PNUM=2;PNO=1;RF=1;"
FIELDS = {"QN": "1", "ST": "22", "CN": "2011", "PW": "123456", "MN": "A", "Flag": "7",
          "PNUM": "2", "PNO": "1", "RF": "1"}  # fmt: skip


def test_a_strict_header() -> None:
    """All fields in order, no repair."""
    parsed = header.parse(STRICT)
    assert (parsed.fields, parsed.reason, parsed.repairs) == (FIELDS, Reason.OK, 0)


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        (STRICT[:-1], Tolerance.SEPARATOR_LOOSE),
        (STRICT.replace("QN=1;", "QN=1,"), Tolerance.SEPARATOR_LOOSE),
        (STRICT.replace("QN=", "QN = "), Tolerance.SEPARATOR_LOOSE),
        (STRICT.replace(";ST", ";;ST"), Tolerance.SEPARATOR_LOOSE),
        (STRICT + ";", Tolerance.SEPARATOR_LOOSE),
        ("RF=1;" + STRICT.replace("RF=1;", ""), Tolerance.HEADER_ORDER),
        (STRICT.replace("PNUM=2;PNO=1", "PNO=1;PNUM=2"), Tolerance.HEADER_ORDER),
        (STRICT + "RF=1;", Tolerance.KEY_REPEATED),
    ],
)
def test_a_loose_header(text: str, repair: Tolerance) -> None:
    """The same fields, with the one repair."""
    parsed = header.parse(text)
    assert (parsed.fields, parsed.reason) == (FIELDS, Reason.OK)
    assert Tolerance(parsed.repairs) == repair


@pytest.mark.parametrize("item", ["ST", "=22", "S T=22", "ST=2=2", "中=1", "ST=\xff"])
def test_a_malformed_item(item: str) -> None:
    """The reason is given, and the fields around it are read."""
    parsed = header.parse(f"QN=1;{item};CN=2011;")
    assert parsed.reason is Reason.HEADER_MALFORMED
    assert parsed.fields == {"QN": "1", "CN": "2011"}


def test_an_unknown_field_is_a_warning() -> None:
    """Vendors add fields; names differ by case."""
    parsed = header.parse("QN=1;Ver=2;mn=x;")
    assert (parsed.reason, parsed.warnings) == (Reason.OK, ("header_field_unknown",))
    assert "MN" not in parsed.fields


def test_two_mns() -> None:
    """A frame with two MN belongs to nobody."""
    assert header.parse("MN=A;MN=B;").reason is Reason.HEADER_MALFORMED


@pytest.mark.parametrize(
    ("text", "flag"),
    [("0", 0), ("5", 5), ("255", 255), ("005", 5), ("256", None), ("", None), ("-1", None),
     ("5a", None), ("٣", None), ("0005", None)],
)  # fmt: skip
def test_flag(text: str, flag: int | None) -> None:
    """A decimal number of a byte."""
    assert header.flag_of({"Flag": text}) == flag


@pytest.mark.parametrize(
    ("pnum", "pno", "reason"),
    [("2", "1", Reason.OK), ("0002", "0002", Reason.OK), ("99999", "1", Reason.OK),
     ("0", "0", Reason.PACKET_MALFORMED), ("2", "3", Reason.PACKET_MALFORMED),
     ("2", None, Reason.PACKET_MALFORMED), (None, "1", Reason.PACKET_MALFORMED),
     ("a", "1", Reason.PACKET_MALFORMED), ("123456", "1", Reason.PACKET_MALFORMED)],
)  # fmt: skip
def test_packets(pnum: str | None, pno: str | None, reason: Reason) -> None:
    """1 <= PNO <= PNUM, both or none."""
    given_fields = {
        name: text for name, text in (("PNUM", pnum), ("PNO", pno)) if text is not None
    }
    assert header.packet_of(given_fields)[2] is reason


@given(st.text(st.characters(max_codepoint=255), max_size=80))
def test_any_text(text: str) -> None:
    """Nothing raises."""
    header.check(header.parse(text).fields)
