"""Each command that asks, against a running daemon and, after it, against what it left."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet
import pytest
import some_frames as sent
from command_line import PROGRAM, Hj212d, process
from running_daemon import Daemon, serving
from waiting import wait_until

CONFIG = f'[[device]]\nmn = "{sent.WATER}"\nname = "污水厂"\n[[device]]\nmn = "SILENT"\n'


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that has received our frames."""
    data = tmp_path_factory.mktemp("live") / "data"
    data.mkdir()
    (data / "hj212d.toml").write_text(CONFIG)
    with serving(data) as running:
        running.send(sent.ALL, answers=len(sent.GOOD))
        running.wait_stored(sent.FRAMES)
        yield running


@pytest.fixture(scope="module")
def left(daemon: Daemon) -> Path:
    """The data folder after the daemon's end; tests that use it come last in this file."""
    assert daemon.end() == 0
    return daemon.data


def test_status(daemon: Daemon, hj212d: Hj212d) -> None:
    """The keys of the contract as JSON; the same for people."""
    done = hj212d("status", "--json", "--data", daemon.data)
    found = json.loads(done.out)
    assert done.status == 0
    contract = "links links_identified accepted_total frames_total acked_total rejected journal"
    assert {*contract.split(), "store", "forward", "workers", "codec"} <= set(found)
    assert {"url", "rows_total", "lag_seconds"} <= set(found["store"])
    assert found["store"]["frames"] == sent.FRAMES
    words = ("status", "--data", daemon.data)
    # Workers tell their figures each second.
    wait_until(lambda: "crc_wrong 1" in hj212d(*words).out)
    people = hj212d(*words)
    assert people.status == 0
    assert "rejected" in people.out
    assert daemon.ready["listen"] in people.out


def test_devices(daemon: Daemon, hj212d: Hj212d) -> None:
    """Stations that spoke and those that are registered and silent."""
    lines = hj212d("devices", "--json", "--data", daemon.data).out.splitlines()
    rows = {row["mn"]: row for row in map(json.loads, lines)}
    assert list(rows) == [sent.AIR, "SILENT", sent.WATER]
    assert rows[sent.WATER]["name"] == "污水厂"
    assert [rows[mn]["state"] for mn in rows] == ["online", "offline", "online"]
    silent = hj212d("devices", "--offline", "--data", daemon.data).out.splitlines()
    assert [line.split()[0] for line in silent] == ["mn", "SILENT"]
    everybody = hj212d("devices", "--data", daemon.data).out
    assert "crc_wrong 1" in everybody
    assert "key_missing 1" in everybody


def test_query_table(daemon: Daemon, hj212d: Hj212d) -> None:
    """Columns that hold something, times in Beijing, the end not included."""
    words = ("query", "--mn", sent.AIR, "--data", daemon.data)
    done = hj212d(*words, "--from", "2026-05-01T08:00", "--to", "2026-05-01T08:02")
    assert [line.split() for line in done.out.splitlines()] == [
        ["data_time", "mn", "factor", "rtd", "flag", "period", "late"],
        ["2026-05-01", "08:00:00", sent.AIR, "a34004", "30", "N", "realtime", "yes"],
        ["2026-05-01", "08:01:00", sent.AIR, "a34004", "31", "N", "realtime", "yes"],
    ]
    newest = hj212d(*words, "--limit", "1")
    assert "08:02:00" in newest.out
    assert newest.err == "the newest 1 rows; more with --limit or a shorter time\n"


def test_query_csv(daemon: Daemon) -> None:
    """The columns of the contract come first; times are ISO 8601 with their zone."""
    words = ("query", "--mn", sent.AIR, "--level", "hour", "--format", "csv")
    done = process(*words, "--data", daemon.data)
    assert done.stderr == b""
    (row,) = csv.DictReader(io.StringIO(done.stdout.decode()))
    first = ["data_time", "mn", "factor", "rtd", "min", "avg", "max", "cou", "flag"]
    assert list(row)[:9] == first
    assert [row[name] for name in first] == [
        "2026-05-01T08:00:00+08:00", sent.AIR, "a34004", "", "1", "2.5", "4", "", "D",
    ]  # fmt: skip


