"""The platform of the forwarding bench judges by itself."""

from __future__ import annotations

import socket

from waiting import wait_until

from bench.oracle import Ledger
from bench.superior import Manner, Superior


def test_frames_are_kept_once_and_acknowledged_each_time() -> None:
    """In order of their first arrival; what is no frame is counted."""
    ledger = Ledger()
    first, second = ledger.issue("A"), ledger.issue("B")
    with (
        Superior() as platform,
        socket.create_connection(("127.0.0.1", platform.port), 10) as link,
    ):
        for raw in (first.raw, second.raw, first.raw, b"#broken#"):
            link.sendall(raw + b"\r\n")
        answers = b""
        while answers.count(b"CN=9014") < 3:
            answers += link.recv(4096)
        link.sendall(second.raw[:-1] + b"?\r\n")
        wait_until(lambda: platform.broken >= 2)
    assert [one.raw for one in platform.received] == [first.raw, second.raw]
    assert platform.doubled == {("A", first.qn, "2011"): 1}
    assert f"QN={first.qn};ST=91;CN=9014".encode() in answers


def test_it_closes_when_it_is_told_to() -> None:
    """After so many frames of a connection."""
    sent = Ledger().issue("A")
    with (
        Superior(Manner(closes_after=1)) as platform,
        socket.create_connection(("127.0.0.1", platform.port), 10) as link,
    ):
        link.sendall(sent.raw + b"\r\n")
        answers = b""
        while data := link.recv(4096):
            answers += data
    assert answers.count(b"CN=9014") == 1
