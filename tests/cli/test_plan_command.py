"""`hj212d plan` without a daemon."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_line import Hj212d


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Path:
    """The data folder, as a package makes it."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def test_a_plan_and_its_life(hj212d: Hj212d, tmp_path: Path) -> None:
    """Added, listed, searched, shown, changed, reviewed, withdrawn."""
    text = tmp_path / "plan.txt"
    text.write_text("第一条 启动响应。\n第二条 限行。\n", encoding="utf-8")
    hj212d("contact", "add", "李工")
    words = ("--region", "330100", "--level", "I", "--kind", "heavy_pollution")
    more = ("--keyword", "停产", "--contact", "李工", "--text", str(text))
    done = hj212d("plan", "add", "重污染天气应急预案", *words, *more)
    code = done.out.split()[1]
    assert code.startswith("YA-330100-")
    assert done.out == f"plan {code} added\n"
    assert "重污染天气应急预案" in hj212d("plan", "list", "--level", "I").out
    assert code in hj212d("plan", "search", "限行", "停产").out
    assert code not in hj212d("plan", "search", "泄漏").out
    shown = hj212d("plan", "show", code).out
    assert "李工 (1)" in shown
    assert "第二条 限行。" in shown
    assert "heavy_pollution; from critical on" in shown
    assert re.search(r"last change: +\d{4}-\d\d-\d\d \d\d:\d\d:", shown)  # Beijing time
    changed = hj212d("plan", "set", code, "--title", "新预案", "--review-days", "30")
    assert changed.out == f"plan {code} changed\n"
    assert "reviewed, again by " in hj212d("plan", "review", code).out
    assert hj212d("plan", "withdraw", code).out == f"plan {code} withdrawn\n"
    (row,) = map(json.loads, hj212d("plan", "list", "--json").out.splitlines())
    assert (row["title"], row["state"], row["review_days"]) == ("新预案", "withdrawn", 30)
    assert hj212d("plan", "list", "--state", "in_force", "--json").out == ""


def test_codes_are_counted(hj212d: Hj212d) -> None:
    """Of a region and year; --json says the code."""
    found = [json.loads(hj212d("plan", "add", name, "--json").out)["code"] for name in "ab"]
    assert [code[-4:] for code in found] == ["0001", "0002"]
    assert "more: --limit" in hj212d("plan", "list", "--limit", "1").err


def test_long_text(hj212d: Hj212d, tmp_path: Path) -> None:
    """200 KB go straight into the registry."""
    text = tmp_path / "plan.txt"
    text.write_text("总则。" * 40_000, encoding="utf-8")
    code = json.loads(hj212d("plan", "add", "长", "--text", str(text), "--json").out)["code"]
    assert json.loads(hj212d("plan", "show", code, "--json").out)["characters"] == 120_000


def test_wrong_use(hj212d: Hj212d, tmp_path: Path) -> None:
    """One sentence each."""
    assert "there is no plan" in hj212d("plan", "show", "YA-1").err
    assert "region" in hj212d("plan", "add", "x", "--region", "1").err
    assert hj212d("plan", "set", "YA-1").status == 2
    assert hj212d("plan", "add", "x", "--level", "V").status == 2
    latin = tmp_path / "latin.txt"
    latin.write_bytes("预案".encode("gb18030"))
    assert "is no text in UTF-8" in hj212d("plan", "add", "x", "--text", str(latin)).err
