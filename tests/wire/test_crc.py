"""The CRC by folding against the bit loop of the standard, and the published values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212d.wire.crc import PRINTED, crc, modbus


def by_bits(data: bytes) -> int:
    """The text of HJ 212-2017, Annex A, word by word."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            low = register & 1
            register >>= 1
            if low:
                register ^= 0xA001
    return register


@given(st.binary(max_size=2000))
def test_folding_equals_the_bit_loop(data: bytes) -> None:
    """Folding is the standard's loop for any bytes."""
    assert crc(data) == by_bits(data)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_a_crc_can_be_continued(first: bytes, second: bytes) -> None:
    """The register of a first part and the second part give the CRC of both."""
    assert crc(second, crc(first)) == crc(first + second)


@pytest.mark.parametrize(
    ("data", "printed"),
    [
        ("A", "7080"),
        ("123456789", "2F80"),
        (
            "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
            "CP=&&RtdInterval=30&&",
            "1C80",
        ),
        (
            "QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;"
            "CP=&&&&",
            "2200",
        ),
        (
            "QN=20240520210700000;ST=31;CN=2051;PW=123456;MN=010000A8900016F000169DC0;Flag=9;"
            "CP=&&DataTime=20240520210600;a01011-Min=1.35,a01011-Avg=1.35,a01011-Max=1.35,"
            "a01011-Flag=N;a01014-Min=3.20,a01014-Avg=3.20,a01014-Max=3.20,a01014-Flag=N&&",
            "B541",
        ),
        (
            "ST=32;CN=2011;PW=000000;MN=LD130133000015;CP=&&DataTime=20160824003817;"
            "011-Rtd=231.0,011-Flag=N;B01-Rtd=36.91;060-Rtd=1.803,060-Flag=N&&",
            "1DC0",
        ),
        (
            "ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817000;"
            "B01-Rtd=36.91;011-Rtd=231.0,011-Flag=N;060-Rtd=1.803,060-Flag=N&&",
            "4980",
        ),
        (
            "QN=20231008125115215;ST=22;CN=9011;PW=123456;MN=010000A8900016F000169DC0;Flag=4;"
            "CP=&&QnRtn=1&&",
            "CC01",
        ),
        (
            "QN=20231008130452757;ST=22;CN=2081;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
            "CP=&&DataTime=20231008130452;RestartTime=20231007130452&&",
            "3AC0",
        ),
        (
            "QN=20201015123632010;ST=91;CN=9014;PW=123456;MN=410183160889201000212505;Flag=4;"
            "CP=&&&&",
            "F001",
        ),
        (
            "QN=20210412154520280;ST=21;CN=9014;PW=123456;MN=DXCBZ000000005;Flag=5;CP=&&&&",
            "0140",
        ),
    ],
)
def test_published_values(data: str, printed: str) -> None:
    """Values from standards, logs and other implementations."""
    assert PRINTED[crc(data.encode())].decode() == printed


def test_modbus_check_value() -> None:
    """CRC-16/MODBUS has its catalogue value, and is another CRC."""
    assert modbus(b"123456789") == 0x4B37 != crc(b"123456789")


def test_no_bytes() -> None:
    """An empty segment has the start value."""
    assert PRINTED[crc(b"")] == b"FFFF"


def test_only_256_values_exist() -> None:
    """After a byte, 8 bits of state remain (docs/quirks.md, B6)."""
    assert len(PRINTED) == 257
    assert {printed[2:] for printed in PRINTED.values()} - {b"FF"} == {
        b"00", b"01", b"40", b"41", b"80", b"81", b"C0", b"C1"
    }  # fmt: skip
