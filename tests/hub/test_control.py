"""The control socket with connections: bad requests, halves, floods, slow readers, workers."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hub_rig import MN, OTHER_MN, FakeWorker, HubProcess, append, good, lane, running_hub, upload
from waiting import wait_until

from store.timeseries import AGGREGATES

FRAMES = 3000


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """One hub for this file, with some frames in its store."""
    data = tmp_path_factory.mktemp("control")
    with lane(data) as writer, running_hub(data) as hub:
        times = [
            f"2026010{day}{hour:02d}{m:02d}{s:02d}"
            for day in (1, 2)
            for hour in range(8)
            for m in range(60)
            for s in (0, 15, 30, 45)
        ][:FRAMES]
        append(writer, [good(upload(data_time=time)) for time in times])
        hub.wait_stored(FRAMES)
        yield hub


def connect(path: Path) -> socket.socket:
    """A plain connection."""
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.settimeout(90.0)
    found.connect(str(path))
    return found


@pytest.mark.parametrize(
    "text",
    [
        b"hello",
        b"{}",
        b'{"op": 5}',
        b'{"op": "shutdown"}',
        b'{"op": "status", "wrong": 1}',
        b'{"op": "query"}',
        b'{"op": "query", "mn": "x", "limit": 0}',
        b'{"op": "query", "mn": "x", "start": "tomorrow"}',
        b'{"op": "aggregates", "mn": "x", "step": "week"}',
        b'{"op": "aggregates", "mn": "x"}',
        b'{"op": "frames", "start": "2026-13-01"}',
        b'{"op": "replay", "reason": "no_such"}',
        b'{"op": "tail", "mn": ["x"]}',
        b'{"op": "devices", "limit": 0}',
        b'{"op": "latest", "limit": 1000000}',
        b"\xff\xfe",
        b"[" * 10000,
    ],
)
def test_bad_requests_get_one_sentence(hub: HubProcess, text: bytes) -> None:
    """What is no request is refused with a sentence, and the connection goes on."""
    with connect(hub.control) as connection, connection.makefile("rb") as stream:
        connection.sendall(text + b"\n")
        answer = json.loads(stream.readline())
        assert answer["ok"] is False
        assert answer["error"]
        assert "\n" not in answer["error"]
        connection.sendall(b'{"op": "status"}\n')
        assert json.loads(stream.readline())["ok"] is True


def test_many_requests_on_one_connection_are_answered_in_order(hub: HubProcess) -> None:
    """Quick and slow requests mixed in one write: each answer stands where its request stood."""
    requests = [b'{"op": "latest"}\n', b'{"op": "status"}\n', b'{"op": "devices"}\n'] * 20
    with connect(hub.control) as connection, connection.makefile("rb") as stream:
        connection.sendall(b"".join(requests))
        for _ in range(20):
            assert "latest" in json.loads(stream.readline())
            assert "codec" in json.loads(stream.readline())
            assert "devices" in json.loads(stream.readline())


def test_values_by_the_hour(hub: HubProcess) -> None:
    """What the values of an hour come to is asked for as values are."""
    asked = {"mn": MN, "start": "2026-01-01T01:00", "end": "2026-01-01T03:00"}
    table = hub.client.table("aggregates", step="hour", **asked)
    assert table.schema == AGGREGATES
    assert table["n"].to_pylist() == [240, 240]
    assert table["mean"].to_pylist() == [12.5, 12.5]


def test_request_in_single_bytes(hub: HubProcess) -> None:
    """A request that drips in is one request."""
    with connect(hub.control) as connection, connection.makefile("rb") as stream:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        for byte in b'{"op": "status"}\n':
            connection.sendall(bytes((byte,)))
        assert json.loads(stream.readline())["ok"] is True


def test_endless_line_is_refused_and_closed(hub: HubProcess) -> None:
    """A line beyond the limit ends the connection; the hub serves on."""
    with connect(hub.control) as connection:
        try:
            for _ in range(64):
                connection.sendall(b"x" * 65536)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            with connection.makefile("rb") as stream:
                answer = stream.readline()
        except ConnectionResetError:
            answer = b""
        assert not answer or b"is no request" in answer
    assert hub.status()["codec"]


def test_clients_that_go_in_the_middle(hub: HubProcess) -> None:
    """Half requests, and answers that nobody fetches, leave nothing behind."""
    for text in (
        b'{"op": "sta',
        b'{"op": "frames"}\n',
        b'{"op": "tail"}\n',
        b'{"op": "latest"}\n',
    ):
        for _ in range(5):
            with connect(hub.control) as connection:
                connection.sendall(text)
    wait_until(lambda: hub.status()["tail_clients"] == 0)
    assert hub.client.table("frames").num_rows == FRAMES


def test_client_that_does_not_read_holds_up_nobody(hub: HubProcess) -> None:
    """Thousands of requests without reading an answer: the hub stops reading that client only."""
    with connect(hub.control) as deaf:
        deaf.setblocking(False)
        sent = 0
        try:
            while sent < 50_000_000:
                sent += deaf.send(b'{"op": "status"}\n' * 1000)
        except BlockingIOError:
            pass
        assert sent < 50_000_000
        assert hub.status()["codec"]
        assert hub.client.table("frames", limit=10).num_rows == 10


def test_table_after_table_on_one_connection(hub: HubProcess) -> None:
    """The bytes announced are the table, and the next answer begins right behind them."""
    with connect(hub.control) as connection, connection.makefile("rb") as stream:
        connection.sendall(
            b'{"op": "frames", "limit": 7}\n{"op": "query", "mn": "%s"}\n' % MN.encode()
        )
        for rows in (7, FRAMES):
            head = json.loads(stream.readline())
            with pa.ipc.open_stream(stream.read(head["bytes"])) as reader:
                assert reader.read_all().num_rows == rows


def test_latest_devices_and_links(hub: HubProcess) -> None:
    """What a station sends is visible with its state, and its link once a worker tells."""
    with FakeWorker(hub.control, 3) as worker:
        worker.say({"op": "identified", "mn": MN, "link": 9, "peer": "10.0.0.1:5", "at": 1})
        wait_until(lambda: hub.client.call("links")["links"])
        (link,) = hub.client.call("links", mn=MN)["links"]
        assert (link["link"], link["worker"], link["peer"], link["newest"]) == (
            9,
            3,
            "10.0.0.1:5",
            True,
        )
        (device,) = hub.client.call("devices", mn=MN)["devices"]
        assert (device["links"], device["peer"], device["state"]) == (1, "10.0.0.1:5", "online")
        assert hub.client.call("latest", mn=OTHER_MN)["latest"] == []
    wait_until(lambda: not hub.client.call("links")["links"])


@pytest.mark.parametrize("op", ["devices", "latest", "links"])
def test_lists_come_in_pieces(hub: HubProcess, op: str) -> None:
    """Each answer says behind which MN to go on, until nothing is left."""
    with FakeWorker(hub.control, 4) as worker:
        for n in range(5):
            worker.say({"op": "identified", "mn": f"L{n}", "link": n + 1})
        wait_until(lambda: hub.status()["routes"] == 5)
        found, after = [], ""
        while after is not None:
            answer = hub.client.call(op, after=after, limit=2)
            found += [row["mn"] for row in answer[op]]
            after = answer.get("next")
        assert found == ([f"L{n}" for n in range(5)] if op == "links" else [MN])
    wait_until(lambda: not hub.status()["routes"])


def test_a_storm_of_identities_cut_anywhere(hub: HubProcess) -> None:
    """Thousands of identities in one breath, lines cut between reads: each counts once."""
    with FakeWorker(hub.control, 0) as first, FakeWorker(hub.control, 1) as second:
        first.say(_identities(5000, 1))
        wait_until(lambda: hub.status()["routes"] == 5000)
        second.say(_identities(5000, 10_001))
        assert {first.hear()["mn"] for _ in range(5000)} == {f"S{n}" for n in range(5000)}
        assert hub.status()["mns_on_two_links"] == 5000
    wait_until(lambda: not hub.status()["routes"])


def _identities(count: int, first_link: int) -> bytes:
    notes = [
        {"op": "identified", "mn": f"S{n}", "link": first_link + n, "peer": "p", "at": 1}
        for n in range(count)
    ]
    return b"\n".join(json.dumps(note).encode() for note in notes)


def test_newer_link_on_another_worker_supersedes(hub: HubProcess) -> None:
    """The worker of the older link is told, whichever link was reported first."""
    with FakeWorker(hub.control, 0) as first, FakeWorker(hub.control, 1) as second:
        first.say({"op": "identified", "mn": "M1", "link": 10, "peer": "a", "at": 1})
        wait_until(lambda: hub.status()["routes"] == 1)
        second.say({"op": "identified", "mn": "M1", "link": 20, "peer": "b", "at": 2})
        assert first.hear() == {"op": "superseded", "mn": "M1", "link": 10}
        second.say({"op": "identified", "mn": "M2", "link": 21, "peer": "b", "at": 2})
        wait_until(lambda: hub.status()["routes"] == 2)
        first.say({"op": "identified", "mn": "M2", "link": 11, "peer": "a", "at": 1})
        assert first.hear() == {"op": "superseded", "mn": "M2", "link": 11}
        assert hub.status()["mns_on_two_links"] == 2
        first.say({"op": "left", "mn": "M1", "link": 10})
        wait_until(lambda: hub.status()["mns_on_two_links"] == 1)


def test_worker_line_that_cannot_be_read_is_skipped(hub: HubProcess) -> None:
    """Junk from a worker costs a line, not the worker."""
    with FakeWorker(hub.control, 5) as worker:
        for text in (
            b"junk",
            b'{"op": "left"}',
            b'{"op": "news", "x": 1}',
            b'{"op":"stats","x":[]}',
        ):
            worker.say(text)
        worker.stats(links=77)
        wait_until(lambda: hub.status()["links"] == 77)


def test_stats_of_odd_shape_do_no_harm(hub: HubProcess) -> None:
    """Figures that are no numbers count as nothing; status still answers."""
    with FakeWorker(hub.control, 6) as worker:
        worker.stats(
            links="many", frames_total=None, rejected=[1], paused="yes", journal_state="full"
        )
        wait_until(lambda: hub.status()["journal"]["state"] == "full")
        assert hub.status()["links"] == 0
        assert "journal full" in hub.get("/health")[2]
        assert hub.get("/metrics")[0] == 200
        assert hub.get("/")[0] == 200
