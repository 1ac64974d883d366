"""`hj212d bulletin`, of what a daemon left in the registry."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from command_line import Hj212d

from store.registry.decisions import BulletinRecord
from store.registry.open import open_registry

START = datetime(2026, 11, 20, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAID = {
    "period": "2026-11-20 12:00",
    "place": "A",
    "name": "站\x1b[31m",
    "standard": "HJ633-2026",
    "aqi": 119,
    "category": "轻度污染",
    "primary": ["PM2.5"],
    "pollutants": [{"pollutant": "PM2.5", "value": 80, "unit": "ug/m3", "iaqi": 119}],
    "missing": ["CO"],
    "effect": "影响。",
    "advice": "建议。",
    "sensitive": [{"pollutant": "PM2.5", "groups": ["老年人"]}],
    "mark": "",
}
RANKED = {
    "period": "2026-11-19",
    "place": "region:*",
    "by": "index",
    "rankings": {
        "day": {
            "period": "2026-11-19",
            "rows": [
                {"rank": 1, "place": "region:330100", "name": "杭州", "value": 3.14}
                | {"main": "O3", "mark": ""}
            ],
        }
    },
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two versions of an hour and a ranking."""
    folder = tmp_path / "left"
    folder.mkdir()
    with_file = open_registry(f"sqlite:///{folder / 'registry.db'}", folder / "registry.key")

    def publish(kind: Any, place: str, start: datetime, said: dict[str, Any]) -> None:
        content = msgspec.json.encode(said).decode()
        with_file.bulletins.publish(
            BulletinRecord(kind=kind, place=place, start=start, content=content, as_of=START)
        )

    publish("hour", "A", START, SAID | {"aqi": 60, "category": "良"})
    publish("hour", "A", START, SAID)
    publish("ranking", "region:*", START - 11 * HOUR, RANKED)
    with_file.close()
    return folder


def test_list(data: Path, hj212d: Hj212d) -> None:
    """The versions that count, or all; a name cannot paint the terminal."""
    done = hj212d("bulletin", "list", "--data", data, "--kind", "hour")
    assert done.status == 0
    head, row = done.out.splitlines()
    assert head.split()[:3] == ["kind", "period", "place"]
    assert "119  轻度污染" in row
    assert "2, correction" in row
    assert "\\x1b[31m" in row
    every = hj212d("bulletin", "list", "--data", data, "--versions", "--json").out
    assert [json.loads(line)["version"] for line in every.splitlines()] == [1, 2, 1]


def test_show(data: Path, hj212d: Hj212d) -> None:
    """The newest, with the versions; or an old one."""
    found = hj212d("bulletin", "show", "hour", "A", "2026-11-20T11:00", "--data", data)
    assert "119 轻度污染 (HJ633-2026)" in found.out
    assert "老年人" in found.out
    old = hj212d(
        *("bulletin", "show", "hour", "A", "2026-11-20T11:00", "--version", "1", "--json"),
        *("--data", data),
    )
    assert json.loads(old.out)["bulletin"]["content"]["aqi"] == 60
    ranking = hj212d("bulletin", "show", "ranking", "region:*", "2026-11-20", "--data", data)
    assert "杭州" in ranking.out


def test_what_is_not_there(data: Path, hj212d: Hj212d) -> None:
    """One line and a status."""
    done = hj212d("bulletin", "show", "day", "A", "2026-11-20", "--data", data)
    assert (done.status, done.err) == (
        1,
        "hj212d: nothing was published of A for that period\n",
    )
    span = ("--from", "2026-11-20", "--to", "2026-11-21", "--data", data)
    assert hj212d("bulletin", "publish", "day", *span).status == 1
    wrong = hj212d("bulletin", "publish", "day", "--from", "now", "--to", "-1h")
    assert wrong.err == "hj212d: --from must be before --to\n"
