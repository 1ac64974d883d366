"""Why there is no connection, in words."""

from __future__ import annotations

import pytest
from twisted.internet import error
from twisted.python.failure import Failure

from hj212d.hub.forward.endpoint import reason


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (error.ConnectionDone(), "it closed the connection"),
        (error.ConnectionAborted(), "we closed the connection"),
        (error.ConnectionRefusedError(), "connection refused"),
        (error.TimeoutError(), "no answer to the attempt to connect"),
        (error.TCPTimedOutError(), "no answer to the attempt to connect"),
        (error.DNSLookupError("x"), "its name cannot be resolved"),
        (error.ConnectionLost(), "the connection broke"),
        (FileNotFoundError(2, "No such file", "ca.pem"), "[Errno 2] No such file: 'ca.pem'"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_a_reason_is_a_short_sentence(problem: Exception, words: str) -> None:
    """Without the class names of a library."""
    assert reason(Failure(problem)) == words
