"""HTTP of a real hub: pages, metrics, health, floods."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hub_rig import MN, FakeWorker, HubProcess, append, bad, good, lane, running_hub, upload
from prometheus_client.parser import text_string_to_metric_families

from hj212d.hub.http import split
from hj212d.wire.reasons import Reason

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub with a station, a worker and hostile text in its store."""
    data = tmp_path_factory.mktemp("http")
    devices = [{"mn": MN, "name": HOSTILE}, {"mn": HOSTILE}]
    with lane(data) as writer, running_hub(data, devices=devices) as hub:
        append(writer, [good(upload()), bad(HOSTILE.encode() + b"\xff\x00", Reason.JUNK)])
        hub.wait_stored(2)
        with FakeWorker(hub.control, 0) as worker:
            worker.stats(links=1, frames_total=1)
            yield hub


def test_pages_of_a_real_hub(hub: HubProcess) -> None:
    """Overview, station and quarantine come with what is in the journal, hostile text as text."""
    for path, expected in (
        ("/", MN),
        (f"/station?mn={MN}", "化学需氧量"),
        ("/quarantine", "junk"),
    ):
        code, headers, text = hub.get(path)
        assert code == 200
        assert expected in text
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_station_by_hostile_name(hub: HubProcess) -> None:
    """An MN that is markup has a page like any other."""
    code, _, text = hub.get("/station?mn=%3Cscript%3Ealert(1)%3C/script%3E")
    assert code == 200
    assert "<script" not in text


def test_metrics_and_health(hub: HubProcess) -> None:
    """Prometheus' own parser reads the metrics; with a worker and a store the hub is healthy."""
    code, headers, text = hub.get("/metrics")
    assert code == 200
    assert headers["Content-Type"].startswith("text/plain")
    assert {family.name for family in text_string_to_metric_families(text)} >= {
        "hj212d_frames",
        "hj212d_store_lag_seconds",
        "hj212d_journal_bytes",
    }
    assert hub.get("/health")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_reading_is_offered(hub: HubProcess, method: str) -> None:
    """The pages change nothing."""
    assert hub.get("/", method=method)[0] == 405


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/static/../app.py", "/%00", "/metrics/x", "//"]
)
def test_odd_paths(hub: HubProcess, path: str) -> None:
    """A path that leads nowhere is an answer, and no file of ours."""
    code, _, text = hub.get(path)
    assert code in (200, 400, 404)
    assert "create_app" not in text
    assert "root:" not in text


@pytest.mark.parametrize(
    "text", [b"junk\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01" * 50, b"GET"]
)
def test_what_is_no_http(hub: HubProcess, text: bytes) -> None:
    """Another protocol on the port costs that connection only."""
    host, port = hub.http.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    assert hub.get("/health")[0] == 200


def test_a_flood_of_pages_holds_up_nobody(hub: HubProcess) -> None:
    """Many at once get a page or are told to come again; the control socket answers meanwhile."""
    with ThreadPoolExecutor(60) as pool:
        asked = [pool.submit(hub.get, "/quarantine") for _ in range(120)]
        assert hub.status()["codec"]
        codes = {future.result()[0] for future in asked}
    assert 200 in codes
    assert codes <= {200, 503}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:1", ("127.0.0.1", 1)),
    ],
)
def test_addresses(address: str, expected: tuple[str, int]) -> None:
    """host:port and [v6]:port."""
    assert split(address) == expected


@pytest.mark.parametrize("address", ["", "80", "x:80", "127.0.0.1:", "127.0.0.1:70000", "1.2.3:4"])
def test_no_addresses(address: str) -> None:
    """A ValueError that names the key."""
    with pytest.raises(ValueError, match=r"hub\.http"):
        split(address)
