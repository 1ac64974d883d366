"""The hub as a process: started like the supervisor does, ended in every way."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from hub_rig import (
    MN,
    OTHER_MN,
    FakeWorker,
    HubProcess,
    append,
    bad,
    good,
    lane,
    running_hub,
    upload,
)
from waiting import wait_until

from hj212d.hub.client import Refused
from hj212d.journal.record import encode
from hj212d.journal.writer import LaneWriter
from hj212d.wire.reasons import Reason

CONTRACT_KEYS = {
    "links",
    "links_identified",
    "accepted_total",
    "frames_total",
    "acked_total",
    "sent_total",
    "rejected",
    "journal",
    "store",
    "forward",
    "workers",
    "codec",
    "stations",
    "repairs",
    "closed",
    "refused",
    "conflicts",
    "paused",
    "retention",
    "started_at",
    "version",
    "listen",
    "http",
}


def stored_frames(data: Path) -> int:
    """Frames in the store of a hub that has ended."""
    with duckdb.connect(str(data / "hj212d.duckdb"), read_only=True) as connection:
        row = connection.execute("SELECT count(*) FROM frames").fetchone()
    assert row is not None
    return int(row[0])


def test_ready_line_names_address_and_store(tmp_path: Path) -> None:
    """Once it serves, the hub says where, with the port that was found for port 0."""
    with running_hub(tmp_path) as hub:
        words = dict(word.split("=", 1) for word in hub.ready_line.split()[1:])
        assert words["store"] == f"duckdb:///{tmp_path}/hj212d.duckdb"
        host, port = words["http"].rsplit(":", 1)
        assert (host, int(port) > 0) == ("127.0.0.1", True)


def test_no_heavy_library_is_in_it(tmp_path: Path) -> None:
    """What draws and reckons with maps works elsewhere, and pyarrow's pandas is not needed."""
    with running_hub(tmp_path) as hub:
        hub.status()
        loaded = Path(f"/proc/{hub.process.pid}/maps").read_text()
    assert "site-packages/pyarrow/" in loaded
    for name in ("pandas", "scipy", "matplotlib", "shapely"):
        assert f"site-packages/{name}/" not in loaded


def test_no_http_is_possible(tmp_path: Path) -> None:
    """With an empty hub.http there are no pages, and the rest works."""
    with running_hub(tmp_path, hub={"http": ""}) as hub:
        assert "http=none" in hub.ready_line
        assert hub.status()["http"] == "none"


def test_status_has_the_contract_keys_and_no_secret(tmp_path: Path) -> None:
    """All keys that the command line promises are there, and no password or key is."""
    device = {"mn": MN, "name": "east gate", "password": "s3cret", "keys": ["k" * 16]}
    with running_hub(tmp_path, devices=[device], listen=["0.0.0.0:9212"]) as hub:
        wait_until(lambda: hub.status()["store"]["rows_total"] == 0)
        status = hub.status()
        assert set(status) >= CONTRACT_KEYS
        assert set(status["store"]) >= {"url", "rows_total", "lag_seconds", "state", "error"}
        assert status["listen"] == ["0.0.0.0:9212"]
        assert status["stations"] == {
            "known": 1,
            "online": 0,
            "offline": 1,
            "unregistered": 0,
            "refused": {"mns": 0, "factors": 0, "routes": 0},
        }
        text = json.dumps([status, hub.client.call("devices")])
        assert "s3cret" not in text
        assert "k" * 16 not in text
        assert "east gate" in text


def test_control_socket_is_for_user_and_group(tmp_path: Path) -> None:
    """Nobody else may even connect."""
    with running_hub(tmp_path) as hub:
        assert stat.S_IMODE(os.stat(hub.control).st_mode) == 0o660