def test_query_computed(daemon: Daemon, hj212d: Hj212d) -> None:
    """What the real-time values of a day come to, as table and as CSV."""
    words = ("query", "--mn", sent.AIR, "--level", "day", "--computed", "realtime")
    done = hj212d(*words, "--data", daemon.data)
    assert [" ".join(line.split()) for line in done.out.splitlines()] == [
        "start mn factor n mean min max period",
        f"2026-05-01 00:00:00 {sent.AIR} a34004 3 31 30 32 realtime",
    ]
    text = process(*words, "--format", "csv", "--data", daemon.data).stdout.decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["start"], row["mean"]) == ("2026-05-01T00:00:00+08:00", "31")
    refused = hj212d("query", "--mn", sent.AIR, "--computed", "realtime", "--data", daemon.data)
    assert refused.status == 2
    assert "--level hour or day" in refused.err


def test_query_json_and_parquet(daemon: Daemon, tmp_path: Path) -> None:
    """The same rows in both; Parquet keeps the instants."""
    words = ("query", "--mn", sent.WATER, "--factor", "w01018", "--data", str(daemon.data))
    done = process(*words, "--format", "json")
    (row,) = map(json.loads, done.stdout.splitlines())
    assert (row["data_time"], row["rtd"]) == ("2026-05-01T08:00:00+08:00", 40.1)
    file = tmp_path / "rows.parquet"
    assert process(*words, "--format", "parquet", "--output", file).returncode == 0
    table = pyarrow.parquet.read_table(file)
    assert table["data_time"].to_pylist()[0].isoformat() == "2026-05-01T08:00:00+08:00"
    assert table["rtd"].to_pylist() == [40.1]
    piped = process(*words, "--format", "parquet").stdout
    assert pyarrow.parquet.read_table(io.BytesIO(piped)).equals(table)
    nowhere = process(*words, "--format", "csv", "--output", tmp_path / "no" / "x")
    assert (nowhere.returncode, nowhere.stdout) == (2, b"")
    assert nowhere.stderr.endswith(b"No such file or directory\n")


def test_frames_byte_for_byte(daemon: Daemon) -> None:
    """What was sent comes out as it was, and decodes again."""
    raw = process("frames", "--mn", sent.AIR, "--format", "raw", "--data", daemon.data).stdout
    assert raw == b"".join([*sent.AIR_REALTIME, sent.AIR_HOUR])
    lines = process("frames", "--format", "hex", "--data", daemon.data).stdout
    key = ("--key", sent.KEY.decode())
    again = process("decode", "--json", *key, "--data", daemon.data, "-", stdin=lines)
    reasons = [json.loads(line)["reason"] for line in again.stdout.splitlines()]
    assert reasons == ["ok"] * len(sent.GOOD) + ["crc_wrong", "ok", "junk"]


def test_frames_by_reason(daemon: Daemon, hj212d: Hj212d) -> None:
    """The quarantine, whole and by reason; escape sequences do not reach the terminal."""
    errors = hj212d("frames", "--errors", "--from", "-1h", "--data", daemon.data)
    assert errors.status == 0
    for reason in ("crc_wrong", "key_missing", "junk"):
        assert reason in errors.out
    assert "\x1b" not in errors.out
    done = hj212d("frames", "--reason", "crc_wrong", "--format", "json", "--data", daemon.data)
    (row,) = map(json.loads, done.out.splitlines())
    assert row["raw"].encode() + b"\r\n" == sent.WRONG_CRC
    assert row["received_at"].endswith("+08:00")
    assert hj212d("frames", "--to", "-1h", "--format", "json", "--data", daemon.data).out == ""


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--mn", sent.AIR], [sent.AIR]),
        (["--errors"], ["crc_wrong"]),
        (["--json", "--cn", "2061"], ['"cn":"2061"']),
    ],
)
def test_tail(words: list[str], shown: list[str], daemon: Daemon) -> None:
    """Frames are shown as they come, those that were asked for, until the reader goes."""
    watching = daemon.client.call("status")["tail_clients"]
    with subprocess.Popen(
        [*PROGRAM, "tail", *words, "--data", str(daemon.data)], stdout=subprocess.PIPE, text=True
    ) as tail:
        assert tail.stdout is not None
        try:
            wait_until(lambda: daemon.client.call("status")["tail_clients"] > watching)
            daemon.send(sent.WRONG_CRC + sent.WATER_REALTIME + sent.AIR_HOUR, answers=2)
            lines = [tail.stdout.readline() for _ in shown]
        finally:
            tail.terminate()
    for line, text in zip(lines, shown, strict=True):
        assert text in line


