"""The pages over a plain source: what they show, what they escape, what they refuse."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient
from pages_source import READING, FakeSource, with_mn

from admin.app import create_app
from admin.pages import chosen, page

HOSTILE = """<script>alert("x")</script>'&<img src=x onerror=y>"""


@pytest.fixture
def source() -> FakeSource:
    """A source with one station."""
    return FakeSource()


@pytest.fixture
def client(source: FakeSource) -> FlaskClient:
    """A browser without a network."""
    return create_app(source).test_client()


def test_overview_shows_totals_stations_and_reasons(client: FlaskClient) -> None:
    """Figures, the station in Beijing time, reasons and repairs with their lines of help."""
    text = client.get("/").text
    for expected in (
        "1,234,567",
        "东门",
        "2026-01-01 08:00:00",
        "crc_wrong",
        "the CRC does not fit",
        "crc_short",
        "站点",
        "Stations",
        '<meta http-equiv="refresh"',
    ):
        assert expected in text


def test_station_page_names_its_factors(client: FlaskClient) -> None:
    """Latest values with name and unit, and the bad frames of this station."""
    text = client.get("/station?mn=A").text
    for expected in ("w01018", "化学需氧量", "COD", "mg/L", "12.5", "10.0.0.1:5", "crc_wrong"):
        assert expected in text


def test_passwords_are_not_shown(client: FlaskClient) -> None:
    """The raw text of a bad frame comes without its password."""
    for path in ("/station?mn=A", "/quarantine"):
        text = client.get(path).text
        assert "123456" not in text
        assert "PW=******" in text


def test_unknown_station_and_page_are_404(client: FlaskClient) -> None:
    """What is not there is said to be not there."""
    for path in ("/station?mn=B", "/station", "/nothing", "/station?mn=" + "x" * 5000):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/station?mn=A", "/quarantine", "/nothing"])
def test_security_headers_stand_on_every_page(client: FlaskClient, path: str) -> None:
    """No script may run, nothing is loaded from elsewhere, types are not guessed."""
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/station?mn=A", "/quarantine"])
def test_nothing_is_loaded_from_outside(client: FlaskClient, path: str) -> None:
    """No page names another host, and no page has a script."""
    text = client.get(path).text
    assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", text)
    assert "<script" not in text


def test_hostile_text_is_harmless(source: FakeSource, client: FlaskClient) -> None:
    """Whatever a device or a person calls itself stays text."""
    source.stations = [
        with_mn(HOSTILE, name=HOSTILE, version=HOSTILE, peer=HOSTILE, reasons={HOSTILE: 1})
    ]
    source.readings = [
        {**READING, "factor": HOSTILE, "flag": HOSTILE, "value": None, "extra": HOSTILE}
    ]
    source.bad_frames = [
        {**source.bad_frames[0], "mn": HOSTILE, "cn": HOSTILE, "reason": HOSTILE,
         "raw": HOSTILE.encode()}
    ]  # fmt: skip
    source.found["store"] = {**source.found["store"], "state": "unavailable", "error": HOSTILE}
    source.found["rejected"] = {HOSTILE: 1}
    for answer in (
        client.get("/", query_string={"q": HOSTILE[:30]}),
        client.get("/station", query_string={"mn": HOSTILE}),
        client.get("/quarantine"),
    ):
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert "&lt;script&gt;" in answer.text


def test_links_to_odd_mns_lead_back(source: FakeSource, client: FlaskClient) -> None:
    """An MN with slashes and quotes has a page that its link in the list reaches."""
    source.stations = [with_mn("../a?b&c#d/\"'")]
    found = re.search(r'href="(/station[^"]*)"', client.get("/").text)
    assert found
    assert client.get(html.unescape(found[1])).status_code == 200


def test_store_that_does_not_answer_costs_only_its_part(
    source: FakeSource, client: FlaskClient
) -> None:
    """The station page stands without its bad frames and says why."""
    source.problem = "the store is busy"
    for path in ("/station?mn=A", "/quarantine"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "the store is busy" in answer.text


def test_figures_that_are_not_known_yet(source: FakeSource, client: FlaskClient) -> None:
    """Right after the start some figures are missing; the page stands."""
    source.found["store"] = {
        "state": "starting",
        "error": "",
        "rows_total": None,
        "lag_seconds": None,
    }
    source.found["journal"] = {"state": "idle", "bytes": None}
    source.stations = [with_mn("A", last_seen=None, last_data_time=None, version="")]
    assert client.get("/").status_code == 200
    assert client.get("/station?mn=A").status_code == 200


def test_search_filter_and_pages(source: FakeSource, client: FlaskClient) -> None:
    """A long list comes in pages; search and state narrow it; odd numbers do no harm."""
    source.stations = [with_mn(f"MN{n:04d}", name=f"站{n}") for n in range(250)]
    source.stations[7]["state"] = "offline"
    source.stations[8]["registered"] = False
    assert client.get("/").text.count("/station?mn=") == 100
    assert "MN0249" in client.get("/?page=3").text
    assert "MN0249" in client.get("/?page=99999").text
    assert "MN0000" in client.get("/?page=-1").text
    assert "MN0000" in client.get("/?page=x").text
    assert client.get("/?q=mn0012").text.count("/station?mn=") == 1
    assert client.get("/?q=站249").text.count("/station?mn=") == 1
    assert client.get("/?state=offline").text.count("/station?mn=") == 1
    assert "MN0008" in client.get("/?state=unregistered").text
    assert client.get("/?state=junk").text.count("/station?mn=") == 100


def test_pages_take_reading_only(client: FlaskClient) -> None:
    """Nothing can be changed here."""
    for path in ("/", "/station", "/quarantine"):
        assert client.post(path).status_code == 405


def test_choosing_and_paging_are_plain_functions() -> None:
    """An empty list is one empty page."""
    assert page([], 5).pages == 1
    assert page(list(range(201)), 3).rows == [200]
    assert chosen([with_mn("A")], "", "online") == [with_mn("A")]
    assert chosen([with_mn("A")], "b", "") == []
