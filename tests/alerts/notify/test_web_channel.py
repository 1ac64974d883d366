"""One request over HTTP: what is answered, what is not, and what is never let in or out."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from notify_rig import HttpRig, Said, certificates

from alerts.notify.channels.reaching import public_or
from alerts.notify.channels.web import Answer, Web, judge, retry_after_s
from alerts.notify.parcel import NotNow, Refused

SECRET = "sesame"


@pytest.fixture
def rig() -> Iterator[HttpRig]:
    """A server."""
    with HttpRig() as made:
        yield made


def ask(web: Web, url: str) -> Answer:
    """A request with a secret in its address."""
    return web.ask("POST", f"{url}?key={SECRET}", {}, b"{}")


def test_an_answer(rig: HttpRig) -> None:
    """Status, body and what it asks for."""
    rig.answer = lambda _: Said(429, b'{"code": 1}', {"Retry-After": "17"})
    answer = ask(Web(timeout_s=20), rig.url)
    assert answer == Answer(429, b'{"code": 1}', 17.0)
    assert answer.words() == {"code": 1}
    assert rig.asked[0].body == b"{}"
    assert rig.asked[0].headers["User-Agent"] == "hj212d"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff\xfe", b'{"a":'])
def test_an_answer_that_is_no_object(rig: HttpRig, body: bytes) -> None:
    """It has no words."""
    rig.answer = lambda _: Said(200, body)
    assert ask(Web(timeout_s=20), rig.url).words() == {}


def test_a_redirect_is_not_followed(rig: HttpRig) -> None:
    """It could lead into our own network."""
    rig.answer = lambda _: Said(302, b"", {"Location": rig.url + "/inside"})
    assert ask(Web(timeout_s=20), rig.url).status == 302
    assert len(rig.asked) == 1


def test_a_large_answer(rig: HttpRig) -> None:
    """Of ten megabytes, and of endless ones, the first are read."""
    for said in (Said(200, b"x" * 10_000_000), Said(200, b"", endless=True)):
        rig.answer = lambda _, said=said: said
        answer = ask(Web(timeout_s=20), rig.url)
        assert answer.good
        assert len(answer.body) == 64 * 1024


def test_a_slow_answer(rig: HttpRig) -> None:
    """A byte now and then does not keep us beyond the deadline; the status is known by then."""
    rig.answer = lambda _: Said(503, b"x" * 99, pause_s=0.05)
    answer = ask(Web(timeout_s=0.4), rig.url)
    assert answer.status == 503
    assert len(answer.body) < 99


def test_headers_that_drip() -> None:
    """The same before there is a status."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(NotNow, match=r"within 0\.3 s"):
            Web(timeout_s=0.3).ask("POST", f"http://127.0.0.1:{port}/", {}, b"{}")


@pytest.mark.parametrize("status", [200, 500])
def test_half_an_answer(rig: HttpRig, status: int) -> None:
    """The status counts, even if the rest does not come."""
    rig.answer = lambda _: Said(status, b'{"a": ', cut=True)
    answer = ask(Web(timeout_s=20), rig.url)
    assert answer.status == status
    assert answer.words() == {}


def test_no_answer(rig: HttpRig) -> None:
    """The connection ends: nobody knows whether it was taken."""
    rig.answer = lambda _: None
    with pytest.raises(NotNow, match="broke before there was an answer") as told:
        ask(Web(timeout_s=20), rig.url)
    assert SECRET not in str(told.value)
    assert told.value.__cause__ is None


def test_nobody_there() -> None:
    """Refused connections and names without an address, without the address in the words."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for url, why in (
        (f"http://127.0.0.1:{port}/", "the server refuses connections"),
        ("http://nowhere.invalid/", "the name of the server is not found"),
    ):
        with pytest.raises(NotNow) as told:
            ask(Web(timeout_s=20), url)
        assert str(told.value) == why


@pytest.mark.parametrize("url", ["nothing", "http://", "ftp://127.0.0.1/", "http://[::1/"])
def test_what_is_no_address(url: str) -> None:
    """It will never be one."""
    with pytest.raises(Refused) as told:
        ask(Web(timeout_s=20), url)
    assert SECRET not in str(told.value)


def test_tls_is_checked(tmp_path: Path) -> None:
    """Authority and name."""
    ca_file, context = certificates(tmp_path, "127.0.0.1")
    with HttpRig(context) as rig:
        assert ask(Web(timeout_s=20, ca_file=ca_file), rig.url).good
        with pytest.raises(NotNow, match="certificate is not trusted"):
            ask(Web(timeout_s=20), rig.url)
        with pytest.raises(NotNow, match="ca_file cannot be read"):
            ask(Web(timeout_s=20, ca_file=str(tmp_path / "none")), rig.url)
    ca_file, context = certificates(tmp_path, "elsewhere.test")
    with HttpRig(context) as rig, pytest.raises(NotNow, match="certificate is not trusted"):
        ask(Web(timeout_s=20, ca_file=ca_file), rig.url)


def test_tls_where_there_is_none(rig: HttpRig) -> None:
    """It is said as such."""
    with pytest.raises(NotNow, match="TLS"):
        ask(Web(timeout_s=20), rig.url.replace("http:", "https:"))


def test_private_networks(rig: HttpRig) -> None:
    """Not without leave, whatever the name says."""
    for url in (rig.url, rig.url.replace("127.0.0.1", "localhost")):
        with pytest.raises(Refused, match="not allowed"):
            ask(Web(timeout_s=20, allowed=public_or([])), url)
    assert rig.asked == []
    assert ask(Web(timeout_s=20, allowed=public_or(["127.0.0.0/8"])), rig.url).good


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2606:4700::1111", True),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    """Those that the whole world can reach."""
    assert public_or([])(address) is public


def test_a_proxy(rig: HttpRig) -> None:
    """Requests go to it, with the whole address."""
    web = Web(timeout_s=20, proxy=f"http://127.0.0.1:{rig.port}", allowed=public_or([]))
    assert ask(web, "http://nowhere.invalid/x").good
    assert rig.asked[0].path == f"http://nowhere.invalid/x?key={SECRET}"


def test_what_the_environment_says_does_not_count(
    rig: HttpRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy of somebody else's."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert ask(Web(timeout_s=20), rig.url).good


@pytest.mark.parametrize("status", [301, 400, 404, 410, 413])
def test_statuses_that_stay(status: int) -> None:
    """It is not tried again."""
    with pytest.raises(Refused, match=str(status)):
        judge(Answer(status, b""))


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503])
def test_statuses_that_pass(status: int) -> None:
    """It is tried again, when the server said."""
    with pytest.raises(NotNow, match=str(status)) as told:
        judge(Answer(status, b"", 5.0))
    assert told.value.after_s == 5.0
    judge(Answer(204, b""))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("99999999999999", 86_400.0),
        ("Sat, 21 Nov 2026 06:05:00 GMT", 60.0),
        ("Sat, 21 Nov 2026 06:03:00 GMT", 0.0),
        ("²", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    """Seconds, or a date; a day at the most."""
    assert retry_after_s(text, 1_795_241_040.0) == seconds
