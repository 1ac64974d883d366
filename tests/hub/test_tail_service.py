"""The live view end to end: filters, lanes that appear, slow clients, a store that is down."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

import duckdb
import pytest
from hub_rig import MN, OTHER_MN, HubProcess, append, bad, good, lane, running_hub, upload
from waiting import wait_until

from hj212d.wire.reasons import Reason


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """One hub for this file, whose store is locked: the live view does not need it."""
    data = tmp_path_factory.mktemp("tail")
    with duckdb.connect(str(data / "hj212d.duckdb")), running_hub(data) as hub:
        yield hub


class Watching:
    """A client of the live view that reads in a thread."""

    def __init__(self, connection: socket.socket) -> None:
        self._events: Queue[dict[str, Any]] = Queue()
        self._stream = connection.makefile("rb")
        assert json.loads(self._stream.readline()) == {"ok": True}
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def next(self) -> dict[str, Any]:
        """The next event; Empty when none comes."""
        return self._events.get(timeout=90)

    def close(self) -> None:
        """After the connection was shut down."""
        self._thread.join(90)
        self._stream.close()

    def _read(self) -> None:
        for line in self._stream:
            self._events.put(json.loads(line))


@contextmanager
def watching(hub: HubProcess, **filters: Any) -> Iterator[Watching]:
    """Watch with these filters; ready when the hub reads."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(90.0)
        connection.connect(str(hub.control))
        connection.sendall(json.dumps({"op": "tail", **filters}).encode() + b"\n")
        watch = Watching(connection)
        try:
            yield watch
        finally:
            connection.shutdown(socket.SHUT_RDWR)
            watch.close()


def test_frames_with_all_fields(hub: HubProcess) -> None:
    """An event tells when, where, who, what and the raw text."""
    raw = upload(rtd="7.25")
    with lane(hub.data) as writer, watching(hub) as watch:
        append(writer, [good(raw, time_us=1_767_225_600_250_000, link=4711)])
        event = watch.next()
    assert event.pop("position") >= 0
    assert event == {
        "time": "2026-01-01T00:00:00.250Z",
        "lane": "0",
        "link": 4711,
        "mn": MN,
        "cn": "2011",
        "st": "32",
        "qn": "20260101080000000",
        "version": "2017",
        "data_time": "2026-01-01T00:00:00Z",
        "reason": "ok",
        "repairs": [],
        "warnings": [],
        "factors": {"w01018": {"Rtd": "7.25", "Flag": "N"}},
        "raw": raw.decode(),
    }


def test_filters(hub: HubProcess) -> None:
    """Of one MN, of one CN, bad ones only: each watcher gets its own."""
    with (
        lane(hub.data) as writer,
        watching(hub, mn=MN) as of_mn,
        watching(hub, cn="2051") as of_cn,
        watching(hub, errors=True) as bad_ones,
        watching(hub, mn=MN, cn="2051") as of_both,
    ):
        append(
            writer,
            [
                good(upload(OTHER_MN)),
                good(upload(OTHER_MN, cn="2051")),
                bad(b"MN=" + MN.encode() + b";2051 \xff<junk>", Reason.JUNK),
                good(upload(MN, cn="2051")),
            ],
        )
        assert [of_mn.next()["reason"] for _ in range(2)] == ["junk", "ok"]
        assert [of_cn.next()["mn"] for _ in range(2)] == [OTHER_MN, MN]
        event = bad_ones.next()
        assert (event["reason"], event["raw"]) == ("junk", f"MN={MN};2051 \\xff<junk>")
        assert of_both.next()["cn"] == "2051"


def test_lane_that_appears_is_read_from_its_beginning(hub: HubProcess) -> None:
    """A worker more than before is seen without asking again."""
    with watching(hub) as watch, lane(hub.data, "17") as writer:
        append(writer, [good(upload())])
        assert watch.next()["lane"] == "17"


def test_nothing_of_the_past(hub: HubProcess) -> None:
    """Watching begins at the end: what was there before is not shown."""
    with lane(hub.data) as writer:
        append(writer, [good(upload("PAST"))])
        with watching(hub) as watch:
            append(writer, [good(upload("FUTURE"))])
            assert watch.next()["mn"] == "FUTURE"


def test_nobody_watches_any_more(hub: HubProcess) -> None:
    """When the last client is gone the hub reads no more, and starts again for the next one."""
    with lane(hub.data) as writer:
        for round_ in range(3):
            with watching(hub) as watch:
                wait_until(lambda: hub.status()["tail_clients"] == 1)
                append(writer, [good(upload(f"ROUND{round_}"))])
                assert watch.next()["mn"] == f"ROUND{round_}"
            wait_until(lambda: hub.status()["tail_clients"] == 0)


def test_slow_client_loses_the_oldest_and_is_told(hub: HubProcess) -> None:
    """A client that does not read gets the newest events and the number of those it missed."""
    total = 9000
    with (
        lane(hub.data) as writer,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as slow,
        watching(hub, mn=OTHER_MN) as quick,
    ):
        slow.settimeout(90.0)
        slow.connect(str(hub.control))
        slow.sendall(b'{"op": "tail", "mn": "%s"}\n' % OTHER_MN.encode())
        wait_until(lambda: hub.status()["tail_clients"] == 2)
        sent = seen = missed = 0
        while sent < total:
            append(writer, [good(upload(OTHER_MN, rtd=str(sent + n))) for n in range(300)])
            sent += 300
            while seen + missed < sent:
                event = quick.next()
                missed += event.get("dropped", 0)
                seen += "mn" in event
        with slow.makefile("rb") as stream:
            assert json.loads(stream.readline()) == {"ok": True}
            got = dropped = 0
            last = ""
            while got + dropped < total:
                event = json.loads(stream.readline())
                if "dropped" in event:
                    dropped += event["dropped"]
                else:
                    got += 1
                    last = event["factors"]["w01018"]["Rtd"]
    assert dropped > 0
    assert got + dropped == total
    assert last == str(total - 1)
