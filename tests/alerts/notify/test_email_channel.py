"""E-mail against a real mail server: what is taken, what comes back, what nobody can slip in."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest
from notify_rig import AT, SmtpRig, certificates, parcel

from alerts.notify.channels.email import Email, written
from alerts.notify.parcel import NotNow, Refused
from alerts.notify.settings import NotifySettings

TO = "zhang@example.org"


def settings(rig: SmtpRig, **changes: Any) -> NotifySettings:
    """Those of a server in plain."""
    made = NotifySettings(
        smtp_host="127.0.0.1",
        smtp_port=rig.port,
        smtp_security="none",
        smtp_from="alarm@example.org",
    )
    return msgspec.structs.replace(made, **changes)


def test_a_letter_arrives() -> None:
    """With Chinese subject, sender and text, and the token as its Message-ID."""
    with SmtpRig() as rig:
        receipt = Email(settings(rig)).send(parcel(channel="email", address=TO))
    assert receipt.text == "250 2.0.0 queued as Q1"
    (letter,) = rig.letters
    assert rig.to == [TO]
    assert letter["Subject"] == "【警告】西湖站 PM2.5 182 µg/m³"
    assert letter["Message-ID"] == "<token1@example.org>"
    assert letter["References"] == "<incident-12@example.org>"
    assert letter["From"].addresses[0].display_name == "环境监测平台"
    assert letter["From"].addresses[0].addr_spec == "alarm@example.org"
    assert letter["To"].addresses[0].display_name == "张三"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime == AT
    assert letter.get_content() == "发现异常，请查看。\r\n\r\n对象：西湖站\r\n"
    raw = written(parcel(address=TO), settings(rig)).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) < 100


@pytest.mark.parametrize(
    "subject",
    [
        "【提示】云溪人民路功能区噪声 等效声级 55.2 dB，超出限值 50 dB",
        "柳 " * 60 + "完",
        "[Notice] 云溪站 Equivalent continuous sound level: 55.2 dB is above the limit of 50 dB",
        "plain words of a subject that is longer than a line of a header may be, all in ASCII",
    ],
)
def test_a_subject_keeps_its_blanks(subject: str) -> None:
    """Wherever its lines are folded."""
    with SmtpRig() as rig:
        Email(settings(rig)).send(parcel(address=TO, subject=subject))
    assert rig.letters[0]["Subject"] == subject


def test_dots_and_long_lines() -> None:
    """A line of one dot ends nothing."""
    text = "a\n.\n..\n" + "长" * 3000 + "\n.\nb"
    with SmtpRig() as rig:
        Email(settings(rig)).send(parcel(address=TO, text=text))
    assert rig.letters[0].get_content().replace("\r\n", "\n") == text + "\n"


@pytest.mark.parametrize("field", ["subject", "name", "text", "about", "token"])
def test_nobody_slips_a_header_in(field: str) -> None:
    """Names of stations and people come from outside."""
    harm = 'x\r\nBcc: evil@example.org\r\n\r\n<script>" , evil@example.org'
    if field in ("about", "token"):
        harm = f"incident:{harm}"
    with SmtpRig() as rig:
        try:
            Email(settings(rig)).send(parcel(address=TO, **{field: harm}))
        except Refused:
            return
    assert rig.to == [TO]
    assert rig.letters[0]["Bcc"] is None
    assert [one.addr_spec for one in rig.letters[0]["To"].addresses] == [TO]


@pytest.mark.parametrize(
    "address", ["", "a", "a@b@c", "a b@c", "a@c\r\nRCPT TO:<e@f>", "<a@b>,c@d"]
)
def test_what_is_no_address(address: str) -> None:
    """It is refused here, and the server never sees it."""
    with SmtpRig() as rig, pytest.raises(Refused) as told:
        Email(settings(rig)).send(parcel(address=address))
    assert rig.letters == []
    assert "@" not in str(told.value)


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_later_and_never(command: str) -> None:
    """4xx passes, 5xx does not; the address in the answer is not told on."""
    with SmtpRig() as rig:
        rig.on[command] = lambda: f"451 4.2.0 <{TO}> greylisted"
        with pytest.raises(NotNow) as later:
            Email(settings(rig)).send(parcel(address=TO))
        rig.on[command] = lambda: f"550 5.1.1 <{TO}> unknown"
        with pytest.raises(Refused) as never:
            Email(settings(rig)).send(parcel(address=TO))
    assert str(later.value) == "451 4.2.0 *** greylisted"
    assert str(never.value) == "550 5.1.1 *** unknown"


def test_a_sender_that_is_refused_is_our_fault() -> None:
    """Somebody can mend the configuration."""
    with SmtpRig() as rig:
        rig.on["MAIL"] = lambda: "553 5.7.1 not yours"
        with pytest.raises(NotNow, match=r"refuses the sender: 553 5\.7\.1"):
            Email(settings(rig)).send(parcel(address=TO))


def test_a_connection_that_breaks_behind_the_message() -> None:
    """Whether it was taken is not known: it goes out again, and can be told by its Message-ID."""
    with SmtpRig() as rig:
        channel = Email(settings(rig))
        rig.on["DATA"] = lambda: "keep and go"
        with pytest.raises(NotNow, match="broke"):
            channel.send(parcel(address=TO))
        del rig.on["DATA"]
        channel.send(parcel(address=TO))
    assert [letter["Message-ID"] for letter in rig.letters] == ["<token1@example.org>"] * 2


def test_a_slow_server() -> None:
    """It has its time, and no more."""
    with SmtpRig() as rig:
        rig.pause_s = 30.0
        with pytest.raises(NotNow, match=r"within 0\.3 s"):
            Email(settings(rig, timeout_s=0.3)).send(parcel(address=TO))


def test_a_server_that_says_nothing_or_too_much() -> None:
    """Neither silence nor an endless greeting holds us."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        made = NotifySettings(
            smtp_host="127.0.0.1",
            smtp_port=port,
            smtp_security="none",
            smtp_from="a@b.c",
            timeout_s=0.3,
        )
        with pytest.raises(NotNow, match=r"within 0\.3 s"):
            Email(made).send(parcel(address=TO))


