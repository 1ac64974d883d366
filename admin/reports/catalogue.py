"""The views that a template can name, and the fields of its texts.

Tests: tests/admin/test_report_template.py.
"""

from __future__ import annotations

from admin.reports.views.against import COMPARED, EVALUATION_THREE_YEARS
from admin.reports.views.calendar import CALENDAR
from admin.reports.views.course import COURSE, COURSE_COMPARED
from admin.reports.views.days import LEVELS, LEVELS_MONTHLY, PRIMARIES, SHARES, VALIDITY
from admin.reports.views.index import INDEX
from admin.reports.views.judged import EVALUATION, RANKING
from admin.reports.views.means import FACTORS, MEANS
from admin.reports.views.view import View

VIEWS: dict[str, View] = {
    "index": INDEX,
    "levels": LEVELS,
    "levels_monthly": LEVELS_MONTHLY,
    "calendar": CALENDAR,
    "primaries": PRIMARIES,
    "shares": SHARES,
    "validity": VALIDITY,
    "evaluation": EVALUATION,
    "evaluation_three_years": EVALUATION_THREE_YEARS,
    "compared": COMPARED,
    "ranking": RANKING,
    "course": COURSE,
    "course_compared": COURSE_COMPARED,
    "means": MEANS,
    "factors": FACTORS,
}

# Table -> the levels that it can be asked for.
LEVELS_OF: dict[str, tuple[str, ...]] = {
    "aqi": ("hour", "day"),
    "evaluation": (),
    "ranking": (),
    "course": ("day", "tenday", "month", "quarter", "year"),
    "means": ("minute", "hour", "day", "tenday", "week", "month", "quarter", "year", "span"),
}

# Field of a text -> what it is.
FIELDS = {
    "place": "where: the names of the places, two at the most",
    "place_names": "the same, twenty at the most",
    "places": "how many places there are",
    "kind": "小时报, 日报, 旬报, 周报, 月报, 季报, 年报, 统计报告",
    "period": "which period, in words",
    "from": "its first day",
    "to": "its last day",
    "standard": "the standards that were applied",
    "events": "whether hours of exceptional events count",
    "marks": "which marks there are in the data",
    "revision": "the newest version of the data in it",
    "as_of": "until when what was received is considered",
    "made": "when it was made",
    "best": "the first of the ranking",
    "worst": "the last of the ranking",
    "ranking": "both in a sentence, or that nobody has a rank",
    "good_days": "days (of all places) with AQI up to 100",
    "valid_days": "days (of all places) with an AQI",
    "good_share": "their share in percent",
}
