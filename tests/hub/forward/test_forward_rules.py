"""Who gets what."""

from __future__ import annotations

import pytest
from feed_rig import rules, settings

from hj212d.hub.forward.rules import Rules


@pytest.mark.parametrize(
    ("cn", "version", "taken"),
    [
        ("2011", "2017", True),
        ("2051", "2005", True),
        ("2072", "2005", True),  # an alarm is data
        ("3020", "2017", True),
        ("2999", "2017", True),  # in no table: a province's
        ("9021", "2017", False),
        ("9014", "2017", False),
        ("9015", "2025", False),
        ("1011", "2017", False),  # an answer to us
        ("1013", "2017", False),  # a notice to us
        ("2012", "2017", False),  # only ever to the field
        ("", "2017", False),
    ],
)
def test_only_uploads_leave(cn: str, version: str, taken: bool) -> None:
    """Answers, notices and what goes to the field stay here."""
    assert rules().takes_cn(cn, version) is taken


def test_lists_choose() -> None:
    """By CN, ST and MN, in which * stands for any characters and nothing else does."""
    chosen = rules(cn=["2061", "1013"], st=["32"], mn=["330*", "A.B"], not_mn=["*9"])
    assert chosen.takes_cn("2061", "2017")
    assert not chosen.takes_cn("2011", "2017")
    assert not chosen.takes_cn("1013", "2017")
    assert chosen.takes_st("32")
    assert not chosen.takes_st("22")
    assert [chosen.takes_mn(mn) for mn in ("3301", "3309", "330", "A.B", "AxB", "1330")] == [
        *(True, False, True, True, False, False)
    ]


def test_empty_lists_take_all() -> None:
    """Nothing said, nothing left out."""
    assert rules().takes_mn("")
    assert rules().takes_st("")


def test_regions_are_those_of_the_registry() -> None:
    """A device that is registered nowhere is in no region."""
    regions = {"A": "3301", "B": "3302"}
    chosen = Rules(settings(region=["3301*"]), lambda mn: regions.get(mn, ""))
    assert [chosen.takes_mn(mn) for mn in "ABC"] == [True, False, False]


def test_without_a_set_key_bytes_stay_as_they_are() -> None:
    """Rewriting is asked for by its keys alone."""
    assert rules(mn=["3*"]).rewrite is None
    assert rules(set_pw="1").rewrite is not None
