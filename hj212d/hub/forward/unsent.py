"""How much of what was written has not been acknowledged by the peer's TCP.

Linux tells by SIOCOUTQ what of a socket's send queue is unsent or unacknowledged; what Twisted
still holds in front of it is added. 0 means that the peer's kernel has all bytes, and says nothing
of whether its program ever reads them. Tests: tests/hub/forward/test_unsent.py.
"""

from __future__ import annotations

import fcntl
import termios
from typing import Any


def unsent_bytes(transport: Any) -> int:
    """Bytes on their way, at least 1 while there are any; of a TLS connection, encrypted ones.

    ``transport``: Twisted's, of TCP or TLS over it. OSError when the socket is gone.
    """
    held = 0
    # A TLS transport keeps plain text while it shakes hands; below it is the socket's own.
    while (below := getattr(transport, "transport", None)) is not None:
        held += sum(map(len, getattr(transport, "_appSendBuffer", ())))
        transport = below
    held += len(transport.dataBuffer) - transport.offset + transport._tempDataLen
    answer = fcntl.ioctl(transport.fileno(), termios.TIOCOUTQ, bytes(4))
    return int(held) + int.from_bytes(answer, "little")
