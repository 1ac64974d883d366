"""Templates of the clock's messages: both languages have all, the operator's may fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.schedules.wording import LANGUAGES, OWN, Words

FACTS = {"day": "2026-11-20", "until": "12:00"}


def test_each_language_has_all() -> None:
    """The same names."""
    names = {one: {path.name for path in (OWN / one).glob("*.txt")} for one in LANGUAGES}
    assert (
        names["zh"]
        == names["en"]
        == {*("missing.txt", "ranking.txt", "review.txt", "summary.txt")}
    )


def test_subject_text_and_short_form() -> None:
    """First line, the lines between, last line; another language is Chinese."""
    en = Words().message("missing", "en", FACTS)
    assert en.subject == "No air quality ranking of 2026-11-20"
    assert en.text.startswith("The air quality ranking of 2026-11-20 was not published by 12:00")
    assert en.facts == {**FACTS, "short": "No air quality ranking of 2026-11-20 by 12:00"}
    assert Words().message("missing", "fr", FACTS).subject == "2026-11-20 空气质量排名未发布"


@pytest.mark.parametrize("text", ["{{ nothing }}", "one\ntwo", "{% if %}", "{{ day.x.y }}\na\nb"])
def test_a_template_of_the_operator_that_fails(tmp_path: Path, text: str) -> None:
    """Ours takes its place, and it is said how it failed."""
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "missing.txt").write_text(text, encoding="utf-8")
    words = Words(str(tmp_path))
    assert words.message("missing", "zh", FACTS).subject == "2026-11-20 空气质量排名未发布"
    assert words.fault.startswith("the operator's template missing fails: ")


def test_a_template_of_the_operator(tmp_path: Path) -> None:
    """His words, and ours where he has none."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "missing.txt").write_text("A {{ day }}\nB\nC\nD", encoding="utf-8")
    words = Words(str(tmp_path))
    found = words.message("missing", "en", FACTS)
    assert (found.subject, found.text, found.facts["short"]) == ("A 2026-11-20", "B\nC", "D")
    assert words.message("missing", "zh", FACTS).subject.startswith("2026-11-20")
    assert words.fault == ""
