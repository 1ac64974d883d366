"""A real hub process with a data folder of its own, frames in its journal, and workers that are
plain sockets."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from waiting import wait_until

from hj212d.hub.client import ControlClient
from hj212d.journal.record import Kind, Record, encode
from hj212d.journal.writer import LaneWriter
from hj212d.wire import build, sm4
from hj212d.wire.reasons import Reason

MN = "010000A8900016F000169DC0"
OTHER_MN = "010000A8900016F000169DC1"
DATA_TIME = "20260101080000"


def upload(
    mn: str = MN, *, rtd: str = "12.5", data_time: str = DATA_TIME, cn: str = "2011"
) -> bytes:
    """A good frame of 2017 with one factor, w01018."""
    segment = build.segment(
        qn=data_time + "000",
        st="32",
        cn=cn,
        pw="123456",
        mn=mn,
        flag=5,
        cp=f"DataTime={data_time};w01018-Rtd={rtd},w01018-Flag=N",
    )
    return build.frame(segment).removesuffix(b"\r\n")


def sealed(key: bytes) -> bytes:
    """An upload of 2025, encrypted: its CRC is that of the plain frame."""
    segment = build.segment(
        qn="20260601120000000",
        st="31",
        cn="2011",
        pw="123456",
        mn=MN,
        flag=9,
        cp="DataTime=20260601120000;a01011-Rtd=1.35,a01011-Flag=N",
    )
    plain = build.frame(segment).removesuffix(b"\r\n")
    return plain[:6] + sm4.encrypt_cp(segment, key) + plain[-4:]


def good(raw: bytes, *, time_us: int | None = None, link: int = 1) -> Record:
    """A journal record of a good frame, received now unless told otherwise."""
    return Record(Kind.FRAME, time_us or time.time_ns() // 1000, link, raw=raw)


def bad(raw: bytes, reason: Reason, *, link: int = 1) -> Record:
    """A journal record of a piece that is no good frame."""
    return Record(Kind.FRAME, time.time_ns() // 1000, link, verdict=reason, raw=raw)


class HubProcess:
    """A running `python -m hj212d.cli.hub`."""

    def __init__(self, data: Path, **orders: Any) -> None:
        self.data = data
        self.orders = {
            "data_dir": str(data),
            "hub": {"http": "127.0.0.1:0"},
            "store": {"batch_interval_s": 0.05},
            **orders,
        }
        self.log = data / "hub.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hj212d.cli.hub"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.tell(self.orders)
        assert self.process.stdout is not None
        self.ready_line = self.process.stdout.readline().decode().strip()
        self.control = Path(self.orders["hub"].get("control") or data / "control.sock")
        self.client = ControlClient(self.control, timeout_s=90.0)

    @property
    def http(self) -> str:
        """Base URL of the pages."""
        words = dict(word.split("=", 1) for word in self.ready_line.split()[1:])
        return f"http://{words['http']}"

    def tell(self, orders: dict[str, Any]) -> None:
        """Write a line of orders."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(orders).encode() + b"\n")
        self.process.stdin.flush()

    def status(self) -> dict[str, Any]:
        """The status object."""
        return self.client.call("status")

    def get(self, path: str, *, method: str = "GET") -> tuple[int, dict[str, str], str]:
        """Status, headers and text of a page."""
        request = urllib.request.Request(self.http + path, method=method)
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read().decode()

    def wait_stored(self, frames: int) -> None:
        """Until so many frames are in the store."""
        wait_until(
            lambda: self.status()["store"]["frames"] == frames, f"{frames} frames in the store"
        )

    def terminate(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(90)

    def close(self) -> None:
        """End it whatever state it is in."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(90)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass


@contextmanager
def running_hub(data: Path, **orders: Any) -> Iterator[HubProcess]:
    """A hub that is ready, and gone at the end."""
    hub = HubProcess(data, **orders)
    try:
        assert hub.ready_line.startswith("ready "), hub.log.read_text()
        yield hub
    finally:
        hub.close()


@contextmanager
def lane(data: Path, name: str = "0") -> Iterator[LaneWriter]:
    """The writer of a lane of the journal, as a worker has it."""
    with LaneWriter(data / "journal" / name, sync="none", min_free_bytes=0) as writer:
        yield writer


def append(writer: LaneWriter, records: Iterable[Record]) -> None:
    """Put records into a lane, as one block."""
    writer.append([encode(record) for record in records])


class FakeWorker:
    """A listener process as the hub sees it: a socket that speaks JSON lines."""

    def __init__(self, control: Path, slot: int, pid: int | None = None) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(90.0)
        self._socket.connect(str(control))
        self._lines = self._socket.makefile("rb")
        self.say({"op": "worker", "slot": slot, "pid": pid or os.getpid(), "lane": str(slot)})

    def say(self, message: dict[str, Any] | bytes) -> None:
        """Send a line."""
        text = message if isinstance(message, bytes) else json.dumps(message).encode()
        self._socket.sendall(text + b"\n")

    def hear(self) -> dict[str, Any]:
        """The next line from the hub that does not tell of devices."""
        while True:
            heard: dict[str, Any] = json.loads(self._lines.readline())
            if heard["op"] not in ("devices", "device"):
                return heard

    def stats(self, **figures: Any) -> None:
        """Tell counters."""
        self.say({"op": "stats", "journal_state": "ok", **figures})

    def close(self) -> None:
        """Go."""
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> FakeWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
