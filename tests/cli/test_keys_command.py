"""`hj212d keys`, `activation` and `position` against a running daemon, and keys without one."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import some_frames as sent
from command_line import Hj212d, process
from running_daemon import Daemon, serving
from waiting import wait_until

from hj212d.wire import build

SERIAL = "6970000000001ABCDEFG1234"
NOTICE = build.frame(
    build.segment(
        qn="20260501080000000", st="31", cn="1001", pw="123456", mn="", flag=9,
        cp=f"i23005-Info={SERIAL}",
    )
)  # fmt: skip
PLACE = sent.upload("GPS_0001", 0, "l01001-Rtd=119.90;l01002-Rtd=32.48")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that has received an encrypted frame without its key, a notice and a place."""
    data = tmp_path_factory.mktemp("keys") / "data"
    with serving(data) as running:
        running.send(sent.SEALED + PLACE, answers=1)
        running.wait_stored(2)
        yield running


def test_a_key_that_comes_late_makes_readings_of_what_was_kept(daemon: Daemon, hj212d: Hj212d):
    """The report names the device, the key is set, a replay reads it."""
    here = ("--data", daemon.data)
    wait_until(lambda: "missing" in hj212d("keys", "report", *here).out)
    (row,) = json.loads(hj212d("keys", "report", "--json", "--state", "missing", *here).out)[
        "keys"
    ]
    assert (row["mn"], row["undecryptable_today"]) == (sent.WATER, 1)
    done = hj212d("keys", "set", sent.WATER, sent.KEY.decode(), *here)
    assert (done.status, done.err) == (0, "")
    done = hj212d(
        "replay", "--from", "-1d", "--to", "now", "--reason", "key_missing", *here
    )  # fmt: skip
    assert done.out == "1 frames read again, 1 of them good\n"
    done = hj212d("query", "--mn", sent.WATER, "--format", "csv", *here)
    assert ",77," in done.out
    assert "unproven" in hj212d("keys", "report", "--mn", sent.WATER, *here).out


def test_a_key_is_read_from_standard_input(daemon: Daemon):
    """So that it stands in no list of processes."""
    done = process("keys", "set", "B", "-", "--data", daemon.data, stdin=b"k" * 16 + b"\n")
    assert done.returncode == 0
    assert b"kkkk" not in done.stdout


def test_rotating_what_has_no_key_is_refused(daemon: Daemon, hj212d: Hj212d):
    """With a sentence; and how many are due."""
    here = ("--data", daemon.data)
    done = hj212d("keys", "rotate", "NOBODY", *here)
    assert done.status == 1
    assert "has no key" in done.err
    assert hj212d("keys", "rotate", *here).status == 2
    assert hj212d("keys", "rotate", "--due", *here).out.startswith("0 keys are due")


def test_a_device_is_accepted_over_its_link(daemon: Daemon, hj212d: Hj212d):
    """It is listed with its address, and CN 1002 reaches it."""
    here = ("--data", daemon.data)
    with socket.create_connection(daemon.address, timeout=90) as link:
        link.sendall(NOTICE)
        assert b"CN=9013" in link.recv(4096)
        wait_until(lambda: SERIAL in hj212d("activation", "list", *here).out)
        (row,) = [json.loads(line) for line in
                  hj212d("activation", "list", "--json", *here).out.splitlines()]  # fmt: skip
        assert row["peer"].startswith("127.0.0.1:")
        done = hj212d("activation", "accept", str(row["id"]), "--mn", "N" * 24, *here)
        assert done.out == f"accepted; {'N' * 24} is on its way to the device\n"
        request = link.recv(4096)
        assert b"CN=1002" in request
        assert b"MN=" + b"N" * 24 in request
    done = hj212d("activation", "dismiss", str(row["id"]), *here)
    assert done.out == f"number {row['id']} is dismissed\n"
    assert SERIAL in hj212d("activation", "list", "--state", "all", *here).out


def test_a_position_is_approved(daemon: Daemon, hj212d: Hj212d):
    """As reported."""
    here = ("--data", daemon.data)
    wait_until(lambda: "119.900000" in hj212d("position", "list", *here).out)
    (row,) = [json.loads(line) for line in
              hj212d("position", "list", "--json", *here).out.splitlines()]  # fmt: skip
    done = hj212d("position", "approve", str(row["id"]), *here)
    assert done.out == f"position {row['id']} of GPS_0001 is approved\n"
    assert hj212d("position", "reject", str(row["id"]), *here).status == 1


def test_history_shows_keys_to_the_owner_only_when_asked(tmp_path: Path, hj212d: Hj212d):
    """Without a daemon as well; with a warning."""
    (tmp_path / "data").mkdir()
    assert hj212d("keys", "set", "A", sent.KEY.hex()).status == 0
    done = hj212d("keys", "set", "A", "k" * 16)
    assert done.status == 0
    shown = hj212d("keys", "history", "A")
    assert shown.out.count("current") == 1
    assert ("k" * 16).encode().hex() not in shown.out
    revealed = hj212d("keys", "history", "A", "--reveal", "--json")
    assert [one["key"] for one in json.loads(revealed.out)] == [
        (b"k" * 16).hex(), sent.KEY.hex()
    ]  # fmt: skip
    assert "keep them out of logs" in revealed.err
    assert hj212d("keys", "history", "B").status == 1
    assert hj212d("keys", "set", "A", "short").err == (
        "hj212d: an SM4 key is 32 hexadecimal digits or 16 characters\n"
    )
