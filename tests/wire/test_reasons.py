"""The list of reasons: stable numbers, help for each, a corpus frame for each of the wire's."""

from __future__ import annotations

import pytest

from bench import corpus
from hj212d.wire.reasons import Reason

# Given by the admission of a link, which knows who is registered; not by the wire.
_ADMISSION_FROM = 50


def test_numbers_never_change() -> None:
    """Journals on disk hold these numbers."""
    assert {reason.label: int(reason) for reason in Reason if reason < _ADMISSION_FROM} == {
        "ok": 0,
        "junk": 1,
        "length_not_numeric": 2,
        "length_over_limit": 3,
        "truncated": 4,
        "length_wrong": 10,
        "crc_missing": 11,
        "crc_wrong": 12,
        "crc_modbus": 13,
        "cp_missing": 20,
        "cp_not_closed": 21,
        "header_malformed": 22,
        "control_character": 23,
        "cn_malformed": 24,
        "mn_malformed": 25,
        "flag_malformed": 26,
        "packet_malformed": 27,
        "item_malformed": 28,
        "data_time_malformed": 29,
        "key_missing": 40,
        "key_wrong": 41,
    }


@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.label)
def test_each_reason_has_help_and_a_label(reason: Reason) -> None:
    """People see a line of help, and the label leads back."""
    assert reason.help
    assert "\n" not in reason.help
    assert Reason.of(reason.label) is reason


def test_unknown_label() -> None:
    """A label that nobody gave is refused."""
    with pytest.raises(KeyError):
        Reason.of("no_such_reason")


def test_each_reason_of_the_wire_has_a_frame_in_the_corpus() -> None:
    """No reason is listed that no frame can get."""
    met = {expected.reason for case in corpus.cases() for expected in case.expected}
    assert met >= {reason.label for reason in Reason if reason < _ADMISSION_FROM}
