"""One job: who wants what, how far it is, what came of it. Kept as JSON beside its file.

Tests: tests/hub/jobs/test_shelf.py.
"""

from __future__ import annotations

import secrets
from typing import Any, Literal

import msgspec

from hj212d.hub.times import iso

State = Literal["queued", "running", "done", "failed", "cancelled"]

OVER: tuple[State, ...] = ("done", "failed", "cancelled")
_ID_BYTES = 16


class Job(msgspec.Struct):
    """``kind``: "report", "export", "map"; ``asked``: as it was wished for; ``argv``: the
    arguments of the command, without data folder and output. Moments are UTC microseconds."""

    id: str
    kind: str
    who: str
    asked: dict[str, Any]
    argv: list[str]
    suffix: str
    created_us: int
    state: State = "queued"
    stage: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    started_us: int | None = None
    finished_us: int | None = None
    file: str = ""
    bytes: int = 0
    title: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in OVER

    def row(self, ahead: int = 0) -> dict[str, Any]:
        """For showing; ``ahead``: jobs that come before it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "ahead": ahead,
            "stage": self.stage,
            "done": self.done,
            "total": self.total,
            "error": self.error,
            "title": self.title,
            "file": self.file,
            "bytes": self.bytes,
            "who": self.who,
            "asked": self.asked,
            "created_at": iso(self.created_us),
            "started_at": iso(self.started_us),
            "finished_at": iso(self.finished_us),
        }


def new_id() -> str:
    """A name that cannot be guessed: 128 bits, as 32 hexadecimal digits."""
    return secrets.token_hex(_ID_BYTES)
