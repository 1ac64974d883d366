"""The configuration in force, told."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hj212d.config.explain import as_json, as_toml, lines
from hj212d.config.keys import keys, sections
from hj212d.config.load import load, read

FILE = """
[link]
workers = 2

[[device]]
mn = "A"
password = "geheim"
keys = ["0123456789abcdef"]

[[device]]
mn = "B"
"""


def test_value_and_origin_of_every_key(tmp_path: Path) -> None:
    """Each key is told once for each place it has; where it came from is told with it."""
    path = tmp_path / "c.toml"
    path.write_text(FILE)
    explained = lines(read(path, {"HJ212D_HUB_HTTP": "127.0.0.1:1"}, {"link.backlog": 9}))
    found = {(line.key.dotted, line.number): (line.value, line.origin) for line in explained}
    assert found["link.workers", 0] == ("2", "file")
    assert found["link.max_links", 0] == ("0", "default")
    assert found["link.backlog", 0] == ("9", "command line")
    assert found["hub.http", 0] == ('"127.0.0.1:1"', "environment")
    assert found["device.mn", 2] == ('"B"', "file")
    singles = [key for key in keys().values() if not key.many]
    of_device = [key for key in keys().values() if key.section == "device"]
    assert len(found) == len(explained) == len(singles) + 2 * len(of_device)


def test_secrets_are_not_told(tmp_path: Path) -> None:
    """Neither in the text nor in the JSON form; that there is one, is."""
    path = tmp_path / "c.toml"
    path.write_text(FILE)
    explained = lines(read(path, {}))
    text = "\n".join(as_toml(explained)) + repr(as_json(explained))
    assert "geheim" not in text
    assert "0123456789abcdef" not in text
    assert "password = ***" in text


def test_the_text_is_a_configuration_file(tmp_path: Path) -> None:
    """Without secrets, what is printed can be read back and means the same."""
    given = read(None, {"HJ212D_LINK_LISTEN": "127.0.0.1:1,127.0.0.1:2"})
    text = "\n".join(as_toml(lines(given)))
    path = tmp_path / "again.toml"
    path.write_text(text)
    assert set(tomllib.loads(text)) == {one.name for one in sections().values() if not one.many}
    assert load(path, {}) == given.config
    assert 'listen = ["127.0.0.1:1","127.0.0.1:2"]  # environment: HJ212D_LINK_LISTEN' in text
