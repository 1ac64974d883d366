"""`hj212d incident` without a daemon."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alert_scene import silent_station
from command_line import Hj212d


@pytest.fixture
def no(tmp_path: Path, hj212d: Hj212d) -> str:
    """The number of an incident of which somebody was told."""
    data = tmp_path / "data"
    data.mkdir()
    hj212d("contact", "add", "王工", "--way", "app", "--login", "root")
    hj212d("subscription", "add", "1")
    return silent_station(data, "A")


def test_list_and_show(hj212d: Hj212d, no: str) -> None:
    """All that is known of it on one page."""
    listed = hj212d("incident", "list").out
    assert no in listed
    assert "mn:A" in listed
    assert hj212d("incident", "list", "--kind", "stuck", "--json").out == ""
    assert hj212d("incident", "list", "--from", "now", "--json").out == ""
    shown = hj212d("incident", "show", no).out
    for words in ("open, warning, rule offline", "frames    w0:4096", "opened", "王工", "stands"):
        assert words in shown
    answer = json.loads(hj212d("incident", "show", no, "--json").out)
    assert answer["incident"]["no"] == no
    assert "more: --before 1" in hj212d("incident", "list", "--limit", "1").err


def test_what_people_do(hj212d: Hj212d, no: str) -> None:
    """Taken in hand, silenced, told of again, noted."""
    assert hj212d("incident", "ack", no, "--note", "在路上").out == f"{no} acknowledged\n"
    assert hj212d("incident", "silence", no, "--for", "2h").out.startswith(f"{no} silent until ")
    assert "silent    until" in hj212d("incident", "show", no).out
    assert hj212d("incident", "unsilence", no).out == f"{no} told of again\n"
    assert hj212d("incident", "note", no, "换了\x1b[31m电源").out == f"{no} noted\n"
    shown = hj212d("incident", "show", no).out
    assert "在路上" in shown
    assert "\x1b" not in shown
    assert "in hand   of" in shown


def test_what_is_refused(hj212d: Hj212d, no: str) -> None:
    """One sentence each."""
    assert "lies in the past" in hj212d("incident", "silence", no, "--until", "-1h").err
    assert 'span = "soon"' in hj212d("incident", "silence", no, "--for", "soon").err
    assert "one of the two" in hj212d("incident", "silence", no).err
    assert hj212d("incident", "close", no).status == 1
    assert hj212d("incident", "ack", "A1").err == "hj212d: there is no incident A1\n"


def test_messages_of_it(hj212d: Hj212d, no: str) -> None:
    """In the outbox, and in-app for whose account it is."""
    (row,) = hj212d("outbox", "list", "--json").out.splitlines()
    assert json.loads(row)["step"] == "opened"
    assert no in hj212d("outbox", "show", "1").out
    assert len(hj212d("messages", "王工", "--json").out.splitlines()) == 1
