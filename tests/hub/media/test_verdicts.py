"""Lines against the limits of their site."""

from __future__ import annotations

from datetime import date

from media_rig import utc

from hj212d.hub.media.lines import Line
from hj212d.hub.media.verdicts import Limits, verdicts
from hj212d.hub.site import Site
from store.registry.decisions import LimitRecord

STREET = Site(mn="N1", medium="noise", noise_zone="2")


def line(value: float | None, stat: str = "leq", **more: object) -> Line:
    """An hour of noise."""
    said = {"factor": "LA", "item": "LA", "stat": stat, "unit": "dB", "value": value}
    times = {"start": utc(), "end": utc(hour=1)}
    return Line(**{**said, **times, **more})  # type: ignore[arg-type]


def test_lines_of_one_limit_are_judged_together_and_in_place() -> None:
    """Whatever the order of values, marks, and lines without a limit."""
    lines = [
        line(51.0, limit_stat="leq night"),
        line(99.0, "ldn"),
        line(None, limit_stat="leq night", mark="none"),
        line(50.4, limit_stat="leq night"),
        line(61.0, limit_stat="leq day"),
        line(61.0, limit_stat="leq day", mark="short"),
    ]
    found = verdicts(lines, Limits(STREET, []), "hour")
    assert [each.exceeded for each in found] == [True, None, None, False, True, None]
    assert [each.mark for each in found] == ["", "", "none", "", "", "short"]
    assert found[0].multiple is None  # decibels have none
    assert found[1].limit is None


def test_a_permit_says_leq_for_day_and_night() -> None:
    """One limit of its own for both parts of the day."""
    permit = LimitRecord(mn="N1", factor="LA", period="hour", stat="leq", high=45.0, unit="dB")
    found = verdicts([line(46.0, limit_stat="leq day")], Limits(STREET, [permit]), "hour")
    assert (found[0].exceeded, found[0].limit and found[0].limit.own) == (True, True)


def test_limits_of_a_date() -> None:
    """Since and until are Beijing days; after it the national limit holds again."""
    permit = LimitRecord(
        mn="N1",
        factor="LA",
        period="hour",
        stat="leq",
        high=45.0,
        unit="dB",
        until=date(2025, 6, 2),
    )
    limits = Limits(STREET, [permit])
    before = line(46.0, limit_stat="leq night", start=utc(date(2025, 6, 1), 23))
    after = line(46.0, limit_stat="leq night")
    found = verdicts([before, after], limits, "hour")
    assert [each.exceeded for each in found] == [True, False]


def test_a_limit_holds_for_codes_old_and_new() -> None:
    """A permit on a21026 for a logger of 2005 that sends 02."""
    permit = LimitRecord(
        mn="F1", factor="a21026", period="hour", stat="zs", high=35.0, unit="mg/m3"
    )
    site = Site(mn="F1", medium="flue")
    old = line(36.0, "zs", factor="02", item="SO2", unit="mg/m3")
    assert verdicts([old], Limits(site, [permit]), "hour")[0].exceeded is True


def test_units_that_do_not_go_together() -> None:
    """A mark on each, no verdict."""
    found = verdicts([line(46.0, limit_stat="leq day", unit="degC")], Limits(STREET, []), "hour")
    assert (found[0].exceeded, found[0].mark) == (None, "unit")


def test_no_zone_no_limits() -> None:
    """Nothing is guessed."""
    bare = Limits(Site(mn="N1", medium="noise"), [])
    found = verdicts([line(99.0, limit_stat="leq day"), line(99.0, "lmax night")], bare, "hour")
    assert [each.limit for each in found] == [None, None]


def test_a_permit_is_compared_as_it_is_written() -> None:
    """1.4 is above 1.0 and within 1; 9.4 is above a pH of 9, however that is written."""

    def judged(value: float, factor: str, item: str, **said: object) -> tuple[object, ...]:
        own = LimitRecord(mn="W1", factor=factor, period="day", **said)  # type: ignore[arg-type]
        works = Site(mn="W1", medium="wastewater")
        unit = "" if item == "pH" else "mg/L"
        one = line(value, "mean", factor=factor, item=item, unit=unit)
        (found,) = verdicts([one], Limits(works, [own]), "day")
        assert found.limit is not None
        return found.judged, found.exceeded, found.mark, found.limit.text

    permit = {"high": 1.0, "unit": "mg/L"}
    assert judged(1.4, "w21011", "TP", **permit) == (1.0, False, "", "<= 1")
    assert judged(1.4, "w21011", "TP", **permit, decimals=1) == (1.4, True, "", "<= 1.0")
    assert judged(1.04, "w21011", "TP", **permit, decimals=1) == (1.0, False, "", "<= 1.0")
    acid = {"op": "between", "low": 6.0, "high": 9.0, "unit": "1"}
    assert judged(9.4, "w01001", "pH", **acid) == (9.4, True, "", "6 - 9")
    assert judged(9.0, "w01001", "pH", **acid) == (9.0, False, "", "6 - 9")
