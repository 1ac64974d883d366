"""hj212d config: explained, checked, written as a page."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import Hj212d

from hj212d.config.keys import keys, sections
from hj212d.config.page import page

FILE = '[link]\nworkers = 2\n[[device]]\nmn = "A"\npassword = "geheim"\n'


def test_explain_shows_values_and_where_they_came_from(hj212d: Hj212d, tmp_path: Path) -> None:
    """A whole file: sections, values, origins; secrets as ***."""
    config = tmp_path / "c.toml"
    config.write_text(FILE)
    done = hj212d("config", "--explain", "--config", config)
    assert done.status == 0
    assert done.out.startswith(f"# file: {config}\n")
    assert "workers = 2  # file" in done.out
    assert "password = ***  # file" in done.out
    assert "geheim" not in done.out
    assert all(f"[{name}]" in done.out for name, one in sections().items() if not one.many)
    assert hj212d("config", "--config", config) == done


def test_explain_of_some_keys(hj212d: Hj212d) -> None:
    """A section and a key of another one."""
    done = hj212d("config", "--explain", "hub", "link.listen", "--json")
    found = [one["key"] for one in json.loads(done.out)]
    assert found == ["link.listen", *(name for name in keys() if name.startswith("hub."))]
    assert all(one["origin"] == "default" for one in json.loads(done.out))


def test_check_says_yes_or_no(hj212d: Hj212d, tmp_path: Path) -> None:
    """Status 0 and what is in it, or status 1 and what is wrong."""
    config = tmp_path / "c.toml"
    config.write_text(FILE)
    done = hj212d("config", "--check", "--config", config)
    assert (done.status, done.err) == (0, "")
    found = "2 listening addresses, 0 profiles, 0 forward targets, 1 devices"
    assert done.out == f"ok: {config}; {found}\n"
    config.write_text("[link]\nworkers = 'two'\n")
    done = hj212d("config", "--check", "--config", config)
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith(f'hj212d: {config}: [link] workers = "two": expected a whole')


def test_docs_prints_the_page(hj212d: Hj212d) -> None:
    """What stands in docs/configuration.md."""
    assert hj212d("config", "--docs").out == page()
