"""`hj212d rule` without a daemon; with one: tests/system/test_cases_of_a_hub.py."""

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


def test_list_and_show(hj212d: Hj212d) -> None:
    """The product's rules are there at once; each figure tells where it comes from."""
    listed = hj212d("rule", "list").out
    assert "offline" in listed
    assert "after_s=900" in listed
    rows = [
        json.loads(line)
        for line in hj212d("rule", "list", "--kind", "stuck", "--json").out.splitlines()
    ]
    assert {row["kind"] for row in rows} == {"stuck"}
    shown = hj212d("rule", "show", "offline").out
    assert "the product's own" in shown
    assert re.search(r"after_s +900  \(product's rule\)", shown)
    assert re.search(r"least_frames +1  \(default of the kind\)", shown)
    assert json.loads(hj212d("rule", "show", "offline", "--json").out)["figures"]
    assert hj212d("rule", "show", "none").err == "hj212d: there is no rule none\n"


def test_set_switch_and_remove(hj212d: Hj212d) -> None:
    """A figure at a time; back to the product's own."""
    changed = hj212d("rule", "set", "offline", "after_s=600", "--note", "河边").out
    assert "changed by" in changed
    assert "in place of 900" in changed
    one = hj212d("rule", "set", "stuck", "after_s.a34=60", "--json").out
    assert json.loads(one)["params"]["after_s"]["a34"] == 60
    assert "a34: 60" in hj212d("rule", "show", "stuck").out
    assert hj212d("rule", "off", "offline", "stuck").out == "offline, stuck off\n"
    assert hj212d("rule", "on", "offline").out == "offline on\n"
    assert hj212d("rule", "remove", "offline").out == (
        "offline removed; the product's own holds again\n"
    )
    assert "can be switched off" in hj212d("rule", "remove", "offline").err


def test_an_own_rule(hj212d: Hj212d) -> None:
    """About some stations; what nobody knows yet is warned of; everywhere again."""
    words = ("--kind", "over_limit", "by=value", "high=75", "period=realtime", "--mn", "Z")
    done = hj212d("rule", "set", "mine", *words, "--factor", "PM2.5", "--case", "suggest")
    assert done.err == "hj212d: nobody knows Z yet\n"
    assert "Z; a34004" in done.out
    assert "a34004" in hj212d("rule", "set", "mine", "--everywhere").out
    assert "about     a34004" in hj212d("rule", "show", "mine").out
    assert hj212d("rule", "remove", "mine").out == "mine removed\n"


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["offline", "after_s=-1"], 1, "after_s = -1: expected float >= 0.0"),
        (["offline", "afters=1"], 1, "afters: a rule of offline has no such figure"),
        (["offline", "after_s"], 2, '"after_s": expected NAME=VALUE'),
        (["stuck", "after_s=1", "after_s.a=2"], 2, '"after_s.a=2": expected NAME=VALUE'),
        (["new"], 1, "kind is missing"),
        (["offline", "--region", "x"], 1, 'regions = "x": expected the code of a region'),
    ],
)
def test_what_is_wrong_is_one_sentence(
    hj212d: Hj212d, words: list[str], status: int, sentence: str
) -> None:
    """With field and value."""
    done = hj212d("rule", "set", *words)
    assert (done.status, done.err.startswith(f"hj212d: {sentence}")) == (status, True), done.err


def test_what_cannot_be_tried(hj212d: Hj212d) -> None:
    """Without a store there is no past; a span has an end, and 31 days at the most."""
    asked = ("--from", "-2h", "--to", "now", "--mn", "A")
    assert "the store gives nothing" in hj212d("rule", "test", "offline", *asked).err
    backward = ("--from", "now", "--to", "-1h", "--mn", "A")
    assert "ends before it begins" in hj212d("rule", "test", "offline", *backward).err
    long = ("--from", "-40d", "--to", "now", "--mn", "A")
    assert "31 days at the most" in hj212d("rule", "test", "offline", *long).err
