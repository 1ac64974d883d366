"""hj212d/link/worker.py: reload on living links, the orderly end."""

from pathlib import Path

import msgspec
import pytest
from link_rig import MN, Rig, upload
from waiting import until

from hj212d.journal.record import Kind
from hj212d.link.orders import encode, parse
from hj212d.wire.settings import DeviceSettings


def test_orders_survive_the_pipe(tmp_path: Path) -> None:
    """What the supervisor writes is what the worker reads, on one line."""
    orders = Rig(tmp_path, devices=[DeviceSettings(mn=MN, password="x\ny")]).orders
    assert b"\n" not in encode(orders)
    assert parse(encode(orders)) == orders


async def test_orderly_end_answers_what_was_read_and_records_the_ends(tmp_path: Path) -> None:
    """Frames that wait for the disk at the end are made durable and answered first."""
    async with Rig(tmp_path) as rig:
        busy, quiet = await rig.connected(2)
        await until(lambda: len(rig.records(Kind.LINK_OPENED)) == 2)
        rig.disk.hold()
        busy.send(upload(1))
        await until(rig.disk.reached.is_set)
        busy.send(upload(2) + upload(3)[:40])
        await until(lambda: rig.stats["frames_total"] == 2)
    assert [answer.qn[-3:] for answer in busy.replies] == ["001", "002"]
    assert quiet.closed
    assert [close["why"] for close in rig.closes()] == ["drain", "drain"]
    assert [label for label, _ in rig.pieces()] == ["ok", "ok", "truncated"]


async def test_orderly_end_has_a_limit(tmp_path: Path) -> None:
    """A disk that does not come back cannot hold the process for ever; nothing is answered."""
    rig = Rig(tmp_path, drain_timeout_s=0.2)
    async with rig:
        [client] = await rig.connected()
        await until(lambda: rig.records(Kind.LINK_OPENED))
        rig.worker.writer.min_free_bytes = 1 << 60
        client.send(upload(1))
        await until(lambda: rig.stats["journal_state"] == "full")
    assert client.closed
    assert client.received == b""
    rig.worker.writer.close()


async def test_reload_counts_for_living_links(tmp_path: Path) -> None:
    """Limits, timeouts, passwords and policies change without a new link."""
    async with Rig(tmp_path, idle_timeout_s=300) as rig:
        client, other = await rig.connected(2)
        client.send(upload(1))
        await client.get(1)
        rig.orders = msgspec.structs.replace(
            rig.orders, devices=[DeviceSettings(mn=MN, password="other")]
        )
        rig.reload(unknown_mn="quarantine", idle_timeout_s=50, answer_unknown_cn=False)
        client.send(upload(2) + upload(3, mn="X"))
        client.send(upload(4, pw="other", cn="9021") + upload(5, pw="other"))
        answers = await client.get(2)
        assert answers[-1].qn.endswith("005")
        assert [label for label, _ in rig.pieces()] == [
            "ok", "pw_wrong", "mn_unknown", "ok", "ok",
        ]  # fmt: skip
        rig.pass_time(50)
        await other.gone()


async def test_reload_of_the_frame_size_waits_for_half_frames(tmp_path: Path) -> None:
    """max_segment_bytes counts from the next frame on; the one under way is not hurt."""
    long = upload(2, cp="DataTime=20260601000000;" + ";".join(f"x{n:03}=1" for n in range(150)))
    assert len(long) > 1036
    async with Rig(tmp_path, max_segment_bytes=4096) as rig:
        client, fresh = await rig.connected(2)
        client.send(long[:500])
        fresh.send(b"held junk")
        await until(lambda: rig.stats["bytes_in_total"] == 509)
        rig.reload(max_segment_bytes=1024)
        client.send(long[500:])
        await client.get(1)
        fresh.send(long)
        await until(lambda: "length_over_limit" in rig.stats["rejected"])
        assert ("junk", b"held junk") in rig.pieces()
        client.send(upload(3))
        await client.get(2)
        rig.worker.links.renew()
        client.send(long)
        await until(lambda: rig.stats["rejected"].get("length_over_limit") == 2)


async def test_settings_that_cannot_be_used_change_nothing(tmp_path: Path) -> None:
    """A reload with a tolerance that does not exist leaves all as it was."""
    async with Rig(tmp_path) as rig:
        rig.orders = msgspec.structs.replace(
            rig.orders, devices=[DeviceSettings(mn=MN, tolerate=["no_such"])]
        )
        with pytest.raises(KeyError):
            rig.reload(unknown_mn="quarantine")
        [client] = await rig.connected()
        client.send(upload(1))
        await client.get(1)


async def test_fault_of_ours_ends_one_link_and_keeps_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception in our code costs one link; what it sent is in the journal, unanswered."""
    async with Rig(tmp_path) as rig:
        victim, other = await rig.connected(2)
        good = rig.worker.intake.take
        first = next(iter(rig.worker.links))

        def broken(link: object, cuts: object, now: float) -> object:
            if link is first:
                raise RuntimeError("a fault of ours")
            return good(link, cuts, now)

        monkeypatch.setattr(rig.worker.intake, "take", broken)
        victim.send(upload(1))
        await victim.gone()
        other.send(upload(2))
        await other.get(1)
        assert victim.received == b""
        await until(rig.closes)
        assert rig.closes()[0]["why"] == "error"
        assert ("junk", upload(1)) in rig.pieces()
