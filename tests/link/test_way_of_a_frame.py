"""From a socket to the journal and back: hj212d/link/intake.py on real sockets."""

import logging
import random
from pathlib import Path

import pytest
from link_rig import MN, Rig, read, upload
from waiting import until

from hj212d.journal.record import Kind
from hj212d.journal.settings import JournalSettings
from hj212d.link.addresses import Address
from hj212d.link.settings import ProfileSettings
from hj212d.wire import build
from hj212d.wire.settings import DeviceSettings


def spoilt(frame: bytes) -> bytes:
    """The same frame with a CRC that does not fit."""
    return frame[:-6] + (b"FF00" if frame[-6:-2] != b"FF00" else b"0000") + b"\r\n"


def modbus(segment: bytes) -> bytes:
    """A frame with the CRC of MODBUS instead of the one of HJ 212."""
    register = 0xFFFF
    for byte in segment:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return b"##%04d%s%04X\r\n" % (len(segment), segment, register)


@pytest.mark.parametrize("sync", ["group", "always", "none"])
async def test_frame_is_journalled_then_answered(tmp_path: Path, sync: str) -> None:
    """One frame: its raw bytes are in the journal, its answer has its QN and MN."""
    async with Rig(tmp_path, journal=JournalSettings(sync=sync)) as rig:
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


async def test_glued_frames_are_all_answered_in_order(tmp_path: Path) -> None:
    """A9: an outage's frames in one burst, each answered by its own QN, in order."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        client.send(b"".join(upload(n) for n in range(300)))
        answers = await client.get(300)
        sent = [frame.qn for frame in read(b"".join(upload(n) for n in range(300)))]
        assert [answer.qn for answer in answers] == sent


async def test_frames_split_anywhere_are_whole_again(tmp_path: Path) -> None:
    """A9: cut at random places, written piece by piece, the frames come out as sent."""
    chance = random.Random(7)
    stream = b"".join(upload(n) for n in range(40))
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        taken = 0
        while taken < len(stream):
            piece = stream[taken : taken + chance.randint(1, 90)]
            taken += len(piece)
            client.send(piece)
            await until(lambda upto=taken: rig.stats["bytes_in_total"] == upto)
        await client.get(40)
        assert [raw for _, raw in rig.pieces()] == [upload(n).rstrip() for n in range(40)]


async def test_junk_and_other_protocols_are_kept_and_skipped(tmp_path: Path) -> None:
    """A10: text of a DTU, a Modbus poll, HTTP: recorded as junk, and the next frame is good."""
    junk = [b"http://www.cmsoft.cn", bytes.fromhex("0103000000024c0b27ed"), b"GET / HTTP/1.1\r\n"]
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        for n, piece in enumerate(junk):
            client.send(piece + upload(n))
        await client.get(3)
        pieces = rig.pieces()
        assert [label for label, _ in pieces] == ["junk", "ok"] * 3
        assert [raw for label, raw in pieces if label == "junk"] == junk
        assert rig.stats["rejected"] == {"junk": 3}
        assert rig.stats["junk_bytes_total"] == sum(map(len, junk))


async def test_impossible_length_does_not_stall_the_next_frame(tmp_path: Path) -> None:
    """A7: ##9999 is above the limit: a reason, and the good frame behind it is answered."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        client.send(b"##9999QN=1;ST=22;" + upload(1))
        await client.get(1)
        labels = [label for label, _ in rig.pieces()]
        assert labels[0] == "length_over_limit"
        assert labels[-1] == "ok"


async def test_bad_frames_are_kept_and_get_no_answer(tmp_path: Path) -> None:
    """Wrong CRC, MODBUS CRC: in the journal with their reason, unanswered; good ones pass."""
    other = modbus(upload(2)[6:-6])
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        client.send(spoilt(upload(1)) + other + upload(3))
        answers = await client.get(1)
        assert [answer.qn for answer in answers] == ["20260601000003003"]
        assert rig.pieces() == [
            ("crc_wrong", spoilt(upload(1)).rstrip()),
            ("crc_modbus", other.rstrip()),
            ("ok", upload(3).rstrip()),
        ]


async def test_modbus_crc_is_a_counted_repair_where_a_profile_allows_it(tmp_path: Path) -> None:
    """B2: the switch of the port makes the frame good, and its use is counted."""
    async with Rig(
        tmp_path,
        profiles=[ProfileSettings(name="old", tolerate=["crc_modbus"])],
        addresses=[Address("127.0.0.1", 0, "old")],
    ) as rig:
        [client] = await rig.connected()
        client.send(modbus(upload(2)[6:-6]))
        await client.get(1)
        assert rig.stats["repairs"] == {"crc_modbus": 1}


async def test_quarantine_is_answered_where_configured(tmp_path: Path) -> None:
    """G13: with acknowledge_quarantined a bad item is answered, once it is in the journal."""
    async with Rig(tmp_path, acknowledge_quarantined=True) as rig:
        [client] = await rig.connected()
        client.send(upload(1, cp="a34004-Rtd=1.0"))
        await client.get(1)
        assert [label for label, _ in rig.pieces()] == ["data_time_malformed"]


