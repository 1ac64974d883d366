"""MQTT over TLS: who is trusted, by whom, and what an operator is told when not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mosquitto import broker, free_port, needed
from own_ca import OwnCa
from publishing import NotingHand, bale, frames, settings
from reactor_thread import RunningReactor
from waiting import wait_until

from hj212d.hub.forward.publish.open import open_publisher
from hj212d.hub.forward.publish.publisher import Publisher
from hj212d.wire.frame import Device

pytestmark = needed


@contextmanager
def publishing(
    reactor: RunningReactor, url: str, **more: object
) -> Iterator[tuple[Publisher, NotingHand]]:
    """A publisher that was started, and its hand."""
    hand = NotingHand()
    publisher = open_publisher(settings("mqtt", url, **more), reactor.reactor, lambda _: Device())
    reactor.do(publisher.start, hand)
    yield publisher, hand
    reactor.do(publisher.stop)


@contextmanager
def encrypted_broker(folder: Path, files: tuple[Path, Path], *more: str) -> Iterator[int]:
    """A broker with this certificate and its key; its port."""
    port = free_port()
    with broker(folder, port, f"certfile {files[0]}", f"keyfile {files[1]}", *more):
        yield port


def test_frames_over_tls(tmp_path: Path, reactor: RunningReactor) -> None:
    """With a certificate that is signed by whom we trust and bears the name."""
    ca = OwnCa(tmp_path)
    with (
        encrypted_broker(tmp_path, ca.certificate("localhost")) as port,
        publishing(reactor, f"mqtts://localhost:{port}", ca_file=str(ca.file)) as (made, hand),
    ):
        wait_until(lambda: hand.ups)
        reactor.do(made.give, bale(frames(20)))
        wait_until(lambda: len(hand.done_frames) == 20)
        assert hand.whys == []


def test_our_certificate_is_shown(tmp_path: Path, reactor: RunningReactor) -> None:
    """A broker that asks for one gets it; without it we are told that something is missing."""
    ca = OwnCa(tmp_path)
    own, key = ca.certificate("hub")
    more = f"cafile {ca.file}", "require_certificate true"
    files = {"ca_file": str(ca.file), "cert_file": str(own), "key_file": str(key)}
    with encrypted_broker(tmp_path, ca.certificate("localhost"), *more) as port:
        with publishing(reactor, f"mqtts://localhost:{port}", **files) as (_, hand):
            wait_until(lambda: hand.ups)
        with publishing(reactor, f"mqtts://localhost:{port}", ca_file=str(ca.file)) as (_, hand):
            wait_until(lambda: hand.whys)
            assert not hand.ups


@pytest.mark.parametrize(
    ("name", "ended", "why"),
    [
        ("other.example", False, "TLS: its certificate is for another name"),
        ("localhost", True, "TLS: its certificate has expired"),
    ],
)
def test_a_certificate_that_is_not_good(
    name: str, ended: bool, why: str, tmp_path: Path, reactor: RunningReactor
) -> None:
    """Nothing is sent, and the reason is a sentence."""
    ca = OwnCa(tmp_path)
    with (
        encrypted_broker(tmp_path, ca.certificate(name, ended=ended)) as port,
        publishing(reactor, f"mqtts://localhost:{port}", ca_file=str(ca.file)) as (_, hand),
    ):
        wait_until(lambda: hand.whys)
        assert hand.whys[0] == f"cannot connect: {why}"
        assert not hand.ups


def test_a_stranger_signed_it(tmp_path: Path, reactor: RunningReactor) -> None:
    """Neither he nor the system's own list helps."""
    ca, other = OwnCa(tmp_path), OwnCa(tmp_path, "others")
    with encrypted_broker(tmp_path, ca.certificate("localhost")) as port:
        for file in (str(other.file), ""):
            with publishing(reactor, f"mqtts://localhost:{port}", ca_file=file) as (_, hand):
                wait_until(lambda hand=hand: hand.whys)
                assert hand.whys[0].endswith(
                    "TLS: its certificate is not signed by anybody we trust"
                )


def test_a_broker_without_tls(tmp_path: Path, reactor: RunningReactor) -> None:
    """It is told, and so is a file that is none."""
    port = free_port()
    ca = OwnCa(tmp_path)
    url = f"mqtts://localhost:{port}"
    with broker(tmp_path, port):
        with publishing(reactor, url, ca_file=str(ca.file)) as (_, hand):
            wait_until(lambda: hand.whys)
            assert hand.whys[0].startswith("cannot connect: ")
        with publishing(reactor, url, ca_file=str(tmp_path / "none.pem")) as (_, hand):
            wait_until(lambda: len(hand.whys) > 1)
            assert "none.pem: No such file" in hand.whys[0]
