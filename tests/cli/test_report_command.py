"""`hj212d report` before anything is asked: templates, and what is wrong with a wish."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Hj212d


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a template of its own and one that is broken."""
    (tmp_path / "mine.toml").write_text(
        'title = "我的{kind}"\nabout = "自己的"\nkinds = ["month"]\n', encoding="utf-8"
    )
    (tmp_path / "hj212d.toml").write_text(
        f'[reports]\ntemplates = "{tmp_path}"\nfont = "{tmp_path}/none.ttf"\n', encoding="utf-8"
    )
    (tmp_path / "hj212d.toml").rename(tmp_path / "config")
    return tmp_path


def options(data: Path) -> tuple[str, ...]:
    """Where the command works."""
    return ("--data", str(data), "--config", str(data / "config"))


def test_list(hj212d: Hj212d, data: Path) -> None:
    """Shipped ones and the deployment's, with the periods that they are for."""
    status, out, _ = hj212d("report", "--list", "--json", *options(data))
    rows = {row["name"]: row for row in map(json.loads, out.splitlines())}
    assert status == 0
    assert rows["mine"] == {
        "name": "mine",
        "kinds": ["month"],
        "origin": "own",
        "about": "自己的",
    }
    assert rows["air-day"]["origin"] == "shipped"
    assert "空气质量日报" in hj212d("report", "--list", *options(data))[1]


def test_a_template_to_start_from(hj212d: Hj212d, data: Path) -> None:
    """What is printed is a template, comments and all."""
    status, out, _ = hj212d("report", "--show-template", "air-day", *options(data))
    assert (status, out.startswith("# The daily report")) == (0, True)
    (data / "air-day.toml").write_text(out, encoding="utf-8")
    assert hj212d("report", "--show-template", "air-day", *options(data))[1] == out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("month", "--template", "mien"), "there is no template mien, did you mean mine?"),
        (("day", "--template", "mine"), "template mine is for month, not for day"),
        (("month", "--template", "broken"), "broken.toml: title: Expected `str`, got `int`"),
        (("day", "--format", "pdf"), "none.ttf: there is no such file"),
        (("day", "--period", "2026-10"), "is not one day"),
        (("span",), "a span needs --period"),
    ],
)
def test_what_is_wrong(hj212d: Hj212d, data: Path, words: tuple[str, ...], said: str) -> None:
    """One sentence, and no file."""
    (data / "broken.toml").write_text("title = 5\nkinds = []\n", encoding="utf-8")
    before = set(data.iterdir())
    status, out, err = hj212d("report", *words, "--output", str(data / "x.pdf"), *options(data))
    assert (status in (1, 2), out, said in err) == (True, "", True), err
    assert err.count("\n") == 1
    assert set(data.iterdir()) == before