def test_status_again_and_again(daemon: Daemon) -> None:
    """--watch goes on until Ctrl-C, which ends it quietly."""
    with subprocess.Popen(
        [*PROGRAM, "status", "--json", "--watch", "--data", str(daemon.data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        twice = [json.loads(watching.stdout.readline()) for _ in range(2)]
        watching.send_signal(signal.SIGINT)
        assert watching.wait(90) == 130
        assert watching.stderr.read() == b""
    assert [one["store"]["url"] for one in twice] == [daemon.ready["store"]] * 2


def test_check(daemon: Daemon, hj212d: Hj212d) -> None:
    """Everything is ok while it runs."""
    done = hj212d("check", "--json", "--data", daemon.data)
    found = {one["what"]: one for one in json.loads(done.out)}
    assert done.status == 0
    assert {one["state"] for one in found.values()} <= {"ok", "warn"}
    assert found["daemon"]["state"] == found["store"]["state"] == found["intake"]["state"] == "ok"


def test_journal_of_a_living_daemon(daemon: Daemon, hj212d: Hj212d) -> None:
    """It can be looked at, and is not repaired under its writer."""
    assert "(live)" in hj212d("journal", "ls", "--data", daemon.data).out
    assert hj212d("journal", "check", "--data", daemon.data).out.startswith("ok: ")
    refused = hj212d("journal", "repair", "--data", daemon.data)
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.endswith("stop the daemon first\n")


def test_replay_by_the_daemon(daemon: Daemon, hj212d: Hj212d) -> None:
    """It is asked to read the journal again; nothing doubles."""
    words = ("replay", "--from", "-1h", "--to", "now", "--data", daemon.data)
    done = hj212d(*words, "--mn", sent.AIR, "--reason", "ok")
    assert done.status == 0
    assert done.out.endswith("of them good\n")
    raw = process("frames", "--mn", sent.AIR, "--format", "raw", "--data", daemon.data).stdout
    assert raw == b"".join([*sent.AIR_REALTIME, sent.AIR_HOUR])


def test_tail_says_when_the_daemon_ends(daemon: Daemon, request: pytest.FixtureRequest) -> None:
    """Silence would look like a station that does not speak."""
    watching = daemon.client.call("status")["tail_clients"]
    with subprocess.Popen(
        [*PROGRAM, "tail", "--mn", "NOBODY", "--data", str(daemon.data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as tail:
        wait_until(lambda: daemon.client.call("status")["tail_clients"] > watching)
        request.getfixturevalue("left")
        out, err = tail.communicate(timeout=90)
    assert (tail.returncode, out, err) == (1, b"", b"hj212d: the daemon has ended\n")


def test_without_a_daemon_the_store_answers(left: Path, hj212d: Hj212d) -> None:
    """devices, query, frames and check work at rest; status and tail say that nobody is there."""
    assert sent.AIR in hj212d("devices", "--data", left).out
    assert "77" not in hj212d("query", "--mn", sent.WATER, "--data", left).out
    assert "crc_wrong" in hj212d("frames", "--errors", "--data", left).out
    found = json.loads(hj212d("check", "--json", "--data", left).out)
    states = {one["what"]: one["state"] for one in found}
    assert (states["daemon"], states["store"], states["journal"]) == ("warn", "ok", "ok")
    for command in ("status", "tail"):
        done = hj212d(command, "--data", left)
        assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)


def test_replay_here_with_a_new_key(left: Path, hj212d: Hj212d, tmp_path: Path) -> None:
    """The frame that nobody could read becomes a reading once its key is there; twice is safe."""
    config = tmp_path / "with_key.toml"
    config.write_text(f'[[device]]\nmn = "{sent.WATER}"\nkeys = ["{sent.KEY.decode()}"]\n')
    place = ("--data", left, "--config", config)
    before = hj212d("query", "--mn", sent.WATER, *place).out
    assert "08:05:00" not in before
    words = ("replay", "--from", "-1h", "--to", "now", "--reason", "key_missing", *place)
    for _ in range(2):
        done = hj212d(*words)
        assert (done.status, done.err) == (0, "")
        assert done.out == "1 frames read again, 1 of them good\n"
    after = hj212d("query", "--mn", sent.WATER, *place).out
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    assert "08:05:00" in after
