"""Topics with names filled in."""

from __future__ import annotations

import pytest

from hj212d.hub.forward.publish.topic import Topic


def test_names_are_filled_in() -> None:
    """MN, CN and ST stand where they were asked for."""
    assert Topic("a/{mn}/{st}/{cn}").filled("M1", "2011", "22") == "a/M1/22/2011"
    assert Topic("fixed").filled("M1", "2011", "22") == "fixed"


def test_a_hostile_name_stays_one_level() -> None:
    """What a broker would read as a level or a wildcard becomes an underscore."""
    assert Topic("a/{mn}").filled("x/+/#", "2011", "22") == "a/x____"
    assert Topic("a/{mn}").filled("", "2011", "22") == "a/_"


def test_an_unknown_name_is_refused() -> None:
    """The sentence names it."""
    with pytest.raises(ValueError, match=r"\{region\}"):
        Topic("a/{region}")
    with pytest.raises(ValueError, match="brace"):
        Topic("a/{mn")
