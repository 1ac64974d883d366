"""`hj212d maintenance` without a daemon."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Hj212d


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Path:
    """The data folder, as a package makes it."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def test_add_list_cancel(hj212d: Hj212d) -> None:
    """A window from now on, and one of every week."""
    done = hj212d("maintenance", "add", "--mn", "A", "--for", "2h", "--reason", "标定")
    assert done.out.startswith("maintenance 1: ")
    words = ("--region", "33", "--from", "2026-01-05T10:00", "--to", "2026-01-05T12:00")
    weekly = hj212d("maintenance", "add", *words, "--every", "week")
    assert weekly.out.endswith(", every week\n")
    listed = hj212d("maintenance", "list").out
    assert "标定" in listed
    assert "yes" in listed
    assert hj212d("maintenance", "cancel", "1").out == "maintenance 1 cancelled\n"
    assert len(hj212d("maintenance", "list", "--json").out.splitlines()) == 1
    rows = hj212d("maintenance", "list", "--all", "--json").out.splitlines()
    assert json.loads(rows[1])["cancelled_by"]
    assert "cancelled by" in hj212d("maintenance", "list", "--all").out


def test_what_is_wrong(hj212d: Hj212d) -> None:
    """One sentence."""
    assert hj212d("maintenance", "add", "--mn", "A").status == 2
    assert "mns is missing" in hj212d("maintenance", "add", "--for", "1h").err
    past = ("--mn", "A", "--from", "-3h", "--to", "-2h")
    assert "lies in the past" in hj212d("maintenance", "add", *past).err
    assert "there is no maintenance 9" in hj212d("maintenance", "cancel", "9").err
