"""`hj212d outbox` and `hj212d messages` without a daemon."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Hj212d


@pytest.fixture(autouse=True)
def contact(tmp_path: Path, hj212d: Hj212d) -> None:
    """Somebody with two ways, and a test message by each."""
    (tmp_path / "data").mkdir()
    ways = ("--way", "app", "--way", "email=wang@example.org")
    hj212d("contact", "add", "王工", *ways)
    hj212d("contact", "test", "1")


def test_list_show_drop_again(hj212d: Hj212d) -> None:
    """What was dropped stays to be seen, and can be tried again."""
    listed = hj212d("outbox", "list").out
    assert listed.endswith("2 waiting\n")
    assert len(hj212d("outbox", "list", "--channel", "email", "--json").out.splitlines()) == 1
    shown = hj212d("outbox", "show", "2").out
    assert "to        王工 by email" in shown
    assert "【测试】告警通知" in shown
    assert json.loads(hj212d("outbox", "show", "2", "--json").out)["attempts"] == 0
    assert hj212d("outbox", "drop", "2").out == "1 withheld\n"
    assert "is withheld, not waiting" in hj212d("outbox", "drop", "2").err
    assert "dropped by" in hj212d("outbox", "list", "--state", "withheld").out
    assert hj212d("outbox", "again", "2").out == "1 wait again\n"
    assert hj212d("outbox", "show", "9").err == "hj212d: there is no message 9\n"
    assert "more: --before" in hj212d("outbox", "list", "--limit", "1").err


def test_messages_are_read(hj212d: Hj212d) -> None:
    """Those in-app alone; read ones only when asked for."""
    (row,) = hj212d("messages", "王工", "--json").out.splitlines()
    assert json.loads(row)["channel"] == "app"
    hj212d("messages", "1", "--read")
    assert hj212d("messages", "1", "--json").out == ""
    assert len(hj212d("messages", "1", "--all", "--json").out.splitlines()) == 1
    assert "no contact has the account" in hj212d("messages").err
