"""Messages as people read them. Pure. Tests: tests/cli/test_outbox_command.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hj212d.cli.tables import harmless
from hj212d.cli.times import show_iso


def when(message: dict[str, Any]) -> str:
    """When it was settled; of one that waits, when it is tried next."""
    return show_iso(message["settled_at"] or message["next_at"])


def lines(message: dict[str, Any]) -> Iterator[str]:
    """All of a message."""
    state = message["state"]
    what = "next try" if state == "waiting" else "settled"
    yield harmless(f"{message['id']}  {message['about']} {message['step']}, {message['severity']}")
    yield harmless(f"  to        {message['contact']} by {message['channel']}")
    yield f"  made      {show_iso(message['created_at'])}"
    yield f"  state     {state}, {what} {when(message)}, {message['attempts']} tries"
    for name in ("receipt", "error"):
        if message[name]:
            yield harmless(f"  {name:9} {message[name]}")
    if message["merged_into"]:
        yield f"  went in   message {message['merged_into']}"
    if message["read_at"]:
        yield f"  read      {show_iso(message['read_at'])}"
    yield ""
    yield harmless(message["subject"])
    for line in message["text"].splitlines():
        yield harmless(line)
