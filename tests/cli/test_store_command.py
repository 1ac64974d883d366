"""hj212d store, on a store in this process and on one that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Hj212d


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A folder for ClickHouse's engine."""
    return f"chdb:///{tmp_path}/store"


def test_init_check_migrate(url: str, hj212d: Hj212d) -> None:
    """Nothing there is a problem; after init there is none; doing it again changes nothing."""
    before = hj212d("store", "check", "--store", url)
    assert before.status == 1
    assert "store init" in before.out
    made = hj212d("store", "init", "--store", url)
    assert (made.status, made.err) == (0, "")
    assert made.out.startswith("made the tables of chdb:///")
    assert hj212d("store", "init", "--store", url).out == "the tables are there already\n"
    assert hj212d("store", "migrate", "--store", url).out == "nothing was to be done\n"
    after = hj212d("store", "check", "--store", url, "--json")
    assert (after.status, json.loads(after.out)) == (0, {"problems": []})


def test_days_to_keep(url: str, tmp_path: Path, hj212d: Hj212d) -> None:
    """What the configuration says is checked, and done by migrate."""
    hj212d("store", "init", "--store", url)
    config = tmp_path / "keep.toml"
    config.write_text("[store]\nframes_days = 90\n")
    words = ("--config", config, "--store", url)
    assert hj212d("store", "check", *words).status == 1
    assert "toIntervalDay(90)" in hj212d("store", "migrate", *words).out
    assert hj212d("store", "check", *words).status == 0


def test_a_server_that_is_down_is_one_line(hj212d: Hj212d) -> None:
    """The sentence shows where, and no password."""
    done = hj212d("store", "init", "--store", "clickhouse://me:geheim@127.0.0.1:9/db")
    assert done.status == 1
    assert done.err.count("\n") == 1
    assert "clickhouse://me@127.0.0.1:9/db" in done.err
    assert "refused" in done.err
    assert "geheim" not in done.err


def test_a_wrong_url_is_wrong_use(hj212d: Hj212d) -> None:
    """Status 2 and how a URL looks."""
    done = hj212d("store", "check", "--store", "clickhouse://")
    assert done.status == 2
    assert "HOST" in done.err
