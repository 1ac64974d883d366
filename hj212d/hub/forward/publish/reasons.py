"""Why a client of paho or Twisted's Agent did not come through, in one sentence.

Tests: tests/hub/forward/publish/test_mqtt_tls.py, test_webhook_tls.py.
"""

from __future__ import annotations

import ssl

from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from twisted.web._newclient import RequestTransmissionFailed, ResponseFailed, ResponseNeverReceived

from hj212d.hub.forward import endpoint

# Numbers of OpenSSL (X509_V_ERR_...).
_VERDICTS = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    62: "its certificate is for another name",
    64: "its certificate is for another address",
}
_SEVERAL = (RequestTransmissionFailed, ResponseFailed, ResponseNeverReceived)


def reason(failure: Failure) -> str:
    """A sentence without its end, and without secrets."""
    problem = failure.value
    if isinstance(problem, _SEVERAL):
        # The transport's end comes last, and often says nothing; the cause is before it.
        causes = [one for one in problem.reasons if not one.check(ConnectionLost)]
        return reason((causes or problem.reasons)[0])
    if isinstance(problem, ssl.SSLCertVerificationError):
        verdict = _VERDICTS.get(
            problem.verify_code, "its certificate is not signed by anybody we trust"
        )
        return f"TLS: {verdict}"
    if isinstance(problem, ssl.SSLError):
        words = (problem.reason or "the handshake failed").replace("_", " ").lower()
        if words in ("wrong version number", "record layer failure"):
            words = "it does not speak TLS"
        return f"TLS: {words}"
    if isinstance(problem, OSError) and problem.filename:
        return f"{problem.filename}: {problem.strerror}"
    if isinstance(problem, TimeoutError):
        return "no answer to the attempt to connect"
    return endpoint.reason(failure)
