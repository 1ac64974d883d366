"""Decimals by rule set, statistic and pollutant."""

from __future__ import annotations

import pytest

from aqi.decimals import Decimals


def test_both_rule_sets() -> None:
    """Whole numbers and CO to one decimal in 2013; the reading of 2026 is called weak."""
    old, new = Decimals("HJ663-2013"), Decimals("HJ663-2026")
    assert [old.of("period", one) for one in ("PM2.5", "CO", "Pb", "BaP")] == [0, 1, 2, 4]
    assert [new.of("period", one) for one in ("PM2.5", "CO")] == [1, 2]
    assert [rules.of("index", "CO") for rules in (old, new)] == [1, 1]
    assert (old.of("multiple"), old.of("rate")) == (2, 1)
    assert "weak" in new.sure


def test_changed_by_a_deployment() -> None:
    """Of one pollutant, or of all that have no figure of their own."""
    changed = Decimals("HJ663-2013", {"period/PM2.5": 1, "day": 2})
    assert (changed.of("period", "PM2.5"), changed.of("period", "PM10")) == (1, 0)
    assert (changed.of("day", "O3"), changed.of("day", "CO")) == (2, 1)
    assert Decimals("HJ663-2013").of("day", "O3") == 0


@pytest.mark.parametrize("wrong", [{"pereiod": 1}, {"period/CO": 9}, {"period": -1}])
def test_wrong_changes(wrong: dict[str, int]) -> None:
    """They are refused with what there is."""
    with pytest.raises(ValueError, match="0 to 6 decimals of hour"):
        Decimals("HJ663-2013", wrong)


def test_unknown_rules() -> None:
    """A rule set that is not there."""
    with pytest.raises(ValueError, match="HJ663-1999"):
        Decimals("HJ663-1999")
