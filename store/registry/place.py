"""The URL of a registry: which there are, how one is shown. Opens nothing, imports little.

Tests: tests/store/registry/test_database.py.
"""

from __future__ import annotations

import re
from pathlib import Path

_SQLITE = "sqlite:///"
_POSTGRESQL = re.compile(r"postgres(?:ql(?:\+psycopg)?)?://(?P<server>[^/?]*)/(?P<rest>[^/?].*)")
_PASSWORD = re.compile(r"(://[^/@:]*:)[^/@]*@")
_EXPECTED = "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"


def check_url(url: str) -> None:
    """ValueError, one sentence without the password, for a URL that names no registry."""
    if not (sqlite_file(url) or _POSTGRESQL.fullmatch(url)):
        raise ValueError(f"names no registry; {_EXPECTED}")


def sqlite_file(url: str) -> Path | None:
    """The file of a registry in SQLite; None for any other."""
    name = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or not name or "?" in name or name.startswith(":memory:"):
        return None
    return Path(name)


def for_driver(url: str) -> str:
    """The URL with the driver in it that we use; ValueError as above."""
    check_url(url)
    found = _POSTGRESQL.fullmatch(url)
    return f"postgresql+psycopg://{found['server']}/{found['rest']}" if found else url


def shown(url: str) -> str:
    """The URL without its password."""
    return _PASSWORD.sub(r"\1***@", url)
