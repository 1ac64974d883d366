"""A web server that keeps what is posted to it, and answers as a test wants it."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class WebServer:
    """Keeps what is posted; ``judge`` says with which status."""

    def __init__(self) -> None:
        self.posts: list[list[dict[str, Any]]] = []
        self.accepted: list[str] = []
        self.taken: list[list[dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.judge: Any = lambda _: 200
        self.endless = 0  # bytes of each chunk of an answer without an end
        self.closing = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.posts.append(posted)
                server.headers.append(dict(self.headers))
                status = server.judge(posted)
                if status is None:
                    self.close_connection = True
                    return
                if 200 <= status < 300:
                    server.accepted += [message["raw"] for message in posted]
                    server.taken.append(posted)
                self.send_response(status)
                if server.endless:
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    server.drip(self)
                    return
                if 300 <= status < 400:
                    self.send_header("Location", server.url)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://me:secret@127.0.0.1:{self.http.server_port}/frames?from=test"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer until nobody listens any more."""
        handler.close_connection = True
        chunk = b"x" * self.endless
        with suppress(OSError):
            while not self.closing.wait(0.02):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    def __enter__(self) -> WebServer:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()