def test_starts_and_answers_while_the_store_is_locked(tmp_path: Path) -> None:
    """Another process holds the database: the hub serves, says so, and catches up later."""
    holder = duckdb.connect(str(tmp_path / "hj212d.duckdb"))
    try:
        with lane(tmp_path) as writer, running_hub(tmp_path) as hub:
            append(writer, [good(upload())])
            wait_until(lambda: hub.status()["store"]["state"] == "unavailable")
            status = hub.status()
            assert "in use" in status["store"]["error"]
            wait_until(lambda: hub.status()["store"]["lag_bytes"])
            assert hub.get("/health")[0] == 503
            assert "in use" in hub.get("/health")[2]
            assert "in use" in hub.get("/quarantine")[2]
            holder.close()
            hub.wait_stored(1)
            assert hub.status()["store"]["state"] == "ok"
    finally:
        holder.close()


def test_starts_while_the_store_cannot_be_made(tmp_path: Path) -> None:
    """The store's folder does not exist: the hub serves and says why nothing is stored."""
    gone = tmp_path / "gone"
    with running_hub(tmp_path, store={"url": f"duckdb:///{gone}/x.duckdb"}) as hub:
        wait_until(lambda: hub.status()["store"]["state"] == "unavailable")
        assert str(gone) in hub.status()["store"]["error"]
        gone.mkdir()
        wait_until(lambda: hub.status()["store"]["state"] == "ok")


def test_sigterm_brings_the_journal_into_the_store(tmp_path: Path) -> None:
    """What the workers left in the journal is in the store when the hub has ended with 0."""
    with running_hub(tmp_path, store={"batch_interval_s": 3600.0}) as hub:
        wait_until(lambda: hub.status()["store"]["state"] == "ok")
        with lane(tmp_path) as writer:
            append(
                writer, [good(upload(rtd=str(n), data_time=f"20260101{n:06d}")) for n in range(50)]
            )
        assert hub.terminate() == 0
    assert stored_frames(tmp_path) == 50
    assert not hub.control.exists()


def test_sigterm_ends_with_0_while_the_store_is_locked(tmp_path: Path) -> None:
    """A store that does not serve must not hold up the end: the journal has everything."""
    with duckdb.connect(str(tmp_path / "hj212d.duckdb")), running_hub(tmp_path) as hub:
        wait_until(lambda: hub.status()["store"]["state"] == "unavailable")
        assert hub.terminate() == 0


def test_end_of_standard_input_ends_the_hub(tmp_path: Path) -> None:
    """The supervisor is gone: bring in what is there and end."""
    with running_hub(tmp_path) as hub:
        with lane(tmp_path) as writer:
            append(writer, [good(upload())])
        assert hub.process.stdin is not None
        hub.process.stdin.close()
        assert hub.process.wait(90) == 0
    assert stored_frames(tmp_path) == 1


