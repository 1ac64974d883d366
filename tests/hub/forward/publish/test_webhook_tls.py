"""Web servers over TLS: who is trusted, and what an operator is told when not."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from own_ca import OwnCa
from publishing import NotingHand, bale, frames, settings
from reactor_thread import RunningReactor
from waiting import wait_until
from web_server import WebServer

from hj212d.hub.forward.publish.open import open_publisher
from hj212d.wire.frame import Device


def tls(files: tuple[Path, Path], clients: OwnCa | None = None) -> ssl.SSLContext:
    """The server's side; ``clients``: who signs those of its clients."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*files)
    if clients is not None:
        made.load_verify_locations(clients.file)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


@contextmanager
def posting(
    reactor: RunningReactor, context: ssl.SSLContext | None, **more: object
) -> Iterator[tuple[WebServer, NotingHand]]:
    """Three frames on their way to a web server."""
    with WebServer() as web:
        if context is not None:
            web.http.socket = context.wrap_socket(
                web.http.socket, True, do_handshake_on_connect=False
            )
        hand = NotingHand()
        url = f"https://localhost:{web.http.server_port}/frames"
        made = open_publisher(settings("http", url, **more), reactor.reactor, lambda _: Device())
        reactor.do(made.start, hand)
        wait_until(lambda: hand.ups)
        reactor.do(made.give, bale(frames(3)))
        yield web, hand
        reactor.do(made.stop)


def test_frames_over_tls(tmp_path: Path, reactor: RunningReactor) -> None:
    """With a certificate that is signed by whom we trust and bears the name."""
    ca = OwnCa(tmp_path)
    context = tls(ca.certificate("localhost"))
    with posting(reactor, context, ca_file=str(ca.file), token="t0ken") as (web, hand):
        wait_until(lambda: len(hand.done_frames) == 3)
        assert web.headers[0]["Authorization"] == "Bearer t0ken"
        assert hand.whys == []


def test_our_certificate_is_shown(tmp_path: Path, reactor: RunningReactor) -> None:
    """A server that asks for one gets it."""
    ca = OwnCa(tmp_path)
    own, key = ca.certificate("hub")
    files = {"ca_file": str(ca.file), "cert_file": str(own), "key_file": str(key)}
    with posting(reactor, tls(ca.certificate("localhost"), ca), **files) as (_, hand):
        wait_until(lambda: len(hand.done_frames) == 3)


@pytest.mark.parametrize(
    ("name", "signer", "why"),
    [
        ("other.example", "tests", "its certificate is for another name"),
        ("localhost", "others", "TLS: its certificate is not signed by anybody we trust"),
    ],
)
def test_who_is_not_trusted_is_told(
    name: str, signer: str, why: str, tmp_path: Path, reactor: RunningReactor
) -> None:
    """Nothing is posted, and the reason is a sentence."""
    ours, others = OwnCa(tmp_path), OwnCa(tmp_path, "others")
    context = tls((ours if signer == "tests" else others).certificate(name))
    with posting(reactor, context, ca_file=str(ours.file)) as (web, hand):
        wait_until(lambda: hand.whys)
        assert hand.whys[0] == f"the request failed: {why}"
        assert web.posts == []
        assert hand.done_frames == []


def test_a_server_without_tls_and_a_file_that_is_none(
    tmp_path: Path, reactor: RunningReactor
) -> None:
    """Each try says so; the file may be put right meanwhile."""
    ca = OwnCa(tmp_path)
    with posting(reactor, None, ca_file=str(ca.file)) as (_, hand):
        wait_until(lambda: hand.whys)
        assert hand.whys[0] == "the request failed: TLS: it does not speak TLS"
    with posting(reactor, None, ca_file=str(tmp_path / "none.pem")) as (_, hand):
        wait_until(lambda: len(hand.whys) > 1)
        assert "none.pem: No such file" in hand.whys[0]
