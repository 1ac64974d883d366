"""Tables of warning levels: the product's own and those of a deployment."""

from __future__ import annotations

import pytest

from alerts.warnings.table import Condition, national, own_table, table_of


def test_national_tables_hold_the_rules_as_known() -> None:
    """2017: 48, 72, 96 h above 200; 2024: shorter, and above 150 (standards: alert limits)."""
    old, new = national()["2017"], national()["2024"]
    assert dict(old.levels) == {
        "red": ((Condition(200, 96), Condition(300, 48)), (Condition(499, 24),)),
        "orange": ((Condition(200, 72),),),
        "yellow": ((Condition(200, 48),),),
        "blue": ((Condition(200, 24),),),
    }
    assert dict(new.levels) == {
        "red": ((Condition(200, 72), Condition(300, 24)),),
        "orange": ((Condition(200, 48),), (Condition(150, 72),)),
        "yellow": ((Condition(200, 24),), (Condition(150, 48),)),
    }
    assert (old.sure, new.sure) == ("confirmed", "in part")
    assert (old.least, new.least) == (200, 150)
    assert all(one.source for one in (old, new))


def test_own_table() -> None:
    """In the words of the settings, the gravest level first whatever the order."""
    table = own_table({"yellow": ["150 for 24 h"], "red": ["300 for 24h and 200 for 48 h"]})
    assert [name for name, _ in table.levels] == ["red", "yellow"]
    assert table.levels[0][1] == ((Condition(200, 48), Condition(300, 24)),)
    assert [name for name, _ in table.without("yellow").levels] == ["red"]
    assert table_of("own", {"red": ["200 for 24 h"]}).sure == "own"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"purple": ["200 for 24 h"]}, 'no level "purple"'),
        ({"red": ["200"]}, "expected such as"),
        ({"red": ["200 for 30 h"]}, "whole days"),
        ({"red": ["200 for 0 h"]}, "whole days"),
        ({"red": ["500 for 24 h"]}, "no AQI is above 500"),
        ({}, "no level in it"),
    ],
)
def test_what_is_no_table(said: dict[str, list[str]], words: str) -> None:
    """One sentence names level and value."""
    with pytest.raises(ValueError, match=words):
        own_table(said)


def test_unknown_name() -> None:
    """The names that there are stand in the sentence."""
    with pytest.raises(ValueError, match="2017, 2024, own"):
        table_of("2013", {})
