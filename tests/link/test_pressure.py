"""hj212d/link/pressure.py: a journal that takes no more, a disk that is full."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from link_rig import Rig, upload
from waiting import until

from hj212d.journal.settings import JournalSettings


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs to mount a small tmpfs, which takes root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_too_much_that_waits_pauses_all_and_loses_nothing(tmp_path: Path) -> None:
    """Above link.pending_bytes nobody is read and nobody let in; afterwards all is answered."""
    async with Rig(tmp_path, pending_bytes=65536, link_pending_bytes=1 << 20) as rig:
        [client] = await rig.connected()
        await until(lambda: not rig.worker.commits.pending_bytes)
        rig.disk.hold()
        count = 2000
        client.send(b"".join(upload(n) for n in range(count)))
        await until(lambda: rig.stats["paused"]["journal"])
        late = await rig.connect()
        late.send(upload(1))
        assert rig.stats["paused"]["listening_why"] == ["journal"]
        assert rig.stats["links"] == 1
        assert client.received == b""
        rig.disk.open.set()
        await client.get(count)
        await late.get(1)
        assert rig.stats["paused"]["listening"] is False


async def test_one_link_that_waits_does_not_stop_the_others(tmp_path: Path) -> None:
    """Above link_pending_bytes only that link is not read."""
    async with Rig(tmp_path, link_pending_bytes=16384) as rig:
        busy, other = await rig.connected(2)
        await until(lambda: not rig.worker.commits.pending_bytes)
        rig.disk.hold()
        busy.send(b"".join(upload(n) for n in range(3000)))
        await until(lambda: rig.stats["paused"]["links"] == 1)
        frames = rig.stats["frames_total"]
        other.send(upload(1))
        await until(lambda: rig.stats["frames_total"] == frames + 1)
        rig.disk.open.set()
        await busy.get(3000)
        await other.get(1)


async def test_full_disk_stops_reading_and_answers_until_there_is_room(small_disk: Path) -> None:
    """No room: nothing read, nothing acknowledged; with room again every frame is answered."""
    ballast = small_disk / "ballast"
    settings = JournalSettings(min_free_bytes=0, segment_bytes=65536)
    async with Rig(small_disk / "journal", journal=settings, pending_bytes=65536) as rig:
        [client] = await rig.connected()
        client.send(upload(0))
        await client.get(1)
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"\0" * 4096):
                pass
        count = 3000
        client.send(b"".join(upload(n) for n in range(1, count)))
        await until(lambda: rig.stats["journal_state"] == "full")
        await until(lambda: rig.stats["paused"]["journal"])
        assert rig.stats["paused"]["listening"] is True
        answered = len(client.replies)
        assert len(rig.pieces()) >= answered
        assert answered < count
        ballast.unlink()
        await client.get(count)
        assert rig.stats["journal_state"] == "ok"
        assert not rig.stats["paused"]["journal"]
        assert [raw for _, raw in rig.pieces()] == [upload(n).rstrip() for n in range(count)]


async def test_space_that_must_stay_free_counts_as_full(tmp_path: Path) -> None:
    """journal.min_free_bytes stops intake before the disk is full; a reload may lower it."""
    async with Rig(tmp_path, journal=JournalSettings(min_free_bytes=1 << 60)) as rig:
        client = await rig.connect()
        client.send(upload(1))
        await until(lambda: rig.stats["journal_state"] == "full")
        assert client.received == b""
        rig.worker.writer.min_free_bytes = 0
        await client.get(1)
