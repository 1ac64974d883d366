"""Where a ClickHouse store is: its URL taken apart.

``clickhouse://[user:password@]host[:port]/database[?cluster=NAME&secure=1]`` is a server,
``chdb:///path/to/folder`` the same engine inside this process. Opens nothing.
Tests: tests/store/test_clickhouse_place.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

SERVER = "clickhouse://"
FOLDER = "chdb:///"
DATABASE = "hj212d"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_HTTP_PORT, _HTTPS_PORT = 8123, 8443


class Place(msgspec.Struct, frozen=True):
    """A server and a database on it, or a folder. ``shown``: the URL without the password."""

    shown: str
    database: str = DATABASE
    folder: str = ""  # empty: a server
    host: str = ""
    port: int = 0
    user: str = "default"
    password: str = ""
    secure: bool = False
    cluster: str = ""  # empty: one node

    def __repr__(self) -> str:
        return f"Place({self.shown!r})"


def place(url: str) -> Place:
    """The place that a URL names; ValueError, one sentence without the password, for any other."""
    if url.startswith(FOLDER) and url != FOLDER:
        folder = Path(url.removeprefix(FOLDER)).absolute()
        return Place(f"{FOLDER}{folder}", folder=str(folder))
    if url.startswith(SERVER):
        return _server(url)
    raise ValueError(f"write {SERVER}HOST:8123/DATABASE or {FOLDER}FOLDER")


def _server(url: str) -> Place:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise ValueError(f"{problem}") from None
    if not parts.hostname:
        raise ValueError(f"{SERVER} needs a host, as {SERVER}HOST:8123/DATABASE")
    database = parts.path.strip("/") or DATABASE
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    cluster = options.pop("cluster", "")
    secure = options.pop("secure", "0")
    if options:
        raise ValueError(f"unknown option {min(options)!r}; there are 'cluster' and 'secure'")
    if secure not in ("0", "1"):
        raise ValueError("secure is 0 or 1")
    for name in filter(None, (database, cluster)):
        if not _NAME.match(name):
            raise ValueError(f"{name!r} is no name of a database or cluster")
    tls = secure == "1"
    port = port or (_HTTPS_PORT if tls else _HTTP_PORT)
    user = unquote(parts.username or "")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    query = "&".join(
        part
        for part in (f"cluster={cluster}" if cluster else "", "secure=1" if tls else "")
        if part
    )
    return Place(
        f"{SERVER}{user + '@' if user else ''}{host}:{port}/{database}"
        f"{'?' + query if query else ''}",
        database=database,
        host=parts.hostname,
        port=port,
        user=user or "default",
        password=unquote(parts.password or ""),
        secure=tls,
        cluster=cluster,
    )
