"""The switches: stable bits, help for each, a corpus frame with each on and off."""

from __future__ import annotations

import pytest

from bench import corpus
from hj212d.wire.tolerances import DEFAULT, HELP, Tolerance


def test_bits_never_change() -> None:
    """Journals on disk hold these bits."""
    assert [member.name for member in Tolerance] == [
        "LENGTH_SHORT",
        "LENGTH_IN_CHARACTERS",
        "LENGTH_OFF",
        "SEGMENT_OVERSIZE",
        "CRC_LOWER_CASE",
        "CRC_SHORT",
        "CRC_MODBUS",
        "CRC_ABSENT",
        "SEPARATOR_LOOSE",
        "HEADER_ORDER",
        "TEXT_GB18030",
        "TEXT_UNDECODABLE",
        "KEY_REPEATED",
        "MARK_UNPREFIXED",
        "TIME_MILLISECONDS",
        "EDGE_CONTROL",
        "CIPHER_AS_TEXT",
    ]
    assert [int(member) for member in Tolerance] == [1 << bit for bit in range(17)]


def test_each_switch_has_help() -> None:
    """HELP has a line for each switch and for nothing else."""
    assert set(HELP) == set(Tolerance)


def test_what_weakens_the_check_is_off() -> None:
    """The CRC is the one check there is, so nothing that weakens it is on by default."""
    assert (
        Tolerance.of(HELP[one] and one.name.lower() for one in HELP if one.name) ^ DEFAULT
    ) == (
        Tolerance.LENGTH_SHORT | Tolerance.LENGTH_OFF | Tolerance.CRC_MODBUS | Tolerance.CRC_ABSENT
    )


def test_labels() -> None:
    """Labels lead back to the set; an unknown one is refused."""
    both = Tolerance.CRC_MODBUS | Tolerance.LENGTH_OFF
    assert both.labels == ["length_off", "crc_modbus"]
    assert Tolerance.of(both.labels) == both
    with pytest.raises(KeyError):
        Tolerance.of(["no_such_switch"])


@pytest.mark.parametrize("switch", Tolerance, ids=lambda switch: switch.labels[0])
def test_each_switch_has_a_frame_on_and_off(switch: Tolerance) -> None:
    """The corpus has a frame that is good with the switch, and the same stream without."""
    label = switch.labels[0]
    accepted = {
        case.stream
        for case in corpus.cases()
        for expected in case.expected
        if expected.reason == "ok" and label in expected.facts.get("repairs", "").split(",")
    }
    refused = {case.stream for case in corpus.cases() if not case.device.tolerances & switch}
    assert accepted & refused
