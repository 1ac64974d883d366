"""The pages over a plain source: what they show, what they escape, what they refuse."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient
from pages_source import READING, FakeSource, with_mn

from admin.app import create_app
from admin.source import Listing

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
    source.rows = [
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
    source.rows = [with_mn("../a?b&c#d/\"'")]
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
    source.rows = [with_mn("A", last_seen=None, last_data_time=None, version="")]
    assert client.get("/").status_code == 200
    assert client.get("/station?mn=A").status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Listing()),
        ("?q=mn12&state=offline&sort=bad&page=3", Listing("mn12", "offline", "bad", 3)),
        ("?state=junk&sort=junk&page=x", Listing()),
        ("?q=" + "x" * 5000, Listing("x" * 100)),
    ],
)
def test_search_filter_order_and_page(
    source: FakeSource, client: FlaskClient, query: str, expected: Listing
) -> None:
    """What the address asks for is asked of the source; what makes no sense is left out."""
    assert client.get("/" + query).status_code == 200
    assert source.asked == expected


def test_the_next_page_asks_for_the_same(source: FakeSource, client: FlaskClient) -> None:
    """Search, state and order stay from page to page."""
    found = re.search(r'href="([^"]*page=2)"', client.get("/?q=a&state=online&sort=frames").text)
    assert found
    client.get(html.unescape(found[1]))
    assert source.asked == Listing("a", "online", "frames", 2)


def test_pages_take_reading_only(client: FlaskClient) -> None:
    """Nothing can be changed here."""
    for path in ("/", "/station", "/quarantine"):
        assert client.post(path).status_code == 405
