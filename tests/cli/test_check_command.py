"""hj212d check: each question with its ok, warn and fail."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command_line import Hj212d

from hj212d.cli import checks, compiled
from hj212d.config.model import Config
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.hub.settings import HubSettings
from hj212d.journal.settings import JournalSettings
from hj212d.link.settings import LinkSettings
from hj212d.wire.settings import DeviceSettings


def test_before_the_first_start(hj212d: Hj212d) -> None:
    """Nothing is there yet: warnings, status 0."""
    done = hj212d("check")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[0].split() == ["state", "what", "found"]
    states = [line.split()[0] for line in done.out.splitlines()[1:]]
    assert "fail" not in states
    assert states.count("warn") == 4 + bool(compiled.notice())


def test_a_configuration_that_cannot_be_used(hj212d: Hj212d, tmp_path: Path) -> None:
    """Is a fail, and the last question."""
    config = tmp_path / "c.toml"
    config.write_text("[lnk]\n")
    done = hj212d("check", "--json", "--config", config)
    assert done.status == 1
    (only,) = json.loads(done.out)
    assert (only["state"], only["what"]) == ("fail", "configuration")
    assert only["detail"].endswith("there is no section [lnk]; did you mean link?")


def test_a_clock_in_the_past() -> None:
    """A machine that lost its clock would stamp frames wrongly."""
    assert checks.clock(0.0).state == "fail"
    assert checks.clock(1_800_000_000.0).state == "ok"


def test_links_against_the_limit_of_open_files() -> None:
    """What cannot be held is refused with both numbers, as serve does."""
    fits = checks.links(Config(link=LinkSettings(max_links=5000, workers=1)), 20_000)
    assert fits.state == "ok"
    found = checks.links(Config(link=LinkSettings(max_links=50_000, workers=1)), 20_000)
    assert found.state == "fail"
    assert "50000" in found.detail
    assert "20000" in found.detail
    assert checks.links(Config(), 20_000).state == "ok"


def test_a_data_folder_that_is_none(tmp_path: Path) -> None:
    """A file, a folder that cannot be made, one that is not there yet."""
    file = tmp_path / "file"
    file.touch()
    assert checks.data_folder(file).state == "fail"
    assert checks.data_folder(file / "below").state == "fail"
    assert checks.data_folder(tmp_path / "not" / "yet").state == "fail"
    assert checks.data_folder(tmp_path / "soon").state == "warn"
    assert checks.data_folder(tmp_path).state == "ok"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_of_somebody_else(tmp_path: Path) -> None:
    """Not ours to write."""
    tmp_path.chmod(0o500)
    assert checks.data_folder(tmp_path).state == "fail"


def test_disk_space(tmp_path: Path) -> None:
    """Below the floor nothing is received; less than the journal may grow is worth a warning."""

    def state(**settings: int) -> str:
        config = Config(journal=JournalSettings(**settings))
        return checks.disk_space(config, tmp_path / "journal", tmp_path).state

    assert state(max_bytes=0, min_free_bytes=0) == "ok"
    assert state(max_bytes=1, min_free_bytes=0) == "ok"
    assert state(max_bytes=1 << 60, min_free_bytes=0) == "warn"
    assert state(min_free_bytes=1 << 60) == "fail"


def test_a_large_journal_is_looked_at_by_its_heads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nightly check must not read a terabyte."""
    monkeypatch.setattr(checks, "_QUICK_JOURNAL_BYTES", -1)
    assert "by its heads" in checks.journal(tmp_path).detail
    assert checks.journal(tmp_path / "none").detail == "empty"


def test_secrets_that_everybody_can_read(tmp_path: Path) -> None:
    """A file with passwords belongs to its group."""
    file = tmp_path / "c.toml"
    file.touch(0o644)
    file.chmod(0o644)
    secret = Config(devices=[DeviceSettings(mn="A", password="x")])
    assert checks.secrets(secret, file).state == "warn"
    assert checks.secrets(Config(), file).state == "ok"
    token = Config(hub=HubSettings(api_tokens=["scada:correct-horse"]))
    assert checks.secrets(token, file).state == "warn"
    target = Config(forwards=[ForwardSettings("a", host="h", port=9, set_pw="123456")])
    assert checks.secrets(target, file).state == "warn"
    file.chmod(0o640)
    assert checks.secrets(secret, file).state == "ok"


def test_a_store_that_is_none(hj212d: Hj212d, tmp_path: Path) -> None:
    """A file that DuckDB cannot read fails in one sentence."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hj212d.duckdb").write_bytes(b"not a database" * 1000)
    done = hj212d("check", "--json")
    found = {one["what"]: one for one in json.loads(done.out)}
    assert (done.status, found["store"]["state"]) == (1, "fail")
    assert "\n" not in found["store"]["detail"]


@pytest.mark.parametrize(
    ("journal", "store", "states"),
    [
        ("ok", {"state": "ok", "lag_seconds": 1.0}, ["ok", "ok"]),
        ("idle", {"state": "opening", "lag_seconds": None}, ["warn", "ok"]),
        ("full", {"state": "ok", "lag_seconds": 61.0}, ["fail", "warn"]),
        ("failed", {"state": "unavailable", "error": "locked"}, ["fail", "fail"]),
    ],
)
def test_what_the_daemon_says_of_itself(
    journal: str, store: dict[str, object], states: list[str]
) -> None:
    """Intake stopped, the store locked, far behind."""
    status = {
        "links": 1,
        "frames_total": 2,
        "journal": {"state": journal},
        "store": {"rows_total": None, "error": "", **store},
    }
    found = checks.of_daemon(status)
    assert [one.state for one in found] == ["ok", *states]


def test_targets_that_do_not_get_their_frames() -> None:
    """One that is down and one with dead letters are warnings; a pause is somebody's wish."""
    target = {"state": "up", "error": "", "dead": 0, "lag_bytes": None}
    status = {
        "links": 1,
        "frames_total": 2,
        "journal": {"state": "ok"},
        "store": {"state": "ok", "rows_total": None, "lag_seconds": 1.0},
        "forward": [
            {**target, "name": "a", "state": "paused"},
            {**target, "name": "b", "state": "down", "error": "connection refused"},
            {**target, "name": "c", "dead": 3, "lag_bytes": 2048},
        ],
    }
    assert checks.of_daemon(status)[-3:] == [
        checks.Finding("ok", "forward a", "paused, 0 bytes behind"),
        checks.Finding("warn", "forward b", "down, 0 bytes behind: connection refused"),
        checks.Finding(
            "warn", "forward c", "up, 2.0 KiB behind; 3 dead letters: hj212d forward dead c"
        ),
    ]


def test_a_registry_that_is_away() -> None:
    """The daemon goes on without it; the check says why."""
    status = {
        "links": 1,
        "frames_total": 2,
        "journal": {"state": "ok"},
        "store": {"state": "ok", "rows_total": None, "lag_seconds": 1.0},
        "registry": {"state": "unavailable", "error": "it is locked", "devices": 3},
    }
    assert checks.of_daemon(status)[-1] == checks.Finding("fail", "registry", "it is locked")
