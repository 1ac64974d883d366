"""`hj212d review` without a daemon; with one: test_site_command.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Hj212d

ADD = ("review", "add", "A", "--from", "2026-03-01T08:00", "--to", "2026-03-01T10:00")


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Path:
    """The data folder, as a package makes it."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def rows(text: str) -> list[dict[str, object]]:
    """What --json printed."""
    return [json.loads(line) for line in text.splitlines()]


def test_add_list_revoke(hj212d: Hj212d) -> None:
    """A mark that was revoked is seen by those who ask for it."""
    added = hj212d(*ADD, "--factor", "PM2.5", "--period", "hour", "--reason", "power")
    assert (added.status, added.out) == (0, "review 1 added\n")
    again = hj212d(*ADD, "--factor", "a34004", "--period", "hour", "--reason", "fault")
    assert again.out == "review 1 says so already\n"
    (mark,) = rows(hj212d(*ADD, "--valid", "--reason", "other", "--note", "好的", "--json").out)
    assert (mark["verdict"], mark["note"], mark["period"]) == ("valid", "好的", "")
    listed = hj212d("review", "list").out.splitlines()
    assert "2026-03-01 08:00:00  2026-03-01 10:00:00  invalid  power" in listed[1]
    assert " all " in listed[2]
    assert hj212d("review", "revoke", "2").out == "1 revoked\n"
    assert len(rows(hj212d("review", "list", "--json").out)) == 1
    assert len(rows(hj212d("review", "list", "--state", "all", "--json").out)) == 2
    assert "valid, revoked by" in hj212d("review", "list", "--state", "revoked").out
    assert hj212d("review", "list", "--from", "2026-03-01T10:00", "--json").out == ""
    assert hj212d("review", "revoke", "9").err == "hj212d: there is no review 9\n"


def test_what_is_wrong_is_said_in_one_sentence(hj212d: Hj212d) -> None:
    """Nothing is marked by it."""
    assert 'reason = "dunno": expected one of calibration' in hj212d(*ADD, "--reason", "dunno").err
    ahead = hj212d("review", "add", "A", "--from", "2100-01-01", "--reason", "fault").err
    assert "lies ahead" in ahead
    assert hj212d("review", "list", "--state", "all", "--json").out == ""


def test_reasons_are_the_deployments(hj212d: Hj212d, data: Path) -> None:
    """A list of its own."""
    (data / "hj212d.toml").write_text('[review]\nreasons = ["停电"]\n')
    assert hj212d(*ADD, "--reason", "停电").out == "review 1 added\n"
    assert "expected one of 停电" in hj212d(*ADD, "--reason", "power").err


def test_a_file_of_marks(hj212d: Hj212d, tmp_path: Path) -> None:
    """All or none; a second time nothing is new."""
    file = tmp_path / "marks.csv"
    file.write_text(
        "mn,factor,start,end,reason,note\n"
        "A,PM2.5,2026-03-01T08:00,2026-03-01T09:00,power,停电\n"
        "B,,2026-03-01T08:00,,fault,\n"
    )
    dry = hj212d("review", "import", file, "--dry-run")
    assert dry.out == "2 marks, nothing is wrong with them\n"
    assert hj212d("review", "import", file).out == "2 marks read, 2 of them new\n"
    assert hj212d("review", "import", file).out == "2 marks read, 0 of them new\n"
    file.write_text("mn,start,reason\nA,2026-03-01,fault\nA,never,fault\nA,2026-03-01,?\n")
    err = hj212d("review", "import", file).err
    assert 'line 3: start = "never"' in err
    assert 'line 4: reason = "?"' in err
    assert len(rows(hj212d("review", "list", "--json").out)) == 2
