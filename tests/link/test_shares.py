"""Several workers on one port: who is full leaves, who died is replaced by the others, and all
together stay within the limit (hj212d/link/listening.py, tally.py)."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from link_rig import Client, Rig, upload
from waiting import until

from hj212d.link import tally
from hj212d.link.addresses import Address
from hj212d.link.orders import WorkerOrders, encode


@pytest.fixture
def tally_fd() -> Iterator[int]:
    """Where two workers count their links."""
    fd = tally.make(2)
    yield fd
    os.close(fd)


@pytest.fixture
def port() -> int:
    """A port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


async def answered(rig: Rig, count: int) -> list[Client]:
    """So many new clients, each of whom got an answer."""
    clients = [await rig.connect() for _ in range(count)]
    for client in clients:
        client.send(upload(1))
    for client in clients:
        await client.get(1)
    return clients


async def test_full_worker_leaves_newcomers_to_the_others(tmp_path: Path, port: int) -> None:
    """Nobody waits in the queue of a worker that is full while another has room; when its links
    end it listens again."""
    here = [Address("127.0.0.1", port)]
    small = Rig(tmp_path, addresses=here, max_links=5, workers=2)
    large = Rig(tmp_path, addresses=here, max_links=500, workers=2, slot=1)
    async with small, large:
        clients = await answered(small, 80)
        assert 5 <= small.stats["links"] <= 5 + 32
        assert small.stats["links"] + large.stats["links"] == 80
        assert small.stats["paused"]["listening_why"] == ["max_links"]
        taken = small.stats["accepted_total"]
        for client in clients:
            client.transport.abort()
        await until(lambda: not small.stats["paused"]["listening"])
        await answered(small, 20)
        await until(lambda: small.stats["accepted_total"] > taken)


async def test_all_together_stay_within_the_limit(
    tmp_path: Path, port: int, tally_fd: int
) -> None:
    """Each may take more than half, the sum is bounded, and who waits is let in when links end."""
    here = [Address("127.0.0.1", port)]
    shared = {"addresses": here, "max_links": 20, "all_links": 20, "workers": 2}
    one = Rig(tmp_path, **shared, tally_fd=tally_fd)  # type: ignore[arg-type]
    other = Rig(tmp_path, **shared, tally_fd=tally_fd, slot=1)  # type: ignore[arg-type]

    def links() -> int:
        return int(one.stats["links"]) + int(other.stats["links"])

    async with one, other:
        clients = [await one.connect() for _ in range(30)]
        for client in clients:
            client.send(upload(1))
        await until(lambda: links() == 20)
        await until(lambda: sum(bool(client.received) for client in clients) == 20)
        for client in [client for client in clients if client.received][:10]:
            client.transport.abort()
        await until(lambda: sum(bool(client.received) for client in clients) == 30)
        assert links() == 20


def test_links_of_a_worker_that_died_move_to_the_others(
    tmp_path: Path, port: int, tally_fd: int
) -> None:
    """kill -9: its socket dies with it, and all who come again are taken by who is left."""
    workers = []
    for slot in range(2):
        orders = WorkerOrders(
            slot=slot,
            lane=str(slot),
            journal_dir=str(tmp_path / "journal"),
            control="",
            max_links=100,
            addresses=[Address("127.0.0.1", port)],
            all_links=100,
            workers=2,
            tally_fd=tally_fd,
        )
        worker = subprocess.Popen(
            [sys.executable, "-m", "hj212d.cli.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(tally_fd,),
        )
        workers.append(worker)
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(encode(orders) + b"\n")
        worker.stdin.flush()
        assert worker.stdout.readline().startswith(b"ready")
    try:
        links = [socket.create_connection(("127.0.0.1", port), timeout=90) for _ in range(40)]
        for link in links:
            link.sendall(upload(1))
        assert all(link.recv(4096) for link in links)
        workers[0].send_signal(signal.SIGKILL)
        workers[0].wait()
        for index, link in enumerate(links):
            try:
                link.sendall(upload(2))
                alive = link.recv(4096)
            except ConnectionError:
                alive = b""
            if not alive:
                link.close()
                links[index] = socket.create_connection(("127.0.0.1", port), timeout=90)
                links[index].sendall(upload(2))
                assert links[index].recv(4096)
        for link in links:
            link.close()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
            for pipe in (worker.stdin, worker.stdout):
                assert pipe is not None
                pipe.close()
