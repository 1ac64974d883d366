"""Dust of building sites by the rules of provinces."""

from __future__ import annotations

import numpy as np

from aqi.dust import assessed, counts, rule_of, rules


def test_hebei_takes_the_countys_value_off() -> None:
    """The county counts at most 150; without it there is no value; a cleaner site is below 0."""
    rule = rules()["DB13/2934-2019"]
    found = assessed(rule, [200, 300, 300, 100, -1], [100, 400, np.nan, 120, 50])
    assert found[[0, 1, 3]].tolist() == [100, 150, -20]
    assert np.isnan(found[[2, 4]]).all()
    assert np.isnan(assessed(rule, [200.0])).all()


def test_hebei_allows_two_a_day() -> None:
    """80 exactly is no exceedance."""
    rule = rules()["DB13/2934-2019"]
    (two,) = counts(rule, [81, 80, 90, np.nan])
    assert (two.exceedances, two.n, two.missing, two.exceeded) == (2, 3, 1, False)
    (three,) = counts(rule, [81, 100, 90])
    assert three.exceeded


def test_shanghai_has_two_limits_at_once() -> None:
    """2.0 once and 1.0 six times a day."""
    rule = rules()["DB31/964-2016"]
    assert rule.average_minutes == 15
    high, low = counts(rule, [1.5] * 6 + [2.5])
    assert (high.exceedances, high.exceeded) == (1, False)
    assert (low.exceedances, low.exceeded) == (7, True)


def test_kinds_choose_a_limit() -> None:
    """Built-up places of Liaoning, phases of work in Shaanxi; unknown kinds are strict."""
    liaoning, shaanxi = rules()["DB21/2642-2016"], rules()["DB61/1078-2017"]
    assert [each.limit for each in liaoning.chosen("elsewhere")] == [1.0]
    assert [each.limit for each in liaoning.chosen("")] == [0.8]
    assert [each.limit for each in shaanxi.chosen("structure")] == [0.7]
    assert (liaoning.average_minutes, shaanxi.average_minutes) == (5, 60)


def test_rule_of_a_region() -> None:
    """By its province; that of the nation elsewhere."""
    assert rule_of("130100").standard == "DB13/2934-2019"
    assert rule_of("330100").standard == "GB 16297-1996"
    assert rule_of("").standard == "GB 16297-1996"
