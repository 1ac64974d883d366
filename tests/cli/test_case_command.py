"""`hj212d case` without a daemon."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alert_scene import silent_station
from command_line import Hj212d


@pytest.fixture
def no(tmp_path: Path) -> str:
    """The number of an incident."""
    (tmp_path / "data").mkdir()
    return silent_station(tmp_path / "data", "A")


def test_a_case_from_opening_to_voiding(hj212d: Hj212d, no: str) -> None:
    """Opened of an incident, shown with its log, void with a reason."""
    opened = hj212d("case", "open", no).out
    case = opened.split()[0]
    assert opened == f"{case} reported\n"
    assert "has the case" in hj212d("case", "open", no).err
    assert case in hj212d("case", "list").out
    shown = hj212d("case", "show", case).out
    for words in ("监测点位断线", "北京时间", "class 90002", "frames w0:4096"):
        assert words in shown
    assert json.loads(hj212d("case", "show", case, "--json").out)["broken"] is None
    assert f"case      {case} reported" in hj212d("incident", "show", no).out
    assert hj212d("case", "verify").out == "1 cases verified\n"
    assert hj212d("case", "verify", case).out == "1 cases verified\n"
    assert hj212d("case", "void", case, "--reason", "误报").out == f"{case} voided\n"
    assert hj212d("case", "list", "--json").out == ""
    (row,) = hj212d("case", "list", "--state", "voided", "--json").out.splitlines()
    assert json.loads(row)["case_no"] == case


def test_what_is_refused(hj212d: Hj212d, no: str) -> None:
    """One sentence each."""
    assert hj212d("case", "show", "HJ1").err == "hj212d: there is no case HJ1\n"
    assert hj212d("case", "void", "HJ1").status == 2
    assert "five digits" in hj212d("case", "open", no, "--class", "9").err
    assert 'state = "lost"' in hj212d("case", "list", "--state", "lost").err