def test_nobody_there() -> None:
    """In words, without names."""
    with SmtpRig() as rig:
        pass
    with pytest.raises(NotNow, match="the server refuses connections"):
        Email(settings(rig)).send(parcel(address=TO))
    with pytest.raises(NotNow, match="name of the server is not found"):
        Email(settings(rig, smtp_host="nowhere.invalid")).send(parcel(address=TO))
    with pytest.raises(NotNow, match="smtp_host is not set"):
        Email(NotifySettings()).send(parcel(address=TO))


def test_starttls(tmp_path: Path) -> None:
    """Encrypted and logged in, or nothing is sent."""
    ca_file, context = certificates(tmp_path, "127.0.0.1")
    with SmtpRig(context, refuse_plain=True, login=("me", "sesame")) as rig:
        good = settings(
            rig,
            smtp_security="starttls",
            ca_file=ca_file,
            smtp_user="me",
            smtp_password="sesame",
        )
        assert Email(good).send(parcel(address=TO)).text.startswith("250")
        with pytest.raises(NotNow, match=r"^535 ") as told:
            Email(msgspec.structs.replace(good, smtp_password="wrong")).send(parcel(address=TO))
        assert not re.search("wrong|sesame", str(told.value))
        with pytest.raises(NotNow, match="certificate is not trusted"):
            Email(msgspec.structs.replace(good, ca_file="")).send(parcel(address=TO))
        with pytest.raises(NotNow, match="530"):
            Email(settings(rig)).send(parcel(address=TO))
    assert len(rig.letters) == 1


def test_starttls_that_is_not_offered() -> None:
    """A man in the middle may have struck it out."""
    with SmtpRig() as rig, pytest.raises(NotNow, match="no STARTTLS; nothing was sent"):
        Email(settings(rig, smtp_security="starttls")).send(parcel(address=TO))
    assert rig.letters == []


def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    """And a certificate of another name is none."""
    ca_file, context = certificates(tmp_path, "127.0.0.1")
    with SmtpRig(context, sealed=True) as rig:
        sealed = settings(rig, smtp_security="tls", ca_file=ca_file)
        assert Email(sealed).send(parcel(address=TO)).text.startswith("250")
    ca_file, context = certificates(tmp_path, "elsewhere.test")
    with SmtpRig(context, sealed=True) as rig, pytest.raises(NotNow, match="not trusted"):
        Email(settings(rig, smtp_security="tls", ca_file=ca_file)).send(parcel(address=TO))
