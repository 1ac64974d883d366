"""The blocking client: what it says when there is no daemon, no right, no answer."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from hj212d.hub import client
from hj212d.hub.client import ControlClient


@contextmanager
def answering(path: Path, answer: bytes | None) -> Iterator[ControlClient]:
    """A daemon that reads one line and gives one answer; None: says nothing until the end."""
    over = threading.Event()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as stream:
                stream.readline()
                if answer is None:
                    over.wait(90)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield ControlClient(path, timeout_s=90.0 if answer is not None else 0.05)
        finally:
            over.set()
            thread.join(90)


def test_no_daemon(tmp_path: Path) -> None:
    """No socket file, or one that nobody serves, is the same: nobody is there."""
    path = tmp_path / "control.sock"
    with pytest.raises(client.NoDaemon, match="no daemon is running there"):
        ControlClient(path).call("status")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stale:
        stale.bind(str(path))
    with pytest.raises(client.NoDaemon):
        ControlClient(path).table("frames")


def test_a_hub_that_starts_again_is_waited_for(tmp_path: Path) -> None:
    """While somebody is about to listen the call waits, and then is answered."""
    path = tmp_path / "control.sock"
    asked: list[object] = []
    with ExitStack() as later:

        def starting() -> bool:
            if not asked:
                later.enter_context(answering(path, b'{"ok":true,"links":7}\n'))
            asked.append(None)
            return True

        assert ControlClient(path, starting=starting).call("status") == {"links": 7}
    assert asked


def test_a_hub_that_does_not_come_is_not_waited_for_long(tmp_path: Path) -> None:
    """The sentence says that a daemon is there, so that nobody opens the store beside it."""
    waiting = ControlClient(tmp_path / "control.sock", starting=lambda: True, patience_s=0.05)
    with pytest.raises(client.Broken, match="its hub is not"):
        waiting.call("status")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every socket")
def test_no_permission(tmp_path: Path) -> None:
    """A socket of somebody else is told apart from no socket."""
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        server.listen()
        path.chmod(0)
        with pytest.raises(client.NotPermitted):
            ControlClient(path).call("status")


def test_refusal_is_the_daemons_sentence(tmp_path: Path) -> None:
    """The daemon's reason reaches the person."""
    with (
        answering(tmp_path / "s", b'{"ok": false, "error": "no such thing"}\n') as asking,
        pytest.raises(client.Refused, match=r"^no such thing$"),
    ):
        asking.call("status")


def test_silence_times_out(tmp_path: Path) -> None:
    """A daemon that hangs is left."""
    with answering(tmp_path / "s", None) as asking, pytest.raises(client.TimedOut):
        asking.call("status")


@pytest.mark.parametrize("answer", [b"", b"junk\n", b"[1]\n", b'{"ok": tr', b"\xff\n"])
def test_what_is_no_answer_is_broken(tmp_path: Path, answer: bytes) -> None:
    """Closed, halved and alien answers are one kind of error."""
    with answering(tmp_path / "s", answer) as asking, pytest.raises(client.Broken):
        asking.call("status")


def test_half_a_table_is_broken(tmp_path: Path) -> None:
    """A table cut short is no table."""
    with (
        answering(tmp_path / "s", b'{"ok": true, "bytes": 100}\nabc') as asking,
        pytest.raises(client.Broken, match="in the middle"),
    ):
        asking.table("frames")


def test_stream_ends_with_done_or_close(tmp_path: Path) -> None:
    """Lines come one by one; a last one says so."""
    text = b'{"ok": true, "read": 1}\n{"ok": true, "read": 2, "done": true}\n'
    with answering(tmp_path / "a", text) as asking:
        assert list(asking.stream("replay")) == [{"read": 1}, {"read": 2, "done": True}]
    with answering(tmp_path / "b", b'{"ok": true}\n{"mn": "x"}\n') as asking:
        assert list(asking.stream("tail")) == [{"mn": "x"}]
