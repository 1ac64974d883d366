"""The parts of a publisher's URL: who, where, and what is asked for.

A password may stand in it, so neither the URL nor any part of one that cannot be read is ever
shown. Tests: tests/hub/forward/publish/test_address.py.
"""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

_NO_HOST = (
    "expected host or host:port behind :// and, before it, user:password@ if need be, in which "
    "/ ? # @ : are written %2F %3F %23 %40 %3A"
)


class Address(msgspec.Struct, frozen=True):
    """A URL taken apart. ``hosts``: host and port, several for Kafka."""

    scheme: str
    hosts: tuple[tuple[str, int], ...]
    user: str = ""
    password: str = ""
    path: str = ""
    query: str = ""
    options: dict[str, str] = {}

    @property
    def shown(self) -> str:
        """Scheme and hosts: user, password and path may be secrets, the path of many web hooks
        is one."""
        return f"{self.scheme}://{','.join(host_port(*each) for each in self.hosts)}"


def address(
    url: str, schemes: dict[str, int], options: tuple[str, ...] | None, *, many: bool = False
) -> Address:
    """Take a URL apart. ``schemes``: those allowed, with their usual ports; ``options``: names
    that may stand behind ``?``, None: that is the server's affair. ValueError, one sentence
    without any secret, otherwise."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("it holds blanks or letters that a URL cannot hold: write them as %XX")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(_NO_HOST) from None
    if parts.scheme not in schemes:
        raise ValueError(f"expected {' or '.join(f'{one}://' for one in schemes)}")
    who, _, where = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    if "@" in who or parts.fragment:
        raise ValueError(_NO_HOST)
    hosts = tuple(_host(text, schemes[parts.scheme]) for text in where.split(","))
    if len(hosts) > 1 and not many:
        raise ValueError("one host is expected")
    given: dict[str, str] = {}
    if options is not None:
        given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if len(given) < bool(parts.query) or not set(given) <= set(options):
            raise ValueError(f"behind ? may stand {' and '.join(options)}, as NAME=VALUE")
        if parts.path.strip("/"):
            raise ValueError(f"nothing stands behind the host of {parts.scheme}://")
    return Address(
        parts.scheme, hosts, unquote(user), unquote(password), parts.path, parts.query, given
    )


def host_port(host: str, port: int) -> str:
    """As it is written in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _host(text: str, usual_port: int) -> tuple[str, int]:
    host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        host, port = host or port or text, str(usual_port)
    bracketed = host.startswith("[") and host.endswith("]")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) <= 65535:
        raise ValueError(_NO_HOST)
    if ":" in host and not bracketed:
        raise ValueError(_NO_HOST)
    return host, int(port)
