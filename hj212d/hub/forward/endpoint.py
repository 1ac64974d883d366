"""Where a TCP target is reached, and why it is not, in one sentence.

Certificates are read anew for each connection, so that a renewed one needs no reload.
Tests: tests/hub/forward/test_endpoint.py, test_tcp_outlet_tls.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from twisted.internet import error
from twisted.internet.defer import Deferred, fail
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]

from hj212d.hub.forward.settings import ForwardSettings

_PEM = re.compile(
    rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL
)  # one of a file
_TLS_WORDS = {
    "certificate verify failed": "its certificate is not signed by anybody we trust",
    "sslv3 alert bad certificate": "it refuses our certificate",
    "sslv3 alert certificate unknown": "it refuses our certificate",
    "ssl/tls alert bad certificate": "it refuses our certificate",
    "ssl/tls alert certificate unknown": "it refuses our certificate",
    "tlsv1 alert unknown ca": "it refuses our certificate: it does not know who signed it",
    "tlsv13 alert certificate required": "it asks for a certificate of ours (cert_file)",
    "wrong version number": "it does not speak TLS",
    "record layer failure": "it does not speak TLS",
    "unexpected eof while reading": "it closed in the middle of TLS",
}


@implementer(IStreamClientEndpoint)
class TargetEndpoint:
    """Host, port and TLS of a target. ``failed`` gets the reason for which a try came to
    nothing."""

    def __init__(
        self, reactor: Any, settings: ForwardSettings, failed: Callable[[str], None]
    ) -> None:
        self._reactor = reactor
        self._settings = settings
        self._failed = failed

    def connect(self, factory: IProtocolFactory) -> Deferred[Any]:
        """One try."""
        try:
            trying: Deferred[Any] = self._endpoint().connect(factory)
        except (OSError, ValueError) as problem:
            trying = fail(problem)
        return trying.addErrback(self._tell)

    def _endpoint(self) -> Any:
        target = self._settings
        plain: Any = HostnameEndpoint(
            self._reactor, target.host, target.port, timeout=max(1.0, target.timeout_s)
        )
        return wrapClientTLS(client_tls(target), plain) if target.tls else plain

    def _tell(self, failure: Failure) -> Failure:
        self._failed(reason(failure))
        return failure


def reason(failure: Failure) -> str:
    """Why there is no connection (any more), as a sentence without its end."""
    problem: Any = failure.value
    if failure.check(error.ConnectionDone):
        return "it closed the connection"
    if failure.check(error.ConnectionAborted):
        return "we closed the connection"
    if failure.check(error.ConnectionRefusedError):
        return "connection refused"
    if failure.check(error.TimeoutError, error.TCPTimedOutError):
        return "no answer to the attempt to connect"
    if failure.check(error.DNSLookupError):
        return "its name cannot be resolved"
    if failure.check(error.ConnectionLost):
        return "the connection broke"
    name = type(problem).__name__
    if name == "VerificationError":
        return "its certificate is for another name"
    if name == "Error" and type(problem).__module__.startswith("OpenSSL"):
        return _tls_reason(problem)
    return " ".join(str(problem).split()) or name


def _tls_reason(problem: BaseException) -> str:
    words = [entry[2] for entry in problem.args[0] if len(entry) > 2] if problem.args else []
    for word in words:
        if word in _TLS_WORDS:
            return f"TLS: {_TLS_WORDS[word]}"
    return f"TLS: {', '.join(words) or 'the handshake failed'}"


def client_tls(target: ForwardSettings) -> Any:
    """What TLS must be like; OSError or ValueError, one sentence, for files that cannot be
    used."""
    from twisted.internet import ssl

    trust = None
    if target.ca_file:
        trust = ssl.trustRootFromCertificates(_certificates(target.ca_file))
    more: dict[str, Any] = {}
    if target.cert_file:
        key_file = target.key_file or target.cert_file
        try:
            own, *chain = x509.load_pem_x509_certificates(Path(target.cert_file).read_bytes())
            key = load_pem_private_key(Path(key_file).read_bytes(), None)
        except (ValueError, TypeError) as problem:
            raise ValueError(
                f"{target.cert_file}, {key_file}: no certificate with its private key"
            ) from problem
        more = {"certificate": own, "privateKey": key, "extraCertChain": chain}
    return ssl.optionsForClientTLS(target.host, trust, extraCertificateOptions=more)


def _certificates(path: str) -> list[Any]:
    from twisted.internet import ssl

    found = _PEM.findall(Path(path).read_bytes())
    if not found:
        raise ValueError(f"{path}: no certificate in it")
    return [ssl.Certificate.loadPEM(one) for one in found]
