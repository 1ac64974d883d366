"""A warning's alarm in words: both languages, and details that are not as they should be."""

from __future__ import annotations

from alerts.warnings.words import warning_facts

DETAIL = {
    "level": "red",
    "from": "2026-11-21T16:00:00Z",
    "until": "2026-11-24T16:00:00Z",
    "peak_aqi": 340,
    "primary": ["PM2.5"],
    "because": "AQI > 200 for 72 h",
    "skill": 0.25,
}


def test_words() -> None:
    """Level by language, times of Beijing."""
    zh, en = warning_facts(DETAIL, "zh"), warning_facts(DETAIL, "en")
    assert (zh["shown_level"], en["shown_level"]) == ("红色", "red")
    assert (zh["from"], zh["until"]) == ("11-22 00:00", "11-25 00:00")
    assert (zh["peak_aqi"], zh["primary"], zh["skill"]) == (340, ["PM2.5"], 0.25)


def test_details_of_others() -> None:
    """Nothing is said of what is no warning; what is missing is empty."""
    assert warning_facts({}, "zh") == {}
    assert warning_facts({"level": "purple"}, "zh") == {}
    bare = warning_facts({"level": "blue", "from": "soon", "skill": "good"}, "en")
    assert (bare["from"], bare["until"], bare["skill"], bare["primary"]) == ("", "", None, [])
