"""A thread for each connection, blocking reads, one INSERT and COMMIT a frame, then the answer.

The way of most small receivers: YanGit666/HJ-212-server keeps a thread a connection, guocay's
hj212-protocol and skylakezf's HJ212_Server insert into SQL for each frame where they read it.
Durable before the answer, as ours is. Test: tests/bench/test_rivals.py.
"""

from __future__ import annotations

import socketserver
import sqlite3
import sys
import tempfile
import threading
from pathlib import Path

from bench.rivals.reading import ADDRESS, Values, answer, read, ready


class Database:
    """One connection under one lock: SQLite has one writer."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.execute("CREATE TABLE data (mn, qn, time, code, value)")
        self._lock = threading.Lock()

    def insert(self, frame: Values) -> None:
        """A row for each value; on disk when it returns."""
        rows = [
            (frame["MN"], frame["QN"], frame["DataTime"], name.removesuffix("-Rtd"), value)
            for name, value in frame.items()
            if name.endswith("-Rtd")
        ]
        with self._lock, self._connection:
            self._connection.executemany("INSERT INTO data VALUES (?, ?, ?, ?, ?)", rows)


class Handler(socketserver.StreamRequestHandler):
    """One connection."""

    server: Server

    def handle(self) -> None:
        """Read lines until it ends."""
        for line in self.rfile:
            frame = read(line.rstrip(b"\r\n"))
            if frame is not None:
                self.server.database.insert(frame)
                self.wfile.write(answer(frame))

    def finish(self) -> None:
        """Peers go as they like."""
        try:
            super().finish()
        except OSError:
            return


class Server(socketserver.ThreadingTCPServer):
    """All connections."""

    daemon_threads = True
    request_queue_size = 4096

    def __init__(self, where: tuple[str, int], database: Database) -> None:
        super().__init__(where, Handler)
        self.database = database

    def handle_error(self, *_: object) -> None:
        """A connection that breaks is no news."""


def main() -> None:
    """Serve until standard input ends."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as folder:
        server = Server(ADDRESS, Database(Path(folder) / "data.sqlite"))
        ready(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
