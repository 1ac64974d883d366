"""The PM10 of a county, hour by hour, which some rules for dust take off a site's value.

Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aqi.factors import code_of
from hj212d.hub.means.asking import Means
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.media.grid import moment
from hj212d.hub.media.lines import in_unit, unit_of
from hj212d.hub.site_book import SiteBook

County = Mapping[datetime, float]  # start of the hour -> ug/m3

_DIGITS = 6  # of a county's code


def county_of(means: Means, sites: SiteBook, region: str, first_us: int, behind_us: int) -> County:
    """The mean of the county's assessed sites of the air, of those that have a valid hour; empty
    without a county or such sites."""
    county = region[:_DIGITS]
    if len(county) < _DIGITS:
        return {}
    stations = {
        site.mn: site
        for site in sites.sites()
        if (site.medium, site.role) == ("air", "assessed") and site.region.startswith(county)
    }
    if not stations:
        return {}
    code = code_of("PM10")
    table = means.table(
        MeansQuestion(
            "hour", moment(first_us), moment(behind_us), tuple(stations), (code,), ("mean",)
        )
    )
    hours: dict[datetime, list[float]] = {}
    for row in table.select(["start", "mn", "value", "mark"]).to_pylist():
        if row["mark"] or row["value"] is None:
            continue
        site = stations[row["mn"]]
        value = in_unit(row["value"], site.unit(code) or unit_of(site, code), "ug/m3")
        if value is not None:
            hours.setdefault(row["start"], []).append(value)
    return {begin: sum(values) / len(values) for begin, values in hours.items()}
