"""SMS to a file and to a gateway over HTTP."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import notify_rig
import pytest
from notify_rig import AT, HttpRig, Said, parcel

from alerts.notify.channels.sms import NoSms, SmsFile, SmsGateway, body_of, filled
from alerts.notify.channels.web import Web
from alerts.notify.parcel import NotNow, Refused
from alerts.notify.settings import NotifySettings

PHONE = "13800001234"


@pytest.fixture
def rig() -> Iterator[HttpRig]:
    """A gateway."""
    with HttpRig() as made:
        yield made


def lines(folder: Path) -> list[Any]:
    """What stands in the file of the day."""
    text = (folder / "2026-11-21.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def to_file(folder: Path) -> SmsFile:
    """At a moment of Beijing's 21st."""
    return SmsFile(folder, NotifySettings(sms_sign="【环保】"), AT.timestamp)


def test_a_line_for_each(tmp_path: Path) -> None:
    """With what is needed to send it, in a folder that nobody else reads."""
    folder = tmp_path / "sms"
    channel = to_file(folder)
    assert channel.send(parcel(address=PHONE)).text == "in the file 2026-11-21.jsonl"
    channel.send(parcel(address=PHONE, token="token2", short='"x"\r\ny'))
    first, second = lines(folder)
    assert first == {
        "at": "2026-11-21T06:04:00Z",
        "token": "token1",
        "phone": PHONE,
        "text": "【环保】警告：西湖站 PM2.5",
        "about": "incident:12",
        "severity": "warning",
    }
    assert second["text"] == '【环保】"x" y'
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "2026-11-21.jsonl").stat().st_mode & 0o077 == 0


def test_a_line_that_a_kill_left(tmp_path: Path) -> None:
    """It spoils no other."""
    (tmp_path / "2026-11-21.jsonl").write_bytes(b'{"token": "to')
    to_file(tmp_path).send(parcel(address=PHONE))
    text = (tmp_path / "2026-11-21.jsonl").read_text(encoding="utf-8")
    assert text.startswith('{"token": "to\n{')
    assert json.loads(text.splitlines()[1])["token"] == "token1"


def test_many_at_once(tmp_path: Path) -> None:
    """Lines do not mix."""
    channel = to_file(tmp_path / "sms")
    threads = [
        threading.Thread(
            target=lambda n=n: [
                channel.send(parcel(address=PHONE, token=f"{n}-{m}")) for m in range(10)
            ]
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({line["token"] for line in lines(tmp_path / "sms")}) == 40


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """Half a line is taken back, and it is tried again; what was there stays."""
    program = textwrap.dedent(
        f"""
        import resource, signal, sys
        sys.path[:0] = {[os.path.dirname(__file__), os.path.dirname(notify_rig.__file__)]!r}
        from pathlib import Path
        from notify_rig import parcel
        from test_sms_channel import to_file
        from alerts.notify.parcel import NotNow
        channel = to_file(Path({str(tmp_path)!r}))
        channel.send(parcel(address="1380000"))
        size = Path({str(tmp_path)!r}, "2026-11-21.jsonl").stat().st_size
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 30, {resource.RLIM_INFINITY}))
        try:
            channel.send(parcel(address="1380000", token="token2"))
        except NotNow as told:
            print(told)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "the file of messages: File too large"
    assert [line["token"] for line in lines(tmp_path)] == ["token1"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """It is tried again."""
    (tmp_path / "sms").write_text("in the way")
    with pytest.raises(NotNow):
        to_file(tmp_path / "sms").send(parcel(address=PHONE))


def test_no_longer_than_it_may_be() -> None:
    """With its signature."""
    settings = NotifySettings(sms_sign="【环保】", sms_length=20)
    text = body_of(parcel(short="长" * 100), settings)
    assert len(text) == 20
    assert text.endswith("…")
    assert body_of(parcel(short=""), NotifySettings()) == parcel().subject


def gateway(rig: HttpRig, **changes: Any) -> SmsGateway:
    """One that says code 0 and a number."""
    settings = NotifySettings(
        sms="http", sms_url=rig.url, sms_success="code=0", sms_receipt="data.0.id"
    )
    made = msgspec.structs.replace(settings, **changes)
    return SmsGateway(Web(timeout_s=20), made, AT.timestamp)


def test_a_gateway_that_takes_it(rig: HttpRig) -> None:
    """Handed to the gateway, it says; not delivered."""
    rig.answer = lambda _: Said(200, b'{"code": 0, "data": [{"id": "A7"}]}')
    channel = gateway(rig, sms_headers={"Authorization": "Bearer sesame"})
    receipt = channel.send(parcel(address=PHONE, short='"},{\r\n{token}'))
    assert receipt.text == "handed to the gateway A7"
    (asked,) = rig.asked
    assert json.loads(asked.body) == {"phone": PHONE, "text": '"},{ {token}', "id": "token1"}
    assert asked.headers["Authorization"] == "Bearer sesame"
    assert asked.headers["Idempotency-Key"] == "token1"


def test_a_gateway_of_forms(rig: HttpRig) -> None:
    """Percent-encoded, in the body or in the address."""
    channel = gateway(
        rig,
        sms_success="",
        sms_receipt="",
        sms_headers={"content-type": "application/x-www-form-urlencoded"},
        sms_body="mobile={phone}&content={text}&time={time}",
    )
    channel.send(parcel(address=PHONE, short="a&b=c 长"))
    assert parse_qs(rig.asked[0].body.decode()) == {
        "mobile": [PHONE],
        "content": ["a&b=c 长"],
        "time": ["2026-11-21 14:04:00"],
    }
    channel = gateway(
        rig,
        sms_success="",
        sms_method="GET",
        sms_url=rig.url + "?to={phone}&text={text}",
    )
    channel.send(parcel(address=PHONE, short="x y"))
    assert rig.asked[1].method == "GET"
    assert parse_qs(urlsplit(rig.asked[1].path).query) == {"to": [PHONE], "text": ["x y"]}


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (Said(200, b'{"code": 7}'), NotNow, "the gateway says code = 7, not 0"),
        (
            Said(200, b'{"code": "no 13800001234"}'),
            NotNow,
            "the gateway says code = no ***, not 0",
        ),
        (Said(200, b"<html>"), NotNow, "the gateway says code = nothing, not 0"),
        (Said(503), NotNow, "the server answers 503"),
        (Said(400), Refused, "the server answers 400"),
    ],
)
def test_a_gateway_that_does_not(
    rig: HttpRig, said: Said, kind: type[Exception], words: str
) -> None:
    """In words, without the number of the person."""
    rig.answer = lambda _: said
    with pytest.raises(kind) as told:
        gateway(rig).send(parcel(address=PHONE))
    assert str(told.value) == words


def test_filling() -> None:
    """Once, and only what is known."""
    values = {"a": "{b}", "b": "2"}
    assert filled("{a}{b}{c}{{a}}{", values, str) == "{b}2{c}{{b}}{"


def test_no_gateway() -> None:
    """It is said, and waits for one."""
    with pytest.raises(NotNow, match=r"notify\.sms is none"):
        NoSms().send(parcel(address=PHONE))
