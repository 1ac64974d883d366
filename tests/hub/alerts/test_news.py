"""Rules and limits are read again when somebody changed something, in any process."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from hj212d.hub.alerts.news import News, figures_of, news
from store.registry import alert_tables
from store.registry.alert_records import RuleRecord
from store.registry.decisions import LimitRecord
from store.registry.open import open_registry


def test_only_what_is_new(tmp_path: Path) -> None:
    """The product's rules at first; a change of another process; nothing when nothing changed."""
    url = f"sqlite:///{tmp_path}/registry.db"
    mine = open_registry(url, tmp_path / "key")
    other = open_registry(url, tmp_path / "key")
    first = news(mine, News())
    assert first is not None
    assert "offline" in {rule.key for rule in first.rules}
    assert news(mine, first) is None
    other.rules.put(RuleRecord(key="offline", kind="offline", on=False), "somebody")
    second = news(mine, first)
    assert second is not None
    assert "offline" not in {rule.key for rule in second.rules}
    limit = LimitRecord(mn="A", factor="w01018", period="hour", high=40.0, unit="mg/L")
    other.limits.add(limit, "somebody")
    third = news(mine, second)
    assert third is not None
    assert [one.high for one in third.limits] == [40.0]
    assert figures_of(mine) == {"incidents": {}, "outbox": {}}
    mine.close()
    other.close()


def test_a_rule_that_cannot_be_used(tmp_path: Path) -> None:
    """It is named, and the others are in force."""
    url = f"sqlite:///{tmp_path}/registry.db"
    registry = open_registry(url, tmp_path / "key")
    registry.rules.put(RuleRecord(key="odd", kind="offline", params={"after_s": 5}), "somebody")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.update(alert_tables.rules).values(params={"after_s": -5}))
    engine.dispose()
    found = news(registry, News())
    assert found is not None
    assert list(found.unusable) == ["odd"]
    assert "odd" not in {rule.key for rule in found.rules}
    registry.close()
