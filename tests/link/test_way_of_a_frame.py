"""From a socket to the journal and back: hj212d/link/intake.py on real sockets."""

from pathlib import Path

import pytest
from link_rig import MN, Rig, upload
from waiting import until

from hj212d.journal.record import Kind


async def test_frame_is_journalled_then_answered(tmp_path: Path) -> None:
    """One frame: its raw bytes are in the journal, its answer has its QN and MN."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        client.send(upload(7))
        [answer] = await client.get(1)
        assert (answer.cn, answer.st, answer.mn, answer.flag) == ("9014", "91", MN, 4)
        assert answer.qn == "20260601000007007"
        assert rig.pieces() == [("ok", upload(7).rstrip())]


async def test_no_answer_before_the_journal_is_durable(tmp_path: Path) -> None:
    """While the disk holds the sync back nothing leaves; afterwards everything does."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        await until(lambda: rig.records(Kind.LINK_OPENED))
        rig.disk.hold()
        client.send(upload(1) + upload(2))
        await until(rig.disk.reached.is_set)
        await until(lambda: rig.stats["frames_total"] == 2)
        assert client.received == b""
        assert rig.stats["acked_total"] == 0
        rig.disk.open.set()
        assert len(await client.get(2)) == 2
        assert rig.stats["acked_total"] == 2
