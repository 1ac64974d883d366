"""The parts of a publisher's URL: who, where, and what is asked for.

``mqtt://``, ``mqtts://``, ``kafka://``, ``http://`` and ``https://``; a password may stand in it,
so the URL is never shown as it is. Tests: tests/hub/forward/publish/test_address.py.
"""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import msgspec


class Address(msgspec.Struct, frozen=True):
    """A URL taken apart. ``hosts``: host and port, several for Kafka."""

    scheme: str
    hosts: tuple[tuple[str, int], ...]
    user: str = ""
    password: str = ""
    path: str = ""
    options: dict[str, str] = {}

    @property
    def shown(self) -> str:
        """The URL without user and password."""
        where = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{self.scheme}://{where}{self.path}"


def address(
    url: str, schemes: dict[str, int], options: tuple[str, ...], *, many: bool = False
) -> Address:
    """Take a URL apart. ``schemes``: those allowed, with their usual ports; ``options``: names
    that may stand behind ``?``. ValueError, one sentence without the password, otherwise."""
    try:
        parts = urlsplit(url)
    except ValueError as fault:
        raise ValueError(f"url: cannot be read: {fault}") from None
    if parts.scheme not in schemes:
        raise ValueError(f"url: expected {' or '.join(f'{one}://' for one in schemes)}")
    who, _, where = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    hosts = tuple(_host(text, schemes[parts.scheme]) for text in where.split(","))
    if len(hosts) > 1 and not many:
        raise ValueError("url: one host is expected")
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    for name in given:
        if name not in options:
            raise ValueError(f"url: there is no option {name}")
    return Address(parts.scheme, hosts, unquote(user), unquote(password), parts.path, given)


def _host(text: str, usual_port: int) -> tuple[str, int]:
    host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        host, port = host or port or text, str(usual_port)
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) <= 65535:
        raise ValueError(f"url: {text!r} is no host:port")
    return host, int(port)
