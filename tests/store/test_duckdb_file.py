"""The file under the DuckDB store: locked, removed, full, torn, of another make."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from batches import batch, frame, sample

from store.duckdb_store import DuckDBStore
from store.timeseries import FrameQuery, SampleQuery, StoreUnavailable

CHILD = Path(__file__).with_name("child_writer.py")


@contextmanager
def child(path: Path, batches: int) -> Iterator[subprocess.Popen[str]]:
    """The process of child_writer.py; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, str(CHILD), str(path), str(batches)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> int:
    """The next number that the child has committed."""
    assert process.stdout is not None
    return int(process.stdout.readline())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store's file goes."""
    return tmp_path / "data" / "store.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[DuckDBStore]:
    """A store in a folder of its own."""
    path.parent.mkdir()
    opened = DuckDBStore(path)
    yield opened
    opened.close()


def test_a_file_held_by_another_process_says_so(store: DuckDBStore, path: Path) -> None:
    """While one process holds the file, writing and reading elsewhere fail with a sentence that
    names it; when it is gone, the same store object works."""
    with child(path, 1) as holder:
        assert said(holder) == 0
        reader = DuckDBStore(path, read_only=True)
        for refused in (store.cursors, reader.cursors, lambda: store.commit(batch([frame(1)]))):
            with pytest.raises(StoreUnavailable, match=f"in use.*PID {holder.pid}.*control"):
                refused()
    assert store.commit(batch([frame(1)])).frames == 1
    reader.close()


def test_killed_at_any_moment_it_has_all_that_was_committed(path: Path) -> None:
    """After kill -9 the file holds every batch that was said to be committed and none by half;
    a read-only look shows the same."""
    path.parent.mkdir()
    chance = random.Random(212)
    committed = -1
    for _ in range(6):
        with child(path, 0) as writer:
            for _ in range(chance.randrange(1, 12)):
                committed = said(writer)
        for read_only in (True, False):
            store = DuckDBStore(path, read_only=read_only)
            found = store.frames(FrameQuery())["position"].to_pylist()
            assert len(found) in (committed + 1, committed + 2)
            assert found == list(range(len(found)))
            values = store.samples(SampleQuery("A", None))["rtd"].to_pylist()
            assert sorted(values) == [float(position) for position in found]
            assert store.cursors() == {"0": len(found)}
            store.close()


