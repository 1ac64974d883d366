"""`hj212d limit` without a daemon; with one: test_site_command.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Hj212d

ADD = ("limit", "add", "A", "--factor", "SO2", "--unit", "mg/m3")


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Path:
    """The data folder, as a package makes it."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def test_add_list_remove(hj212d: Hj212d) -> None:
    """At most, at least, or between."""
    assert hj212d(*ADD, "--high", "35", "--source", "许可证 1").out == "limit 1 added\n"
    assert hj212d(*ADD, "--high", "35", "--source", "许可证 1").out == (
        "limit 1 says so already\n"
    )
    assert hj212d(*ADD, "--low", "1").out == "limit 2 added\n"
    (kept,) = hj212d(*ADD, "--low", "1", "--high", "9", "--json").out.splitlines()
    assert json.loads(kept)["op"] == "between"
    listed = hj212d("limit", "list").out
    for words in ("<= 35", ">= 1", "1 to 9", "许可证 1"):
        assert words in listed
    assert hj212d("limit", "remove", "1", "2").out == "2 removed\n"
    assert len(hj212d("limit", "list", "--mn", "A", "--json").out.splitlines()) == 1
    assert hj212d("limit", "remove", "1").err == "hj212d: there is no limit 1\n"
    assert "high is missing" in hj212d(*ADD).err
    assert 'high = "much": expected a number' in hj212d(*ADD, "--high", "much").err
    hj212d(*ADD, "--high", "1.0")
    assert "<= 1.0" in hj212d("limit", "list").out


def test_a_file_of_limits(hj212d: Hj212d, tmp_path: Path) -> None:
    """All or none; a second time nothing is new."""
    file = tmp_path / "limits.csv"
    file.write_text("mn,factor,unit,op,low,high,since\nA,w01001,1,between,6,9,2026-01-01\n")
    assert hj212d("limit", "import", file, "--dry-run").out == (
        "1 limits, nothing is wrong with them\n"
    )
    assert hj212d("limit", "import", file).out == "1 limits read, 1 of them new\n"
    assert hj212d("limit", "import", file).out == "1 limits read, 0 of them new\n"
    file.write_text("mn,factor,unit,high\nA,a21026,stone,1\n")
    assert (
        "line 2: unit = \"stone\": unit 'stone' is not known"
        in hj212d("limit", "import", file).err
    )
