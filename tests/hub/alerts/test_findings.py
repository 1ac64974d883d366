"""What a check finds: days that lack data, and keys that are too old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from alerts.rules.book import checked
from hj212d.hub.alerts.findings import in_a_row, incomplete, of_registry, of_store, old_keys
from hj212d.hub.alerts.moments import microseconds
from hj212d.hub.completeness.rates import RATES
from hj212d.hub.completeness.reckoning import Question
from hj212d.hub.completeness.settings import CompletenessSettings
from store.registry.alert_records import RuleRecord
from store.registry.open import open_registry
from store.registry.records import KeyRecord

NOON = datetime(2026, 6, 2, 4, tzinfo=UTC)  # in Beijing
NOW = microseconds(NOON)
FEW = checked(RuleRecord(key="few", kind="completeness", way="check", regions=["33"]))
AGE = checked(RuleRecord(key="age", kind="key_age", way="check", params={"days": 100}))


class Stations:
    """Two in region 33, one elsewhere."""

    def region(self, mn: str) -> str:
        """By the first letter."""
        return "440100" if mn == "Z" else "330100"

    def medium(self, mn: str) -> str:  # noqa: ARG002 - of any
        """All of the air."""
        return "air"


class Reckoned:
    """Rates that are given."""

    def __init__(self, *rows: tuple[str, int, int, float | None]) -> None:
        self.asked: list[Question] = []
        self._rows = rows

    def rates(
        self,
        question: Question,
        settings: CompletenessSettings,  # noqa: ARG002 - none counts here
    ) -> pa.Table:
        """Of MN, expected, received and effective rate."""
        self.asked.append(question)
        day = datetime(2026, 5, 31, 16)
        rows = [
            {
                "start": day,
                "mn": mn,
                "expected": expected,
                "received": received,
                "valid": received,
                "effective_rate": rate,
            }
            for mn, expected, received, rate in self._rows
        ]
        return pa.Table.from_pylist(rows, schema=RATES)


def test_stations_that_lack_data() -> None:
    """Of the last full Beijing day; those that owe nothing, and those that a rule is not about,
    are left alone."""
    rates = Reckoned(
        ("A", 24, 17, 0.7083),
        ("B", 24, 18, 0.75),
        ("C", 24, 0, None),
        ("D", 0, 0, None),
        ("Z", 24, 1, 0.05),
    )
    found = incomplete([FEW], rates, CompletenessSettings(), Stations(), NOW)
    assert [(one.subject, one.value, one.limit) for one in found] == [
        ("mn:A", 0.7083, 0.75),
        ("mn:C", 0.0, 0.75),
    ]
    (question,) = rates.asked
    midnight = microseconds(datetime(2026, 6, 1, 16, tzinfo=UTC))
    assert (question.start_us, question.end_us) == (midnight - 86_400_000_000, midnight)


def test_keys_that_are_too_old(tmp_path: Path) -> None:
    """The one in force counts, by its age; a device without any has none that is old."""
    registry = open_registry(f"sqlite:///{tmp_path}/registry.db", tmp_path / "key")
    for mn, days in (("A", 101), ("B", 99)):
        made = NOON - timedelta(days=days)
        registry.keys.add(KeyRecord(mn, bytes(16), "current", made), "somebody")
    (found,) = old_keys(registry, [AGE], Stations(), NOW)
    assert (found.subject, found.value, found.limit, found.unit) == ("key:A", 101.0, 100.0, "d")
    registry.close()


def test_who_is_asked() -> None:
    """Store and registry, each for its kinds; how often in a row is said by rule or settings."""
    other = checked(RuleRecord(key="drift", kind="drift", way="check"))
    rules = [FEW, AGE, other]
    assert (of_store(rules), of_registry(rules)) == ([FEW], [AGE])
    assert [in_a_row(rule, 3) for rule in rules] == [2, 3, 3]