async def test_wrong_password_goes_to_quarantine(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The frame is kept with its reason and unanswered; neither password gets into the log."""
    caplog.set_level(logging.INFO)
    device = DeviceSettings(mn=MN, password="right1")
    async with Rig(tmp_path, devices=[device]) as rig:
        [client] = await rig.connected()
        client.send(upload(1, pw="wrong1") + upload(2, pw="right1"))
        await client.get(1)
        assert [label for label, _ in rig.pieces()] == ["pw_wrong", "ok"]
    assert "wrong1" not in caplog.text
    assert "right1" not in caplog.text
    assert f"mn={MN} event=rejected_pw_wrong" in caplog.text


async def test_unknown_mn_accepted(tmp_path: Path) -> None:
    """accept: stored, answered, counted as unregistered."""
    async with Rig(tmp_path, unknown_mn="accept") as rig:
        [client] = await rig.connected()
        client.send(upload(1) + upload(2, mn="STRANGER-2"))
        await client.get(2)
        assert rig.stats["unregistered"] == 2


async def test_unknown_mn_quarantined(tmp_path: Path) -> None:
    """quarantine: kept with its reason, unanswered, and the link goes on."""
    async with Rig(tmp_path, devices=[DeviceSettings(mn=MN)], unknown_mn="quarantine") as rig:
        [client] = await rig.connected()
        client.send(upload(1, mn="STRANGER") + upload(2))
        await client.get(1)
        assert [label for label, _ in rig.pieces()] == ["mn_unknown", "ok"]
        assert rig.stats["unregistered"] == 0


async def test_unknown_mn_closes(tmp_path: Path) -> None:
    """close: the frame is kept, what was good before it is answered, then the link ends."""
    async with Rig(tmp_path, devices=[DeviceSettings(mn=MN)], unknown_mn="close") as rig:
        [client] = await rig.connected()
        client.send(upload(1) + upload(2, mn="STRANGER"))
        await client.gone()
        assert [answer.qn for answer in client.replies] == ["20260601000001001"]
        await until(rig.closes)
        assert rig.closes()[0]["why"] == "mn_refused"
        assert [label for label, _ in rig.pieces()] == ["ok", "mn_unknown"]


async def test_same_frame_fifty_times_gets_fifty_answers(tmp_path: Path) -> None:
    """G1: a repeated frame is simply answered again."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        client.send(upload(1) * 50)
        answers = await client.get(50)
        assert {answer.qn for answer in answers} == {"20260601000001001"}
        assert len(rig.pieces()) == 50


async def test_answers_of_a_peer_are_kept_but_not_answered(tmp_path: Path) -> None:
    """D10: 901x is journalled; only the heartbeat among them gets its 9013."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        client.send(upload(1, cn="9014", cp="") + upload(2, cn="9011", cp="QnRtn=1"))
        client.send(upload(3, cn="9015", flag=9, cp=""))
        [answer] = await client.get(1)
        assert (answer.cn, answer.flag) == ("9013", 8)
        assert len(rig.pieces()) == 3


async def test_old_form_is_answered_in_the_old_form(tmp_path: Path) -> None:
    """2005 without Flag: QN of the answer stands in CP."""
    async with Rig(tmp_path, answer_without_flag=True) as rig:
        [client] = await rig.connected()
        client.send(
            build.frame(
                b"ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&QN=20160824003817001;"
                b"DataTime=20160824003817;011-Rtd=231.0,011-Flag=N;B01-Rtd=36.91&&"
            )
        )
        [answer] = await client.get(1)
        assert answer.cn == "9014"
        assert answer.cp["QN"] == "20160824003817001"
        assert not answer.raw.startswith(b"##00QN")


async def test_records_tell_the_life_of_a_link(tmp_path: Path) -> None:
    """Opened, identified once for each MN, closed with its sums; all with one link number."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        client.send(upload(1, mn="A1") + upload(2, mn="B2") + upload(3, mn="A1") + b"tail")
        await client.get(3)
        client.transport.close()
        await until(rig.closes)
        records = rig.records()
    kinds = [Kind(record.kind).name for record in records]
    assert kinds[0] == "LINK_OPENED"
    assert kinds.count("LINK_IDENTIFIED") == 2
    assert kinds[-1] == "LINK_CLOSED"
    assert len({record.link for record in records}) == 1
    assert rig.pieces()[-1] == ("junk", b"tail")
    [close] = rig.closes()
    assert (close["why"], close["frames"], close["rejected"], close["junk"]) == ("peer", 3, 1, 4)
    assert close["bytes"] == len(upload(1, mn="A1")) * 3 + 4
    [opened] = rig.records(Kind.LINK_OPENED)
    host, port = client.transport.get_extra_info("sockname")
    assert f'"peer":"{host}:{port}"'.encode() in opened.meta


async def test_half_frame_of_a_broken_link_is_kept(tmp_path: Path) -> None:
    """What came before a reset is in the journal as a truncated piece, with its bytes."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        client.send(upload(1)[:60])
        await until(lambda: rig.stats["bytes_in_total"] == 60)
        client.break_off()
        await until(rig.closes)
        assert rig.closes()[0]["why"] == "reset"
        assert rig.pieces() == [("truncated", upload(1)[:60])]


async def test_frames_of_a_link_that_went_are_still_journalled(tmp_path: Path) -> None:
    """The peer is gone before the sync is through: its frames are kept all the same."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        await until(lambda: rig.records(Kind.LINK_OPENED))
        rig.disk.hold()
        client.send(upload(1))
        await until(rig.disk.reached.is_set)
        client.send(upload(2))
        await until(lambda: rig.stats["frames_total"] == 2)
        client.break_off()
        await until(lambda: len(rig.worker.links) == 0)
        rig.disk.open.set()
        await until(rig.closes)
        assert [raw for _, raw in rig.pieces()] == [upload(1).rstrip(), upload(2).rstrip()]
        assert rig.stats["acked_total"] == 0


async def test_peer_that_shuts_its_side_still_gets_its_answers(tmp_path: Path) -> None:
    """Send, shut down writing, read: the answer comes, then the end."""
    async with Rig(tmp_path) as rig:
        [client] = await rig.connected()
        client.send(upload(1))
        client.transport.write_eof()
        await client.gone()
        assert len(client.replies) == 1
        assert not client.reset
