"""ClickHouse's own engine (chDB) behind HTTP: a server for tests, in one process on loopback.

``python -m bench.clickhouse_front FOLDER PORT``. Speaks as much of ClickHouse's HTTP interface as
clickhouse-connect needs: statements in the body or in ``query``, settings among the parameters,
rows of an insert as the body. Ends when its standard input does, so that it never outlives who
started it; kill -9 is a power cut of the server. Test: tests/bench/test_clickhouse_front.py.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import sys
import tempfile
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb

# Parameters of the interface itself; all others are settings of the engine.
_NOT_SETTINGS = frozenset(
    {
        *("query", "database", "default_format", "session_id", "session_timeout", "session_check"),
        *("query_id", "quota_key", "compress", "decompress", "buffer_size", "wait_end_of_query"),
        *("client_protocol_version", "role", "enable_http_compression", "user", "password"),
        *("send_progress_in_http_headers", "http_headers_progress_interval_ms"),
        *("cancel_http_readonly_queries_on_client_close", "http_zlib_compression_level"),
    }
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_INSERT = re.compile(r"\s*INSERT\s+INTO\b.*\bFORMAT\s+(\w+)\s*\Z", re.IGNORECASE | re.DOTALL)
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*\Z", re.IGNORECASE)
_CODE = re.compile(r"Code: (\d+)")


class EngineError(Exception):
    """What the engine says to a statement, in its own words."""


class FrontEngine:
    """The engine on a folder; each statement has a handle, and so settings, of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._kept = self._handle()  # the engine lives as long as a handle does

    def run(self, sql: str, rows: bytes, database: str, settings: Mapping[str, str]) -> bytes:
        """The answer in the format that the statement asks for; EngineError."""
        handle = self._handle()
        try:
            if database:
                handle.query(f"USE `{database}`")
            for name, value in settings.items():
                text = value.replace("\\", "\\\\").replace("'", "\\'")
                handle.query(f"SET {name} = '{text}'")
            insert = _INSERT.match(sql)
            if insert is None or not rows:
                found = _FORMAT.search(sql)
                return bytes(handle.query(sql, found[1] if found else "TabSeparated").bytes())
            with tempfile.NamedTemporaryFile(prefix="insert-") as file:
                file.write(rows)
                file.flush()
                target = sql[: insert.start(1)].rstrip()[: -len("FORMAT")]
                handle.query(f"{target} FROM INFILE '{file.name}' FORMAT {insert[1]}")
                return b""
        except RuntimeError as problem:
            text = str(problem)
            raise EngineError(text[max(0, text.find("Code: ")) :]) from problem
        finally:
            handle.close()

    def close(self) -> None:
        """Close the engine's files."""
        self._kept.close()

    def _handle(self) -> Any:
        return chdb.connect(str(self._folder))  # type: ignore[no-untyped-call]


class Handler(BaseHTTPRequestHandler):
    """One connection of a client, kept for many statements."""

    protocol_version = "HTTP/1.1"
    engine: FrontEngine

    def do_GET(self) -> None:
        """Ping, or a statement."""
        if urlsplit(self.path).path == "/ping":
            self._answer(200, b"Ok.\n")
        else:
            self.do_POST()

    def do_POST(self) -> None:
        """A statement, its rows behind it."""
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self._body()
        sql = given.get("query", "")
        if not sql:
            sql, body = body.decode(), b""
        elif _INSERT.match(sql) is None:
            sql, body = f"{sql}\n{body.decode()}".strip(), b""
        settings = {
            name: value
            for name, value in given.items()
            if name not in _NOT_SETTINGS and _NAME.match(name)
        }
        try:
            self._answer(200, self.engine.run(sql, body, given.get("database", ""), settings))
        except EngineError as problem:
            code = _CODE.search(str(problem))
            self._answer(500, str(problem).encode(), code[1] if code else "1002")

    def log_message(self, *_: object) -> None:
        """Nothing: thousands of statements a minute."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(pieces)
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        encoding = self.headers.get("Content-Encoding", "")
        if encoding == "gzip":
            return gzip.decompress(body)
        if encoding:
            raise ValueError(f"no such encoding here: {encoding}")
        return body

    def _answer(self, status: int, body: bytes, code: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Clients that go in the middle of an answer are no news."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say what is a fault of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def main(folder: str, port: str) -> None:
    """Serve until standard input ends."""
    engine = FrontEngine(Path(folder))
    handler = type("FrontHandler", (Handler,), {"engine": engine})
    server = Server(("127.0.0.1", int(port)), handler)
    print(f"ready port={server.server_address[1]}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        while os.read(0, 1024):
            pass
    server.shutdown()
    server.server_close()
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
