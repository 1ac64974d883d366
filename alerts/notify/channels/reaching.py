"""Connections to servers by name: only to addresses that are allowed, and said in words when not.

Which address a name has is looked up here and nowhere else, so that what was judged is what is
connected to. Errors never name the server: webhooks and robots are secrets.
Tests: tests/alerts/notify/test_web_channel.py.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence

from alerts.notify.channels.deadline import Deadline
from alerts.notify.parcel import NotNow, Refused

Allowed = Callable[[str], bool]  # an IP address as text
_NOT_TRUSTED = "its certificate is not trusted, or not for its name"


def connect(
    host: str, port: int, until: Deadline, allowed: Allowed | None = None
) -> socket.socket:
    """A connection that ``until`` shuts. NotNow; Refused when no address of it is allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as fault:
        raise NotNow("the name of the server is not found") from fault
    reachable = [one for one in found if allowed is None or allowed(str(one[4][0]))]
    if not reachable:
        raise Refused("the server lies in a network that is not allowed")
    why = ""
    for family, kind, protocol, _, address in reachable:
        connection = socket.socket(family, kind, protocol)
        try:
            until.watch(connection)
            connection.settimeout(until.seconds)
            connection.connect(address)
        except TimeoutError:
            why = f"no connection within {until.seconds:g} s"
        except ConnectionRefusedError:
            why = "the server refuses connections"
        except OSError as fault:
            why = f"no connection: {fault.strerror or type(fault).__name__}"
        else:
            return connection
        connection.close()
    raise NotNow(f"no connection within {until.seconds:g} s" if until.passed else why)


def in_words(fault: Exception, until: Deadline) -> str:
    """What went wrong with a connection, without names and addresses."""
    if until.passed or isinstance(fault, TimeoutError):
        return f"no whole answer within {until.seconds:g} s"
    if isinstance(fault, ssl.SSLCertVerificationError):
        return _NOT_TRUSTED
    if isinstance(fault, ssl.SSLError):
        return "the server does not speak TLS as it should"
    if isinstance(fault, (ConnectionError, EOFError)):
        return "the connection broke before there was an answer"
    return f"the connection failed ({type(fault).__name__})"


def trust(ca_file: str) -> ssl.SSLContext:
    """What certificates are checked with. NotNow when the file cannot be read."""
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as fault:
        raise NotNow("notify.ca_file cannot be read") from fault
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def public_or(networks: Sequence[str]) -> Allowed:
    """Whether an address is public, or lies in one of the networks."""
    ours = [ipaddress.ip_network(network) for network in networks]

    def allowed(address: str) -> bool:
        ip = ipaddress.ip_address(address.partition("%")[0])
        mapped = getattr(ip, "ipv4_mapped", None)
        ip = mapped or ip
        return (ip.is_global and not ip.is_multicast) or any(ip in network for network in ours)

    return allowed