def test_a_torn_log_loses_only_whole_batches(
    store: DuckDBStore, path: Path, tmp_path: Path
) -> None:
    """Wherever the log was cut, a batch is there with rows and cursor or not at all."""
    for number in range(4):
        one = frame(number)
        store.commit(batch([one], [sample(one, 0.0, factor=f"f{number}")], cursors={"0": number}))
    log = Path(f"{path}.wal")
    size = log.stat().st_size
    counts = set()
    for keep in range(0, size, max(1, size // 40)):
        copy = tmp_path / f"cut{keep}" / path.name
        copy.parent.mkdir()
        shutil.copy(path, copy)
        torn = Path(shutil.copy(log, f"{copy}.wal"))
        os.truncate(torn, keep)
        again = DuckDBStore(copy)
        found = again.frames(FrameQuery())["position"].to_pylist()
        assert found == list(range(len(found)))
        assert again.totals()["samples"] == len(found)
        assert again.cursors() == ({"0": len(found) - 1} if found else {})
        counts.add(len(found))
        again.close()
    assert {0, 1, 2, 3} <= counts


def test_a_removed_file_is_noticed(store: DuckDBStore, path: Path) -> None:
    """Nothing is written into a file that no path leads to; afterwards a new, empty store is made,
    which a batch from the middle does not fit."""
    store.commit(batch([frame(1)], cursors={"0": 5}))
    path.unlink()
    following = batch([frame(6)], cursors={"0": 7}, since={"0": 5})
    with pytest.raises(StoreUnavailable, match="removed or exchanged"):
        store.commit(following)
    with pytest.raises(StoreUnavailable, match="stands at 0"):
        store.commit(following)
    assert store.cursors() == {}
    assert path.exists()


def test_a_missing_folder_is_waited_for(store: DuckDBStore, path: Path) -> None:
    """While the folder is away the store says so; when it is back the store has what it had."""
    store.commit(batch([frame(1)]))
    away = path.parent.rename(path.parent.with_name("away"))
    with pytest.raises(StoreUnavailable):
        store.commit(batch([frame(2)]))
    with pytest.raises(StoreUnavailable, match=r"folder .* does not exist"):
        store.cursors()
    away.rename(path.parent)
    assert store.commit(batch([frame(2)])).frames == 1
    assert store.totals()["frames"] == 2


def test_a_file_of_another_make(path: Path) -> None:
    """A file that is no DuckDB database, long or short, is refused and left as it is."""
    path.parent.mkdir()
    for content in (b"no database at all" * 1000, b"a short note", b"tiny"):
        path.write_bytes(content)
        store = DuckDBStore(path)
        with pytest.raises(StoreUnavailable, match="not a valid DuckDB"):
            store.cursors()
        assert path.read_bytes() == content
        store.close()


@pytest.mark.parametrize("length", [0, 4096, 8192])
def test_a_file_whose_making_was_interrupted(store: DuckDBStore, path: Path, length: int) -> None:
    """What a crash in the first moment leaves is no obstacle for ever."""
    store.cursors()
    store.close()
    os.truncate(path, length)
    again = DuckDBStore(path)
    assert again.cursors() == {}
    again.close()


def test_a_database_of_somebody_else_is_left_alone(path: Path) -> None:
    """A DuckDB file with other tables is no place for ours."""
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE theirs (x INTEGER)")
    store = DuckDBStore(path)
    with pytest.raises(StoreUnavailable, match="not a store"):
        store.cursors()
    store.close()


def test_another_schema_version_is_refused(store: DuckDBStore, path: Path) -> None:
    """A file of a later program is not written by this one."""
    store.cursors()
    store.close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema_version'")
    again = DuckDBStore(path)
    with pytest.raises(StoreUnavailable, match="version 99, this program reads 4"):
        again.cursors()
    again.close()


def test_a_look_at_a_file_that_is_not_there(path: Path) -> None:
    """Read-only opening makes nothing."""
    path.parent.mkdir()
    store = DuckDBStore(path, read_only=True)
    with pytest.raises(StoreUnavailable, match="does not exist"):
        store.cursors()
    assert list(path.parent.iterdir()) == []
    store.close()


def test_closing_empties_the_log(store: DuckDBStore, path: Path) -> None:
    """After close all is in the one file."""
    store.commit(batch([frame(1)]))
    assert Path(f"{path}.wal").exists()
    store.close()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_slow_query_does_not_hold_up_a_commit(store: DuckDBStore) -> None:
    """Commits go through while a query is in the middle of its answer, and it does not see
    them."""
    store.commit(batch([frame(1)]))
    with store._file.cursor() as slow:
        slow.execute("BEGIN")
        assert slow.execute("SELECT count(*) FROM frames").fetchone() == (1,)
        writer = threading.Thread(target=store.commit, args=(batch([frame(2)]),))
        writer.start()
        writer.join(90)
        assert not writer.is_alive()
        assert slow.execute("SELECT count(*) FROM frames").fetchone() == (1,)
    assert store.totals()["frames"] == 2


def test_a_batch_of_our_own_making_that_fails_leaves_nothing(store: DuckDBStore) -> None:
    """An error in the middle of the transaction undoes what was written, is no StoreUnavailable,
    and the next batch goes through."""
    wrong = batch([frame(1)], cursors={"0": 9})
    wrong.counts = wrong.counts.drop_columns(["n"])
    with pytest.raises(duckdb.Error):
        store.commit(wrong)
    assert store.totals()["frames"] == 0
    assert store.cursors() == {}
    assert store.commit(batch([frame(1)])).frames == 1


def test_a_broken_database_object_is_exchanged(store: DuckDBStore) -> None:
    """After a fatal error of DuckDB the next use opens the file anew, with all that it held."""
    store.commit(batch([frame(1)]))
    before = store._file._connection
    with pytest.raises(StoreUnavailable, match="invalidated"), store._file.cursor():
        raise duckdb.FatalException("FATAL Error: database has been invalidated")
    assert store.totals()["frames"] == 1
    assert store._file._connection is not before


def fill(store: DuckDBStore, noise: random.Random) -> int:
    """Commit until the disk is full; how many batches went in."""
    for number in range(200):
        one = frame(number, raw=noise.randbytes(50_000))
        try:
            store.commit(batch([one], cursors={"0": number}))
        except StoreUnavailable:
            return number
    raise AssertionError("ten megabytes fit into two")


def test_a_full_disk_is_a_state_that_passes(tmp_path: Path) -> None:
    """On a small file system that fills up commits fail with a sentence, nothing of them is seen,
    reading goes on; with room again they go through, and all of it outlives a restart."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a tmpfs takes root")
    try:
        store = DuckDBStore(folder / "store.duckdb")
        noise = random.Random(212)
        done = fill(store, noise)
        assert done > 3
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match="No space left"):
                store.commit(batch([frame(900, raw=noise.randbytes(500_000))]))
        assert store.totals()["frames"] == done
        assert store.cursors() == {"0": done - 1}
        subprocess.run(["mount", "-o", "remount,size=32m", str(folder)], check=True)
        store.commit(batch([frame(500)], cursors={"0": 500}, since={"0": done - 1}))
        store.close()
        again = DuckDBStore(folder / "store.duckdb")
        assert again.frames(FrameQuery())["position"].to_pylist() == [*range(done), 500]
        again.close()
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_the_log_is_brought_into_the_file_as_it_grows(path: Path) -> None:
    """No transaction of ours stays open: an old one would keep DuckDB from ever checkpointing, and
    the log would grow for as long as the daemon runs."""
    path.parent.mkdir()
    store = DuckDBStore(path)
    log = path.with_name(path.name + ".wal")
    noise = random.Random(1)
    largest = 0
    counts = [{"mn": "A", "what": "frames", "name": "", "n": 8}]
    for number in range(12):
        frames = [frame(8 * number + each, raw=noise.randbytes(1_000_000)) for each in range(8)]
        store.commit(batch(frames, counts=counts))
        store.totals()
        largest = max(largest, log.stat().st_size if log.exists() else 0)
    assert path.stat().st_size > 64_000_000
    assert largest < 96_000_000
    store.close()
