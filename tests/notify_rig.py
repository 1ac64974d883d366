"""Servers that messages go to in tests: HTTP with answers as a test wants them, and SMTP."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

from alerts.notify.parcel import Parcel

AT = datetime(2026, 11, 21, 6, 4, tzinfo=UTC)


def parcel(**changes: Any) -> Parcel:
    """One that is all right."""
    said: dict[str, Any] = {
        "token": "token1",
        "channel": "webhook",
        "address": "",
        "name": "张三",
        "subject": "【警告】西湖站 PM2.5 182 µg/m³",
        "text": "发现异常，请查看。\n\n对象：西湖站",
        "short": "警告：西湖站 PM2.5",
        "facts": {"value": 182.0},
        "severity": "warning",
        "about": "incident:12",
        "step": "opened",
        "created_at": AT,
    }
    return Parcel(**{**said, **changes})


class Said(NamedTuple):
    """An answer over HTTP. ``body`` may come in pieces with ``pause_s`` between them; ``cut``: it
    ends before its end."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = MappingProxyType({})
    pause_s: float = 0.0
    cut: bool = False
    endless: bool = False


class Asked(NamedTuple):
    """A request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class HttpRig:
    """``answer``: request -> what is said; None: the connection just ends."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Said | None] = lambda _: Said()
        self.closing = threading.Event()
        rig = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self) -> None:
                with suppress(OSError):
                    super().handle()

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(size))
                rig.asked.append(asked)
                said = rig.answer(asked)
                self.close_connection = True
                if said is not None:
                    rig.say(self, said)

            do_GET = do_POST
            do_PUT = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass  # who refuses our certificate goes without a word

        self.http = Server(("127.0.0.1", 0), Handler)
        if context is not None:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.port = self.http.server_port
        self.scheme = "https" if context is not None else "http"
        self.url = f"{self.scheme}://127.0.0.1:{self.port}/hook"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))

    def say(self, handler: BaseHTTPRequestHandler, said: Said) -> None:
        """Answer as wanted."""
        handler.send_response(said.status)
        for name, value in said.headers.items():
            handler.send_header(name, value)
        if said.endless:
            handler.end_headers()
        else:
            size = len(said.body) + (1000 if said.cut else 0)
            handler.send_header("Content-Length", str(size))
            handler.end_headers()
        with suppress(OSError):
            pieces = [said.body] if not said.pause_s else [said.body[n : n + 1] for n in range(99)]
            for piece in pieces:
                handler.wfile.write(piece)
                if said.pause_s and self.closing.wait(said.pause_s):
                    return
            while said.endless and not self.closing.is_set():
                handler.wfile.write(b"x" * 65536)

    def __enter__(self) -> HttpRig:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


class SmtpRig:
    """A mail server on a loop of its own. ``on``: command ("MAIL", "RCPT", "DATA") -> its answer
    instead of the usual, "" to hang up; ``letters``: what was taken."""

    def __init__(
        self,
        context: ssl.SSLContext | None = None,
        *,
        sealed: bool = False,
        login: tuple[str, str] | None = None,
        refuse_plain: bool = False,
    ) -> None:
        self.letters: list[EmailMessage] = []
        self.to: list[str] = []
        self.on: dict[str, Callable[[], str | None]] = {}
        self.pause_s = 0.0
        self._context = context
        self._sealed = sealed
        self._login = login
        self._refuse_plain = refuse_plain
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.port = 0

    async def handle_MAIL(
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """As configured, else taken."""
        said = self._said("MAIL")
        if said is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return said or "250 OK"

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """As configured, else taken."""
        said = self._said("RCPT")
        if said is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return said or "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        """As configured, else kept."""
        if self.pause_s:
            await asyncio.sleep(self.pause_s)
        said = self._said("DATA")
        if said == "":
            server.transport.abort()
            return "421 gone"
        if said is None or said.startswith("keep"):
            found = message_from_bytes(envelope.content, policy=policy.default)
            self.letters.append(cast(EmailMessage, found))
            self.to += envelope.rcpt_tos
        if said == "keep and go":
            server.transport.abort()
        return said if said and said[0].isdigit() else "250 2.0.0 queued as Q1"

    def _said(self, command: str) -> str | None:
        return self.on[command]() if command in self.on else None

    def _auth(self, _server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> Any:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self._login, handled=False)

    def _make(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.test",
            tls_context=None if self._sealed else self._context,
            require_starttls=self._refuse_plain,
            authenticator=self._auth if self._login else None,
            auth_require_tls=not self._sealed,
            loop=self._loop,
        )

    def __enter__(self) -> SmtpRig:
        self._thread.start()
        made = self._loop.create_server(
            self._make, "127.0.0.1", 0, ssl=self._context if self._sealed else None
        )
        self._server = asyncio.run_coroutine_threadsafe(made, self._loop).result(30)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        async def end() -> None:
            self._server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def certificates(folder: Path, *names: str) -> tuple[str, ssl.SSLContext]:
    """The file of an authority, and the TLS of a server of these names."""
    authority = trustme.CA()
    file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return str(file), context
