"""Who is at the other end of the control socket: the Unix user, as the kernel says (SO_PEERCRED).

Tests: tests/hub/commands/test_commands_desk.py.
"""

from __future__ import annotations

import pwd
import socket
import struct
from typing import Any

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


def peer_user(transport: Any) -> str:
    """The name of the user, ``uid N`` for one without a name, "" when it is no Unix socket."""
    found = getattr(transport, "socket", None)
    if not isinstance(found, socket.socket) or found.family != socket.AF_UNIX:
        return ""
    raw = found.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(raw)
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
