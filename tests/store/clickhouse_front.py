"""ClickHouse's HTTP interface over its engine in this process, with bad weather on request.

Speaks as much as clickhouse-connect needs: statements in the body or in ``query``, settings as
parameters, formats as the engine makes them. Run as a process of its own with a folder and a port;
prints the port. ``POST /weather`` with a JSON object tells which of the next statements meet what;
see :class:`Weather`. Ends when its standard input ends.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb

_SETTING = re.compile(r"[a-z_0-9]+\Z")
_OF_THE_TRANSPORT = {
    "query",
    "database",
    "compress",
    "decompress",
    "wait_end_of_query",
    "client_protocol_version",
    "send_progress_in_http_headers",
    "http_headers_progress_interval_ms",
    "enable_http_compression",
    "query_id",
}
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*\Z", re.IGNORECASE)
_INSERT = re.compile(rb"\s*(INSERT INTO .+? FORMAT (\w+))\s*\n", re.DOTALL)
_CODE = re.compile(r"Code: (\d+)")
_SLOW_S = 30.0


class Weather:
    """What the next statements meet.

    ``what``: "before": the link breaks, nothing is done; "after": all is done, then it breaks;
    "cut": it breaks in the middle of the answer; "slow": no answer for long; "error": an exception
    with ``code``. ``match``: only statements with this text. ``skip``: so many of them pass
    before; ``times``: so many are hit, -1: all from then on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.over = threading.Event()
        self.set({})

    def set(self, told: dict[str, Any]) -> None:
        """Another weather; {}: fine."""
        with self._lock:
            self.over.set()
            self.over = threading.Event()
            self._told = told
            self._skip = told.get("skip", 0)
            self._left = told.get("times", 1)

    def over_statement(self, statement: str) -> dict[str, Any]:
        """What this statement meets; {}: nothing."""
        with self._lock:
            if not self._told or self._told.get("match", "") not in statement or not self._left:
                return {}
            if self._skip:
                self._skip -= 1
                return {}
            self._left -= 1
            return self._told


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    weather: Weather
    folder: str

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """/ping."""
        self._answer(200, b"Ok.\n")

    def do_POST(self) -> None:
        """A statement, or /weather."""
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(self._chunks())
        if parts.path == "/weather":
            self.weather.set(json.loads(body))
            self._answer(200, b"")
            return
        told = dict(parse_qsl(parts.query, keep_blank_values=True))
        statement, data = told.get("query", ""), body
        if not statement:
            found = _INSERT.match(body)
            statement = (found[1] if found else body).decode()
            data = body[found.end() :] if found else b""
        self._serve(statement, data, told)

    def _serve(self, statement: str, data: bytes, told: dict[str, str]) -> None:
        met = self.weather.over_statement(statement)
        what = met.get("what", "")
        if what == "slow":
            self.weather.over.wait(_SLOW_S)
        if what in ("before", "slow"):
            self.close_connection = True
            return
        if what == "error":
            self._fail(f"Code: {met['code']}. DB::Exception: said by the test. (TEST)")
            return
        try:
            answer = self._run(statement, data, told)
        except RuntimeError as problem:
            self._fail(str(problem))
            return
        if what == "after":
            self.close_connection = True
            return
        self._answer(200, answer, cut=what == "cut", format=_format(statement))

    def _run(self, statement: str, data: bytes, told: dict[str, str]) -> bytes:
        settings = {
            name: value
            for name, value in told.items()
            if name not in _OF_THE_TRANSPORT and _SETTING.match(name)
        }
        with _handle(self.folder) as connection:
            if told.get("database"):
                connection.query(f"USE {told['database']}", "TabSeparated")
            if not statement.upper().startswith("INSERT") or " FORMAT " not in statement:
                for name, value in settings.items():
                    connection.query(f"SET {name} = '{value}'", "TabSeparated")
                result = connection.query(statement, "TabSeparated")
                return bytes(result.bytes() or b"")
            head, _, format = statement.rpartition(" FORMAT ")
            clause = ", ".join(f"{name} = '{value}'" for name, value in settings.items())
            with tempfile.NamedTemporaryFile() as file:
                file.write(data)
                file.flush()
                connection.query(
                    f"{head} FROM INFILE '{file.name}' SETTINGS {clause} FORMAT {format}",
                    "TabSeparated",
                )
            return b""

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _fail(self, text: str) -> None:
        code = _CODE.search(text)
        self._answer(
            500, text.encode(), **{"X-ClickHouse-Exception-Code": code[1] if code else "1002"}
        )

    def _answer(
        self, status: int, body: bytes, *, cut: bool = False, format: str = "", **headers: str
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-ClickHouse-Timezone", "UTC")
        if format:
            self.send_header("X-ClickHouse-Format", format)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True


def _format(statement: str) -> str:
    if statement.upper().lstrip().startswith("SELECT"):
        found = _FORMAT.search(statement)
        return found[1] if found else "TabSeparated"
    return ""


@contextmanager
def _handle(folder: str) -> Iterator[Any]:
    """A connection to the engine that nobody else uses meanwhile, without settings of others."""
    connection = chdb.connect(folder)
    try:
        yield connection
    finally:
        connection.close()


class Front:
    """The front as a process of its own, seen from a test."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(folder), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    @property
    def url(self) -> str:
        """The store behind it."""
        return f"clickhouse://127.0.0.1:{self.port}/air"

    def weather(self, what: str = "", **more: Any) -> None:
        """Change the weather; without a word: fine."""
        told = {"what": what, **more} if what else {}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/weather", json.dumps(told).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=90) as answer:
            answer.read()

    def kill(self) -> None:
        """End at once, as a power cut does."""
        self._process.kill()
        self._finish()

    def close(self) -> None:
        """End in order."""
        if self._process.poll() is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(90)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._finish()

    def _finish(self) -> None:
        self._process.wait(90)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def main() -> None:
    """Serve a folder on a free port until standard input ends."""
    Handler.weather, Handler.folder = Weather(), sys.argv[1]
    keeper = chdb.connect(Handler.folder)  # the engine stays while there is a connection
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    Handler.weather.set({})
    server.shutdown()
    keeper.close()


if __name__ == "__main__":
    main()
