"""alerts.rules.regions: which region holds which."""

from __future__ import annotations

import pytest

from alerts.rules.regions import chain, holds, stem, written


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("330000", "33"),
        ("330100", "3301"),
        ("330106", "330106"),
        ("330106000", "330106"),
        ("330106002000", "330106002"),
        ("3301", "3301"),
        ("", ""),
    ],
)
def test_a_stem_is_a_code_without_the_zeros_that_mean_all_below(code: str, digits: str) -> None:
    """330100 is the city, not a county of number 00."""
    assert stem(code) == digits


def test_a_region_holds_itself_and_all_below() -> None:
    """However the two are written; no region holds a station without one, but all do."""
    assert holds("330100", "330106")
    assert holds("3301", "330100")
    assert holds("", "330106")
    assert holds("", "")
    assert not holds("330106", "330100")
    assert not holds("330200", "330106")
    assert not holds("330100", "")


def test_a_chain_leads_from_the_province_down() -> None:
    """To the code itself, by its stem."""
    assert chain("330106002") == ("33", "3301", "330106", "330106002")
    assert chain("330100") == ("33", "3301")
    assert chain("") == ()
    assert written("3301") == "330100"
    assert written("330106002") == "330106002"
