"""hj212d/link/downlink.py: requests on real sockets, behind answers, to peers that do not read."""

import base64
from pathlib import Path

from link_rig import MN, Rig, read, upload
from test_hublink import Hub
from waiting import until

from hj212d.link.closes import Close
from hj212d.link.downlink import CLOSING, CONGESTED, MAX_UNREAD_BYTES, NO_LINK
from hj212d.wire import build

REQUEST = build.frame(
    build.segment(qn="20260601000000001", st="22", cn="1011", pw="1", mn=MN, flag=5, cp="")
)


def only_link(rig: Rig) -> int:
    """Number of the one link of a worker."""
    [link] = rig.worker.links
    return link.number


async def test_a_request_reaches_the_device(tmp_path: Path) -> None:
    """The hub's line ends as bytes on the link, and its number comes back."""
    async with Hub(tmp_path / "control.sock") as hub, Rig(tmp_path, control=str(hub.path)) as rig:
        [client] = await rig.connected()
        data = base64.b64encode(REQUEST).decode()
        hub.say(f'{{"op":"send","id":7,"link":{only_link(rig)},"data":"{data}"}}'.encode())
        await until(lambda: hub.of("sent"))
        assert hub.of("sent") == [{"op": "sent", "id": 7, "why": ""}]
        await until(lambda: client.received == REQUEST)
        hub.say(b'{"op":"send","id":8,"link":1,"data":""}')
        await until(lambda: len(hub.of("sent")) == 2)
        assert hub.of("sent")[1]["why"] == NO_LINK
        assert rig.stats["sent_total"] == 1


async def test_requests_among_answers_stay_whole(tmp_path: Path) -> None:
    """Answers pass the transport by when it holds nothing; never in the middle of a request, and
    all stay in their order."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        client.send(upload(0))
        await client.get(1)
        number = only_link(rig)
        sent = 0
        for n in range(1, 300):
            client.send(upload(n))
            if n % 7 == 0:
                assert rig.worker.downlink.send(number, REQUEST) == ""
                sent += 1
            if n % 50 == 0:
                await client.get(n + sent)
        frames = await client.get(300 + sent)
        assert all(frame.ok for frame in frames)
        assert sum(frame.cn == "1011" for frame in frames) == sent
        answers = [frame.qn for frame in frames if frame.cn == "9014"]
        assert answers == [read(upload(n))[0].qn for n in range(300)]


async def test_a_peer_that_does_not_read_is_refused_more(tmp_path: Path) -> None:
    """What waits is bounded; other links do not notice; when it reads, requests go again."""
    async with Rig(tmp_path, link_pending_bytes=1 << 20) as rig:
        deaf, other = await rig.connected(2)
        deaf.transport.pause_reading()
        first, second = sorted(link.number for link in rig.worker.links)
        sent = 0
        while (why := rig.worker.downlink.send(first, REQUEST * 10)) == "":
            sent += 10
        assert why == CONGESTED
        link = rig.worker.links.get(first)
        assert link is not None
        assert link.transport is not None
        assert link.transport.get_write_buffer_size() <= MAX_UNREAD_BYTES
        assert rig.worker.downlink.send(second, REQUEST) == ""
        [frame] = await other.get(1)
        assert frame.cn == "1011"
        deaf.transport.resume_reading()
        await until(lambda: len(deaf.received) == len(REQUEST) * sent)
        assert deaf.received == REQUEST * sent
        assert rig.worker.downlink.send(first, REQUEST) == ""


async def test_a_link_that_ends_takes_nothing(tmp_path: Path) -> None:
    """Closing links answer what they read, but nothing new begins on them."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        rig.disk.hold()
        client.send(upload(1))
        await until(rig.disk.reached.is_set)
        number = only_link(rig)
        link = rig.worker.links.get(number)
        assert link is not None
        link.close(Close.DRAIN)
        assert rig.worker.downlink.send(number, REQUEST) == CLOSING
        rig.disk.open.set()
        [frame] = await client.get(1)
        assert frame.cn == "9014"
        await client.gone()
        await until(lambda: rig.worker.downlink.send(number, REQUEST) == NO_LINK)