def test_a_supervisor_that_dies_while_the_hub_starts_leaves_none_behind(tmp_path: Path) -> None:
    """Nobody reads its ready line any more: it ends all the same, and lets go of the store."""
    orders = {"data_dir": str(tmp_path), "hub": {"http": "127.0.0.1:0"}}
    hub = subprocess.Popen(
        [sys.executable, "-m", "hj212d.cli.hub"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert hub.stdin is not None
    assert hub.stdout is not None
    try:
        hub.stdin.write(json.dumps(orders).encode() + b"\n")
        hub.stdout.close()
        hub.stdin.close()
        hub.wait(90)
    finally:
        hub.kill()
        hub.wait(90)
    with running_hub(tmp_path) as another:
        assert another.ready_line.startswith("ready ")


def test_no_orders_is_an_orderly_end() -> None:
    """Standard input that ends before the first line starts nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "hj212d.cli.hub"], stdin=subprocess.DEVNULL, capture_output=True
    )
    assert (done.returncode, done.stdout) == (0, b"")


def test_kill_9_and_start_again(tmp_path: Path) -> None:
    """After kill -9 the next hub takes over socket and journal; nothing is stored twice, and the
    live picture is there again."""
    with lane(tmp_path) as writer:
        append(writer, [good(upload(rtd="1", data_time="20260101080000"))])
        with running_hub(tmp_path) as hub:
            hub.wait_stored(1)
            hub.kill()
        assert hub.control.exists()
        append(writer, [good(upload(rtd="2", data_time="20260101080100"))])
        with running_hub(tmp_path) as hub:
            hub.wait_stored(2)
            (device,) = hub.client.call("devices")["devices"]
            assert (device["mn"], device["state"], device["frames"]) == (MN, "online", 2)
            (latest,) = hub.client.call("latest", mn=MN)["latest"]
            assert (latest["factor"], latest["value"], latest["flag"]) == ("w01018", 2.0, "N")


def test_second_hub_on_one_socket_is_refused(tmp_path: Path) -> None:
    """A socket that somebody serves is not taken away; the second one ends with 1."""
    with running_hub(tmp_path) as first:
        second = HubProcess(tmp_path)
        try:
            assert second.ready_line == ""
            assert second.process.wait(90) == 1
            assert "another process serves" in second.log.read_text()
        finally:
            second.close()
        assert first.status()["codec"]


def test_http_address_in_use_is_an_error(tmp_path: Path) -> None:
    """The address of the pages is taken: one line why, exit status 1."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with running_hub(tmp_path / "a") as first:
        second = HubProcess(tmp_path / "b", hub={"http": first.http.removeprefix("http://")})
        try:
            assert second.process.wait(90) == 1
            assert "start_failed" in second.log.read_text()
        finally:
            second.close()


def test_a_path_longer_than_the_kernel_takes(tmp_path: Path) -> None:
    """The data folder may lie deep: the control socket is served all the same, and removed."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with running_hub(deep) as hub:
        assert hub.status()["codec"]
        assert hub.terminate() == 0
        assert not hub.control.exists()


def test_new_settings_are_taken_over(tmp_path: Path) -> None:
    """A further line of orders registers a station; one that is no order changes nothing."""
    with running_hub(tmp_path) as hub:
        hub.tell({**hub.orders, "devices": [{"mn": MN, "name": "west"}]})
        wait_until(lambda: hub.client.call("devices")["devices"])
        hub.tell({"data_dir": 5})
        wait_until(lambda: "reload_failed" in hub.log.read_text())
        (device,) = hub.client.call("devices")["devices"]
        assert (device["name"], device["registered"], device["state"]) == ("west", True, "offline")


def test_query_and_frames_over_the_socket(tmp_path: Path) -> None:
    """Tables come whole, filtered, in order; bad frames with their reason."""
    with lane(tmp_path) as writer, running_hub(tmp_path) as hub:
        append(
            writer,
            [good(upload(rtd=str(n), data_time=f"2026010108{n:02d}00")) for n in range(10)]
            + [bad(b"hello", Reason.JUNK)],
        )
        hub.wait_stored(11)
        samples = hub.client.table(
            "query", mn=MN, factor="w01018", start="2026-01-01T08:02:00", end="2026-01-01T08:05:00"
        )
        assert samples["rtd"].to_pylist() == [2.0, 3.0, 4.0]
        frames = hub.client.table("frames", errors=True)
        assert frames["reason"].to_pylist() == ["junk"]
        assert frames["raw"].to_pylist() == [b"hello"]
        assert hub.client.table("frames", mn="nobody").num_rows == 0


def test_replay_tells_its_progress(tmp_path: Path) -> None:
    """Reading again yields progress lines and a last one; nothing is doubled."""
    with lane(tmp_path) as writer, running_hub(tmp_path) as hub:
        append(writer, [good(upload(data_time=f"2026010108{n:02d}00")) for n in range(10)])
        hub.wait_stored(10)
        lines = list(hub.client.stream("replay", mn=MN))
        assert lines[-1]["done"] is True
        assert lines[-1]["read"] == 10
        assert hub.client.table("frames").num_rows == 10


def test_sigint_ends_like_sigterm(tmp_path: Path) -> None:
    """Ctrl-C on a hub in the foreground is an orderly end, and nothing is said of leaks."""
    with running_hub(tmp_path) as hub:
        hub.process.send_signal(signal.SIGINT)
        assert hub.process.wait(90) == 0
        assert "leaked" not in hub.log.read_text()


@pytest.mark.parametrize("lost", ["gone", "restarted"])
def test_workers_totals_survive(tmp_path: Path, lost: str) -> None:
    """Totals of a worker stay when it is gone and go on when it starts again from 0."""
    with running_hub(tmp_path) as hub:
        with FakeWorker(hub.control, 0, pid=100) as worker:
            worker.stats(links=3, frames_total=40, rejected={"junk": 2})
            wait_until(lambda: hub.status()["frames_total"] == 40)
            assert hub.status()["links"] == 3
            assert hub.get("/health")[0] == 200
        wait_until(lambda: hub.status()["links"] == 0)
        assert hub.status()["frames_total"] == 40
        if lost == "restarted":
            with FakeWorker(hub.control, 0, pid=101) as worker:
                worker.stats(links=1, frames_total=5, rejected={"junk": 1, "crc_wrong": 1})
                wait_until(lambda: hub.status()["frames_total"] == 45)
                assert hub.status()["rejected"] == {"crc_wrong": 1, "junk": 3}


def test_retention_lets_read_segments_go(tmp_path: Path) -> None:
    """Closed segments that are in the store go when the journal is larger than it may be."""
    records = [encode(good(upload(data_time=f"2026010108{n:02d}00"))) for n in range(60)]
    with LaneWriter(tmp_path / "journal" / "0", sync="none", segment_bytes=4096) as writer:
        for record in records:
            writer.append([record])
    segments = len(list((tmp_path / "journal" / "0").glob("*.seg")))
    assert segments > 2
    with running_hub(tmp_path) as hub:
        hub.wait_stored(60)
        assert hub.terminate() == 0
    with running_hub(tmp_path, journal={"max_bytes": 1}) as hub:
        wait_until(lambda: hub.status()["retention"]["segments_removed_total"] == segments - 1)
        assert hub.client.table("frames").num_rows == 60
    assert len(list((tmp_path / "journal" / "0").glob("*.seg"))) == 1


def test_quick_status_while_queries_are_many(tmp_path: Path) -> None:
    """More queries than there is room for are refused with a sentence, and status answers."""
    with lane(tmp_path) as writer, running_hub(tmp_path) as hub:
        append(writer, [good(upload())])
        hub.wait_stored(1)

        def ask(_: int) -> str:
            try:
                return str(hub.client.table("frames").num_rows)
            except Refused as refused:
                return str(refused)

        with ThreadPoolExecutor(80) as pool:
            answers = pool.map(ask, range(200))
            assert hub.status()["store"]["frames"] == 1
        assert {answer for answer in answers if "too many" not in answer} == {"1"}


def test_replay_reads_quarantine_with_the_rules_of_today(tmp_path: Path) -> None:
    """After a reload that tolerates what was refused, a replay turns the frame into a reading; an
    MN that is not registered stays out when the settings say so."""
    modbus = upload()[:-4] + crc_modbus(upload())
    other = upload(OTHER_MN)
    with lane(tmp_path) as writer, running_hub(tmp_path) as hub:
        append(writer, [bad(modbus, Reason.CRC_MODBUS), bad(other, Reason.MN_UNKNOWN)])
        hub.wait_stored(2)
        assert hub.client.call("latest")["latest"] == []
        device = {"mn": MN, "tolerate": ["crc_modbus"]}
        hub.tell({**hub.orders, "devices": [device], "unknown_mn": "quarantine"})
        wait_until(lambda: "event=reloaded" in hub.log.read_text())
        assert list(hub.client.stream("replay"))[-1]["good"] == 1
        wait_until(lambda: hub.client.call("latest")["latest"])
        frames = hub.client.table("frames")
        assert sorted(frames["reason"].to_pylist()) == ["mn_unknown", "ok"]


def crc_modbus(frame: bytes) -> bytes:
    """CRC-16/MODBUS of a frame's data segment, as four digits."""
    register = 0xFFFF
    for byte in frame[6:-4]:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0xA001 if register & 1 else 0)
    return b"%04X" % register
