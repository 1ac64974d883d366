"""TLS: who is trusted, by whom, and what an operator is told when not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from bale_making import bale
from reactor_thread import RunningReactor
from test_tcp_outlet import sending, settings
from waiting import wait_until

from bench.superior import Superior

CA = trustme.CA()
OTHER_CA = trustme.CA()


def context(*, clients: trustme.CA | None = None, name: str = "localhost") -> ssl.SSLContext:
    """The platform's side; ``clients``: who signs those of its clients."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert(name).configure_cert(made)
    if clients is not None:
        clients.configure_trust(made)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def files(folder: Path, ca: trustme.CA = CA, own: trustme.CA | None = None) -> dict[str, Any]:
    """Settings with certificates in files."""
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    found = {"host": "localhost", "tls": True, "ca_file": str(folder / "ca.pem")}
    if own is not None:
        mine = own.issue_cert("hub.example")
        mine.private_key_and_cert_chain_pem.write_to_path(str(folder / "own.pem"))
        found["cert_file"] = str(folder / "own.pem")
    return found


def test_frames_over_tls(reactor: RunningReactor, tmp_path: Path) -> None:
    """With a certificate that is trusted and bears the name, everything arrives."""
    with (
        Superior(tls=context()) as platform,
        sending(reactor, [bale(0, 200)], settings(platform.port, **files(tmp_path))) as hand,
    ):
        wait_until(lambda: len(hand.done_frames) == 200)
        assert len(platform.received) == 200
    assert hand.states[0] == "up"


def test_tls_without_acknowledgements(reactor: RunningReactor, tmp_path: Path) -> None:
    """What TCP has acknowledged is seen below TLS, too."""
    more = {**files(tmp_path), "acknowledge": False}
    with (
        Superior(tls=context()) as platform,
        sending(reactor, [bale(0, 200)], settings(platform.port, **more)) as hand,
    ):
        wait_until(lambda: len(hand.done_frames) == 200)
        wait_until(lambda: len(platform.received) == 200)


def test_our_certificate_is_shown(reactor: RunningReactor, tmp_path: Path) -> None:
    """A platform that asks for one gets it."""
    more = files(tmp_path, own=OTHER_CA)
    with (
        Superior(tls=context(clients=OTHER_CA)) as platform,
        sending(reactor, [bale(0, 20)], settings(platform.port, **more)) as hand,
    ):
        wait_until(lambda: len(hand.done_frames) == 20)


@pytest.mark.parametrize(
    ("server", "ours", "why"),
    [
        ({}, {"ca": OTHER_CA}, "TLS: its certificate is not signed by anybody we trust"),
        ({"name": "other.example"}, {}, "its certificate is for another name"),
    ],
)
def test_who_is_not_trusted_is_told(
    reactor: RunningReactor,
    tmp_path: Path,
    server: dict[str, Any],
    ours: dict[str, Any],
    why: str,
) -> None:
    """Nothing is sent, and the reason is a sentence."""
    with (
        Superior(tls=context(**server)) as platform,
        sending(
            reactor, [bale(0, 20)], settings(platform.port, **files(tmp_path, **ours))
        ) as hand,
    ):
        wait_until(lambda: any(why in state for state in hand.states))
        assert hand.done_frames == []
        assert platform.received == []


@contextmanager
def judging(tls: ssl.SSLContext) -> Iterator[int]:
    """A server that shakes hands, says its verdict and hangs up; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, suppress(OSError), tls.wrap_socket(connection, True):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("own", "why"),
    [
        (None, "TLS: it asks for a certificate of ours (cert_file)"),
        (OTHER_CA, "TLS: it refuses our certificate: it does not know who signed it"),
    ],
)
def test_who_does_not_trust_us_is_told(
    reactor: RunningReactor, tmp_path: Path, own: trustme.CA | None, why: str
) -> None:
    """The target's verdict comes after our side of the handshake, and is waited for."""
    with (
        judging(context(clients=CA)) as port,
        sending(reactor, [bale(0, 20)], settings(port, **files(tmp_path, own=own))) as hand,
    ):
        wait_until(lambda: why in hand.states)
        assert "up" not in hand.states


def test_who_hangs_up_without_a_verdict_is_told(reactor: RunningReactor, tmp_path: Path) -> None:
    """Some close without the alert that TLS has for it."""
    with (
        Superior(tls=context(clients=CA)) as platform,
        sending(reactor, [], settings(platform.port, **files(tmp_path))) as hand,
    ):
        wait_until(lambda: hand.states)
    assert hand.states[0].endswith("it may want another certificate of ours")


def test_a_target_without_tls_is_told(reactor: RunningReactor, tmp_path: Path) -> None:
    """It waits for frames, we for its handshake."""
    with (
        Superior() as platform,
        sending(reactor, [], settings(platform.port, **files(tmp_path))) as hand,
    ):
        wait_until(lambda: hand.states)
    assert hand.states[0].startswith("TLS: no handshake in time")


def test_a_file_that_is_none_is_told(reactor: RunningReactor, tmp_path: Path) -> None:
    """Each try says which; the file may be put right meanwhile."""
    target = settings(9, host="localhost", tls=True, ca_file=str(tmp_path / "none.pem"))
    with sending(reactor, [], target) as hand:
        wait_until(lambda: len(hand.states) > 1)
    assert "none.pem" in hand.states[0]
