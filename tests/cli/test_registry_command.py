"""`hj212d registry`: check, migrate, rekey, without a daemon."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command_line import Hj212d


@pytest.fixture
def data(tmp_path: Path, hj212d: Hj212d) -> Path:
    """A data folder with a registry that holds a secret."""
    (tmp_path / "data").mkdir()
    assert hj212d("device", "set", "A", "password=geheim").status == 0
    return tmp_path / "data"


def test_all_is_well(hj212d: Hj212d, data: Path) -> None:
    """In words and as JSON; migrating has nothing to do."""
    assert (data / "registry.db").exists()
    done = hj212d("registry", "check")
    assert (done.status, done.out) == (0, "the registry is as it should be\n")
    assert json.loads(hj212d("registry", "check", "--json").out) == {"problems": []}
    assert "already" in hj212d("registry", "migrate").out


def test_migrate_makes_the_tables(hj212d: Hj212d, tmp_path: Path) -> None:
    """Where there are none."""
    done = hj212d("registry", "migrate")
    assert done.out.startswith("the tables were brought from version nothing to ")
    assert (tmp_path / "data" / "registry.db").exists()


def test_nothing_there_yet(hj212d: Hj212d, tmp_path: Path) -> None:
    """It is said, and nothing is made."""
    done = hj212d("registry", "check")
    assert done.status == 1
    assert "there is no registry yet" in done.out
    assert not (tmp_path / "data").exists()


def test_rekey(hj212d: Hj212d, data: Path) -> None:
    """The file is another one, the secrets are the same."""
    before = (data / "registry.key").read_bytes()
    assert hj212d("registry", "rekey").out == "1 secrets are sealed with a new key\n"
    assert (data / "registry.key").read_bytes() != before
    assert hj212d("registry", "check").status == 0


def test_a_key_that_is_gone(hj212d: Hj212d, data: Path) -> None:
    """One sentence from each command, status 1, and no new key."""
    os.rename(data / "registry.key", data / "elsewhere")
    assert "registry.key is missing" in hj212d("registry", "check").out
    done = hj212d("registry", "rekey")
    assert done.status == 1
    assert "registry.key is missing" in done.err
    assert not (data / "registry.key").exists()
    found = hj212d("check")
    assert found.status == 1
    assert "registry.key is missing" in found.out
