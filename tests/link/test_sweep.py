"""hj212d/link/sweep.py: what becomes due by time, over a clock that the tests move."""

from pathlib import Path

from link_rig import MN, Rig, upload
from waiting import until

from hj212d.link.pauses import PEER


async def test_silent_link_is_closed_and_a_speaking_one_stays(tmp_path: Path) -> None:
    """300 s without a byte end a link; any byte, even junk, keeps it."""
    async with Rig(tmp_path, idle_timeout_s=300) as rig:
        silent, speaking = await rig.connected(2)
        rig.pass_time(299)
        speaking.send(b"ZHB_HRB")
        await until(lambda: rig.stats["bytes_in_total"] == 7)
        assert not silent.closed
        rig.pass_time(1)
        await silent.gone()
        await until(rig.closes)
        assert [close["why"] for close in rig.closes()] == ["idle"]
        rig.pass_time(299)
        await speaking.gone()


async def test_drip_of_one_byte_a_second_is_given_up(tmp_path: Path) -> None:
    """A frame must be whole 30 s after it began; the third half in a row closes the link."""
    frame = upload(1)
    async with Rig(tmp_path, partial_timeout_s=30) as rig:
        [client] = await rig.connected()
        sent = 0
        while not client.closed and sent < 300:
            client.send(frame[sent % 40 : sent % 40 + 1])  # 40 bytes of a frame, and again
            sent += 1
            await until(lambda upto=sent: client.closed or rig.stats["bytes_in_total"] == upto)
            rig.pass_time(1)
        await client.gone()
        await until(rig.closes)
        assert rig.closes()[0]["why"] == "half_frames"
        assert rig.stats["rejected"]["truncated"] >= 3
        kept = b"".join(raw for _, raw in rig.pieces())
        assert kept == (frame[:40] * 8)[: rig.stats["bytes_in_total"]]


async def test_good_frame_behind_a_half_one_is_found_and_forgives(tmp_path: Path) -> None:
    """A11: a cut frame hides a good one until the timer gives it up; two halves are forgiven."""
    half, good = upload(1)[:50], upload(2)
    async with Rig(tmp_path, partial_timeout_s=30) as rig:
        [client] = await rig.connected()
        for n in range(4):
            client.send(half + good)
            await until(lambda n=n: rig.stats["bytes_in_total"] == (n + 1) * len(half + good))
            rig.pass_time(30)
            await client.get(n + 1)
        assert not client.closed
        assert [label for label, _ in rig.pieces()] == ["truncated", "ok"] * 4


async def test_timer_of_a_half_frame_starts_with_its_first_byte(tmp_path: Path) -> None:
    """Long silence before a frame counts nothing towards its 30 s."""
    async with Rig(tmp_path, partial_timeout_s=30) as rig:
        [client] = await rig.connected()
        frame = upload(1)
        client.send(frame + frame[:10])
        await client.get(1)
        rig.pass_time(29)
        client.send(frame[10:] + frame[:10])
        await client.get(2)
        rig.pass_time(29)
        client.send(frame[10:])
        await client.get(3)
        assert rig.stats["rejected"] == {}


async def test_superseded_link_is_closed_after_silence(tmp_path: Path) -> None:
    """The MN came back on a newer link: the older one goes after 30 s without a byte."""
    async with Rig(tmp_path, superseded_timeout_s=30) as rig:
        old, new = await rig.connected(2)
        old.send(upload(1))
        await old.get(1)
        new.send(upload(2))
        await new.get(1)
        rig.pass_time(29)
        assert not old.closed
        rig.pass_time(1)
        await old.gone()
        assert not new.closed
        await until(rig.closes)
        assert rig.closes()[0]["why"] == "superseded"


async def test_two_devices_with_one_mn_are_a_conflict(tmp_path: Path) -> None:
    """D5: the older link speaks again: both stay, each is answered on its own link, counted."""
    async with Rig(tmp_path, superseded_timeout_s=30) as rig:
        old, new = await rig.connected(2)
        old.send(upload(1))
        await old.get(1)
        new.send(upload(2))
        await new.get(1)
        old.send(upload(3))
        answers = await old.get(2)
        assert answers[-1].qn == "20260601000003003"
        rig.pass_time(200)
        assert rig.stats["conflicts"] == {MN: 1}
        assert rig.stats["links"] == 2


async def test_link_with_several_mns_stays_until_all_have_moved(tmp_path: Path) -> None:
    """G4: a forwarder's link is not closed because one of its MNs has a link of its own."""
    async with Rig(tmp_path, superseded_timeout_s=30) as rig:
        forwarder, own = await rig.connected(2)
        forwarder.send(upload(1, mn="A") + upload(2, mn="B"))
        await forwarder.get(2)
        own.send(upload(3, mn="A"))
        await own.get(1)
        rig.pass_time(100)
        own.send(upload(4, mn="B"))
        await own.get(2)
        assert not forwarder.closed
        rig.pass_time(30)
        await forwarder.gone()


async def test_peer_that_reads_no_answers_is_paused_then_closed(tmp_path: Path) -> None:
    """It is not read any more once its answers pile up, others go on, and it is closed at last."""
    async with Rig(tmp_path, link_pending_bytes=16384, idle_timeout_s=300) as rig:
        deaf, other = await rig.connected(2)
        deaf.transport.pause_reading()
        burst = b"".join(upload(n) for n in range(500))
        for turn in range(400):
            deaf.send(burst)
            other.send(upload(1))
            await other.get(turn + 1)
            if any(link.pauses & PEER for link in rig.worker.links):
                break
        await until(lambda: any(link.pauses & PEER for link in rig.worker.links), "pause")
        frames = rig.stats["frames_total"]
        deaf.send(burst)
        other.send(upload(2))
        await until(lambda: rig.stats["frames_total"] == frames + 1)
        rig.pass_time(299)
        other.send(upload(3))
        await until(lambda: rig.stats["frames_total"] == frames + 2)
        rig.pass_time(1)
        await until(rig.closes)
        assert [close["why"] for close in rig.closes()] == ["write_stuck"]
        assert rig.stats["links"] == 1


async def test_peer_that_reads_again_gets_all_answers(tmp_path: Path) -> None:
    """Back-pressure loses nothing: every frame sent is answered in the end."""
    count = 4000
    async with Rig(tmp_path, link_pending_bytes=16384) as rig:
        [client] = await rig.connected()
        client.transport.pause_reading()
        client.send(b"".join(upload(n) for n in range(count)))
        await until(lambda: rig.stats["frames_total"] > 0)
        client.transport.resume_reading()
        await until(lambda: client.received.count(b"##") == count)
        assert len(rig.pieces()) == count


async def test_links_we_do_not_read_are_not_called_silent(tmp_path: Path) -> None:
    """While the journal stands still nobody is idle and no half frame is old."""
    async with Rig(tmp_path, pending_bytes=65536, idle_timeout_s=300) as rig:
        quiet, half, busy = await rig.connected(3)
        half.send(upload(1)[:30])
        await until(lambda: rig.stats["bytes_in_total"] == 30)
        await until(lambda: not rig.worker.commits.pending_bytes)
        rig.disk.hold()
        busy.send(b"".join(upload(n) for n in range(1000)))
        await until(lambda: rig.stats["paused"]["journal"])
        rig.pass_time(1000)
        assert rig.stats["links"] == 3
        rig.disk.open.set()
        await busy.get(1000)
        assert not rig.stats["paused"]["journal"]
        half.send(upload(1)[30:])
        await half.get(1)
        rig.pass_time(299)
        assert rig.stats["links"] == 3
        rig.pass_time(1)
        await quiet.gone()
