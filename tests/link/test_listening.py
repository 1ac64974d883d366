"""hj212d/link/listening.py: who is let in, when nobody is, and that nothing leaks."""

import asyncio
import errno
import logging
import os
import socket
from pathlib import Path

import pytest
from link_rig import Rig, upload
from waiting import until

from hj212d.link.addresses import Address, written
from hj212d.link.settings import ProfileSettings


async def test_several_addresses_and_families_each_with_its_profile(tmp_path: Path) -> None:
    """IPv4 and IPv6 listen side by side; a link carries the profile of its address."""
    addresses = [
        Address("127.0.0.1", 0),
        Address("::1", 0, "narrow"),
    ]
    narrow = ProfileSettings(name="narrow", unknown_mn="quarantine")
    async with Rig(tmp_path, addresses=addresses, profiles=[narrow]) as rig:
        four, six = await rig.connect(0), await rig.connect(1)
        six.send(upload(1))
        four.send(upload(2))
        await four.get(1)
        await until(lambda: rig.stats["rejected"] == {"mn_unknown": 1})
        assert six.replies == []
    texts = [record.meta.decode() for record in rig.records() if b"profile" in record.meta]
    assert '"profile":""' in texts[0]
    assert '"peer":"[::1]:' in texts[1]
    assert '"profile":"narrow"' in texts[1]


def test_addresses_are_written_as_people_read_them() -> None:
    """IPv6 stands in brackets."""
    assert str(Address("::", 9212)) == "[::]:9212"
    assert written("192.0.2.1", 80) == "192.0.2.1:80"


async def test_accepted_sockets_have_keepalive_and_no_delay(tmp_path: Path) -> None:
    """Options set once on the listening socket reach every link."""
    async with Rig(tmp_path) as rig:
        await rig.connected()
        [link] = rig.worker.links
        made = link.transport.get_extra_info("socket")
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 120
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


async def test_inherited_socket_is_used(tmp_path: Path) -> None:
    """A socket that is handed over by descriptor serves like one of our own."""
    ours = socket.create_server(("127.0.0.1", 0))
    address = ours.getsockname()
    async with Rig(tmp_path, addresses=[Address(*address, "", ours.detach())]) as rig:
        assert rig.addresses == [address]
        [client] = await rig.connected()
        client.send(upload(1))
        await client.get(1)


async def test_at_max_links_listening_pauses_and_goes_on_below(tmp_path: Path) -> None:
    """The next peer waits in the kernel's queue, with its frame, until there is room."""
    async with Rig(tmp_path, max_links=3) as rig:
        first, *_ = await rig.connected(3)
        waiting = await rig.connect()
        waiting.send(upload(1))
        await until(lambda: rig.stats["paused"]["listening_why"] == ["max_links"])
        assert rig.stats["links"] == 3
        first.transport.close()
        await waiting.get(1)
        assert rig.stats["links"] == 3
        assert rig.stats["accepted_total"] == 4


async def test_address_limits_refuse_and_are_counted(tmp_path: Path) -> None:
    """More links than one address may hold are closed at once; an end makes room."""
    async with Rig(tmp_path, address_max_links=2) as rig:
        kept, _ = await rig.connected(2)
        refused = await rig.connect()
        await refused.gone()
        assert rig.stats["refused"] == {"address_links": 1}
        kept.transport.close()
        await until(lambda: rig.stats["links"] == 1)
        await rig.connected()


async def test_new_links_a_second_are_limited(tmp_path: Path) -> None:
    """A storm from one address is thinned; after a second the next link passes."""
    async with Rig(tmp_path, address_links_per_s=2) as rig:
        await rig.connected(2)
        await (await rig.connect()).gone()
        assert rig.stats["refused"] == {"address_rate": 1}
        rig.pass_time(1)
        await rig.connected()


async def test_addresses_outside_the_allow_list_are_refused(tmp_path: Path) -> None:
    """link.allow counts at the door, and a reload changes it."""
    async with Rig(tmp_path, allow=["192.0.2.0/24"]) as rig:
        await (await rig.connect()).gone()
        assert rig.stats["refused"] == {"not_allowed": 1}
        assert rig.records() == []
        rig.reload(allow=["127.0.0.0/8"])
        await rig.connected()


async def test_bytes_a_second_slow_an_address_down_without_loss(tmp_path: Path) -> None:
    """Above its share the links of an address are read slower; every frame is answered."""
    stream = b"".join(upload(n) for n in range(200))
    async with Rig(tmp_path, address_bytes_per_s=len(stream) / 4) as rig:
        [client] = await rig.connected()
        client.send(stream)
        await until(lambda: rig.stats["paused"]["links"] == 1)
        client.send(upload(300))
        bytes_read = rig.stats["bytes_in_total"]
        await client.get(1)
        assert rig.stats["bytes_in_total"] == bytes_read
        for _ in range(8):
            rig.pass_time(1)
            await asyncio.sleep(0)
        await client.get(201)


async def test_out_of_descriptors_pauses_without_a_flood(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EMFILE: listening pauses until the next tick, with one line, and nobody is lost."""
    caplog.set_level(logging.INFO)
    accept = socket.socket._accept  # type: ignore[attr-defined]
    attempts = 0

    def exhausted(self: socket.socket) -> object:
        nonlocal attempts
        attempts += 1
        if attempts <= 2:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return accept(self)

    async with Rig(tmp_path) as rig:
        monkeypatch.setattr(socket.socket, "_accept", exhausted, raising=False)
        client = await rig.connect()
        client.send(upload(1))
        await client.get(1)
        assert attempts >= 3
    assert caplog.text.count("event=accept_failed") <= 2


async def test_refused_flood_is_one_burst_of_lines(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Fifty refusals are fifty counts and five lines."""
    async with Rig(tmp_path, address_max_links=1) as rig:
        await rig.connected()
        for _ in range(50):
            await (await rig.connect()).gone()
        assert rig.stats["refused"] == {"address_links": 50}
    assert caplog.text.count("event=refused_address_links") == 5


async def test_address_in_use_leaves_nothing_open(tmp_path: Path) -> None:
    """When one of several addresses cannot be had, none stays."""
    rig = Rig(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        async with rig:
            taken = Address(*foreign.getsockname())
            with pytest.raises(OSError, match="in use"):
                rig.worker.listening.open([Address("127.0.0.1", 0), taken], 16)
            assert rig.worker.listening.addresses == []


async def test_a_thousand_links_leave_no_descriptor_behind(tmp_path: Path) -> None:
    """Links opened, used and closed in every way give all back."""
    async with Rig(tmp_path, unknown_mn="close") as rig:
        await rig.connected()
        await until(lambda: not rig.worker.commits.pending_bytes)
        before = rig.stats["fds"]
        for turn in range(10):
            clients = await rig.connected(100)
            for client in clients[turn::3]:
                client.send(upload(1))
            for client in clients[::2]:
                client.transport.abort()
            for client in clients[1::2]:
                client.transport.close()
            await until(lambda: len(rig.worker.links) == 1)
            await until(lambda made=clients: all(client.closed for client in made))
        assert rig.stats["accepted_total"] == 1001
        assert rig.stats["fds"] == before
        assert len(rig.worker.sessions.mns(0)) == 0
