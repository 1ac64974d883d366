"""hj212d/link/hublink.py: a hub that is there, comes late, goes, sleeps or talks nonsense."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from link_rig import MN, Rig, upload
from waiting import until

from hj212d.link import hublink
from hj212d.unixpath import bind_path


class Hub:
    """A hub's control socket that keeps the lines of workers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[dict[str, Any]] = []
        self.reading = True
        self.overlay = b'{"op":"devices","devices":[],"more":false}\n'
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> "Hub":
        self.path.unlink(missing_ok=True)
        with bind_path(self.path) as name:
            self._server = await asyncio.start_unix_server(self._serve, name)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    def say(self, line: bytes) -> None:
        """Send a line to all workers."""
        for writer in self._writers:
            writer.write(line + b"\n")

    def hang_up(self) -> None:
        """Break all connections."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def of(self, op: str) -> list[dict[str, Any]]:
        """Lines of one kind."""
        return [line for line in self.lines if line["op"] == op]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        writer.write(self.overlay)
        try:
            while self.reading and (line := await reader.readline()):
                self.lines.append(msgspec.json.decode(line))
            while not self.reading:
                await asyncio.sleep(0.01)
        except (ConnectionError, ValueError):
            pass


async def test_worker_says_hello_then_stats_and_identities(tmp_path: Path) -> None:
    """First who it is, each second its counters, identities as they come and go."""
    async with Hub(tmp_path / "control.sock") as hub, Rig(tmp_path, control=str(hub.path)) as rig:
        await until(lambda: hub.lines)
        assert {"op": "worker", "slot": 0, "lane": "0"}.items() <= hub.lines[0].items()
        [client] = await rig.connected()
        client.send(upload(1))
        await until(lambda: hub.of("identified"))
        [identified] = hub.of("identified")
        assert identified["mn"] == MN
        assert identified["peer"].startswith("127.0.0.1:")
        client.transport.close()
        await until(lambda: hub.of("left"))
        assert hub.of("left") == [{"op": "left", "mn": MN, "link": identified["link"]}]
        await until(lambda: hub.of("stats"))
    assert {
        "slot", "pid", "lane", "links", "links_identified", "accepted_total", "refused",
        "frames_total", "acked_total", "rejected", "repairs", "closed", "bytes_in_total",
        "junk_bytes_total", "paused", "conflicts", "unregistered", "journal", "journal_state",
        "rss_bytes", "fds", "cpu_s", "codec", "max_links",
    } <= hub.of("stats")[-1].keys()  # fmt: skip
    assert hub.of("stats")[-1]["frames_total"] == 1


async def test_last_stats_are_sent_before_the_end(tmp_path: Path) -> None:
    """What was counted after the last second is not lost in an orderly end."""
    async with Hub(tmp_path / "control.sock") as hub:
        async with Rig(tmp_path, control=str(hub.path)) as rig:
            await until(lambda: hub.lines)
            [client] = await rig.connected()
            client.send(upload(1))
            await client.get(1)
        await until(lambda: hub.of("stats") and hub.of("stats")[-1]["acked_total"] == 1)
        assert hub.of("stats")[-1]["closed"] == {"drain": 1}


async def test_intake_goes_on_without_a_hub_and_it_is_told_later(tmp_path: Path) -> None:
    """No hub: frames are answered. When it comes it hears all identities that hold."""
    path = tmp_path / "control.sock"
    async with Rig(tmp_path, control=str(path)) as rig:
        one, two = await rig.connected(2)
        one.send(upload(1, mn="A") + upload(2, mn="B"))
        two.send(upload(3, mn="C"))
        await one.get(2)
        await two.get(1)
        async with Hub(path) as hub:
            await until(lambda: len(hub.of("identified")) == 3)
            assert {line["mn"] for line in hub.of("identified")} == {"A", "B", "C"}
            assert hub.lines[0]["op"] == "worker"


async def test_identities_are_repeated_after_a_reconnect(tmp_path: Path) -> None:
    """A hub that started anew knows nothing: everything is told again."""
    async with Hub(tmp_path / "control.sock") as hub, Rig(tmp_path, control=str(hub.path)) as rig:
        [client] = await rig.connected()
        client.send(upload(1))
        await until(lambda: hub.of("identified"))
        hub.hang_up()
        client.send(upload(2))
        await client.get(2)
        await until(lambda: len(hub.of("identified")) == 2)
        assert hub.of("identified")[0]["link"] == hub.of("identified")[1]["link"]


async def test_hub_supersedes_a_link(tmp_path: Path) -> None:
    """The MN is on another worker: the link here closes after its silence."""
    async with (
        Hub(tmp_path / "control.sock") as hub,
        Rig(tmp_path, control=str(hub.path), superseded_timeout_s=30) as rig,
    ):
        [client] = await rig.connected()
        client.send(upload(1))
        await until(lambda: hub.of("identified"))
        number = hub.of("identified")[0]["link"]
        said = {"op": "superseded", "mn": MN, "link": number}
        hub.say(b'{"op":"news"}\nno json\n' + msgspec.json.encode(said))
        await until(lambda: rig.worker.sessions.superseded(1e9, 30, lambda _: 0.0))
        rig.pass_time(30)
        await client.gone()


async def test_hub_that_does_not_read_costs_a_bounded_buffer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sleeps: intake goes on, and at the limit the connection starts anew."""
    monkeypatch.setattr(hublink, "MAX_UNSENT_BYTES", 20_000)
    async with Hub(tmp_path / "control.sock") as hub:
        hub.reading = False
        async with Rig(tmp_path, control=str(hub.path)) as rig:
            await until(lambda: hub.connections == 1)
            [client] = await rig.connected()
            sent = 0
            while hub.connections == 1:
                client.send(b"".join(upload(n, mn=f"MN{sent + n}") for n in range(100)))
                sent += 100
                await client.get(sent)
                assert sent < 20_000
            hub.reading = True
            hub.hang_up()
            await until(lambda: hub.connections > 2)
            await until(lambda: len({line["mn"] for line in hub.of("identified")}) == sent)


async def test_control_socket_may_lie_deep(tmp_path: Path) -> None:
    """Data folders with long paths work."""
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    deep.mkdir(parents=True)
    async with Hub(deep / "control.sock") as hub, Rig(tmp_path, control=str(hub.path)):
        await until(lambda: hub.lines)
