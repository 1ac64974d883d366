"""SMS: a port, not a way. A file that another program sends from, or a request to a gateway.

"Handed over" means to the gateway or to the file: whether a telephone showed it, only the
gateway's own reports say, and they do not come here.
Tests: tests/alerts/notify/test_sms_channel.py.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import msgspec

from alerts.notify.channels.scrubbing import scrubbed
from alerts.notify.channels.web import Web, judge
from alerts.notify.figures import BEIJING
from alerts.notify.parcel import NotNow, Parcel, Receipt
from alerts.notify.plain import cut, plain
from alerts.notify.settings import NotifySettings

JSON = "application/json; charset=utf-8"
BODY = '{"phone": {phone}, "text": {text}, "id": {token}}'


class SmsFile:
    """A line of JSON for each message, on the disk when :meth:`send` returns, in a file a day:
    FOLDER/2026-11-21.jsonl, by Beijing's days. ``now``: UTC, seconds since 1970."""

    def __init__(self, folder: Path, settings: NotifySettings, now: Callable[[], float]) -> None:
        self._folder = folder
        self._settings = settings
        self._now = now
        self._lock = threading.Lock()

    def send(self, parcel: Parcel) -> Receipt:
        """NotNow when the disk takes it not."""
        at = datetime.fromtimestamp(self._now(), UTC)
        line = msgspec.json.encode(
            {
                "at": at,
                "token": parcel.token,
                "phone": parcel.address,
                "text": body_of(parcel, self._settings),
                "about": parcel.about,
                "severity": parcel.severity,
            }
        )
        path = self._folder / f"{at.astimezone(BEIJING):%Y-%m-%d}.jsonl"
        with self._lock:
            try:
                _append(path, line + b"\n")
            except OSError as fault:
                raise NotNow(f"the file of messages: {fault.strerror}") from None
        return Receipt(f"in the file {path.name}")


class SmsGateway:
    """A request to a gateway, as the settings describe it. ``now``: UTC, seconds since 1970."""

    def __init__(self, web: Web, settings: NotifySettings, now: Callable[[], float]) -> None:
        self._web = web
        self._settings = settings
        self._now = now

    def send(self, parcel: Parcel) -> Receipt:
        """Refused, NotNow. An answer that does not say that it was taken: it is tried again."""
        settings = self._settings
        values = {
            "phone": parcel.address,
            "text": body_of(parcel, settings),
            "token": parcel.token,
            "time": datetime.fromtimestamp(self._now(), UTC)
            .astimezone(BEIJING)
            .strftime("%Y-%m-%d %H:%M:%S"),
        }
        kind = _content_type(settings) or JSON
        code = _as_json if "json" in kind.lower() else quote_plus
        headers = {
            "Content-Type": kind,
            "Idempotency-Key": parcel.token,
            **{
                name: value
                for name, value in settings.sms_headers.items()
                if name.lower() != "content-type"
            },
        }
        body = None
        if settings.sms_method != "GET":
            body = filled(settings.sms_body or BODY, values, code).encode()
        url = filled(settings.sms_url, values, quote_plus)
        answer = self._web.ask(settings.sms_method, url, headers, body)
        judge(answer)
        words = answer.words()
        if settings.sms_success:
            path, _, wanted = settings.sms_success.partition("=")
            found = _at(words, path)
            if found != wanted:
                why = scrubbed(found, parcel) or "nothing"
                raise NotNow(f"the gateway says {path} = {why}, not {wanted}")
        number = _at(words, settings.sms_receipt) if settings.sms_receipt else ""
        return Receipt(plain(f"handed to the gateway {number}"))


class NoSms:
    """There is neither file nor gateway."""

    def send(self, parcel: Parcel) -> Receipt:
        """NotNow: somebody may still configure it."""
        del parcel
        raise NotNow("notify.sms is none: there is no gateway")


def body_of(parcel: Parcel, settings: NotifySettings) -> str:
    """Signature and text in one line, no longer than an SMS may be."""
    text = plain(parcel.short or parcel.subject, settings.sms_length)
    return settings.sms_sign + cut(text, settings.sms_length - len(settings.sms_sign))


def filled(template: str, values: dict[str, str], code: Callable[[str], str]) -> str:
    """{name} -> its value, coded; in one pass, so that no value is filled in turn."""
    made = []
    rest = template
    while rest:
        before, brace, rest = rest.partition("{")
        made.append(before)
        if not brace:
            break
        name = next((one for one in values if rest.startswith(one + "}")), "")
        if name:
            made.append(code(values[name]))
            rest = rest[len(name) + 1 :]
        else:
            made.append(brace)
    return "".join(made)


def _content_type(settings: NotifySettings) -> str:
    found = (
        value for name, value in settings.sms_headers.items() if name.lower() == "content-type"
    )
    return next(found, "")


def _as_json(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _at(words: Any, path: str) -> str:
    """What stands at a path of a JSON object, as text; "" for nothing."""
    for name in path.split("."):
        if isinstance(words, dict):
            words = words.get(name)
        elif isinstance(words, list) and name.isdecimal() and int(name) < len(words):
            words = words[int(name)]
        else:
            return ""
    if words is None:
        return ""
    return words if isinstance(words, str) else msgspec.json.encode(words).decode()


def _append(path: Path, line: bytes) -> None:
    """Add a line that is whole and on the disk, or nothing. What a kill left without an end is
    ended first, so that it spoils no other line."""
    new = not path.parent.is_dir()
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if new:
        _sync(path.parent.parent)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        before = os.fstat(file).st_size
        if before and os.pread(file, 1, before - 1) != b"\n":
            line = b"\n" + line
        try:
            written = 0
            while written < len(line):
                written += os.write(file, line[written:])
            os.fsync(file)
        except OSError:
            os.ftruncate(file, before)
            raise
    finally:
        os.close(file)
    if not before:
        _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
