"""`hj212d subscription` without a daemon."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Hj212d


@pytest.fixture(autouse=True)
def contact(tmp_path: Path, hj212d: Hj212d) -> None:
    """Somebody to be told."""
    (tmp_path / "data").mkdir()
    hj212d("contact", "add", "王工", "--way", "app")


def test_add_list_remove(hj212d: Hj212d) -> None:
    """Each option narrows what is heard."""
    done = hj212d("subscription", "add", "王工", "--region", "33", "--kind", "offline")
    assert done.out == "subscription 1: incidents; from warning; kinds offline; regions 33\n"
    assert done.err == "hj212d: no station is in region 33 yet\n"
    words = ("--topic", "summary", "--every", "day", "--channel", "app", "--json")
    assert json.loads(hj212d("subscription", "add", "1", *words).out)["summary_every"] == "day"
    assert "summary every day" in hj212d("subscription", "list", "--contact", "1").out
    assert hj212d("subscription", "remove", "1", "2").out == "2 removed\n"
    assert hj212d("subscription", "list", "--json").out == ""
    assert (
        "summary_every is missing" in hj212d("subscription", "add", "1", "--topic", "summary").err
    )
    assert "there is no contact 9" in hj212d("subscription", "add", "9").err


def test_a_limit_of_ones_own(hj212d: Hj212d) -> None:
    """A rule that says whose it is."""
    done = hj212d("subscription", "limit", "王工", "a1", "PM2.5", "75")
    assert done.out == "rule own-1-a1-a34004 set\n"
    assert "for contact 1" in hj212d("rule", "show", "own-1-a1-a34004").out
    assert hj212d("subscription", "limit", "1", "a1", "PM2.5", "much").status == 2
