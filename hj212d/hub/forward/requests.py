"""What is asked about targets on the control socket, and the answers.

Tests: tests/system/test_forwarding.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta
from twisted.internet.defer import Deferred

from hj212d.hub.forward.dead import MOST_AT_ONCE
from hj212d.hub.forward.service import ForwardService
from hj212d.hub.requests import Replay, Request
from store.registry.records import DeadLetter


class Forwards(Request):
    """All targets."""


class Forward(Request):
    """Do something with a target. "skip": the frame that all others wait for becomes a dead
    letter; with ``all``: everything that waits is left out. "again": dead letters are sent once
    more, the one of number ``id`` or all."""

    name: str
    do: Literal["pause", "resume", "skip", "again"]
    all: bool = False
    id: int | None = None
    who: str = ""


class DeadLetters(Request, tag="dead_letters"):
    """Dead letters of a target, or of all, newest first."""

    name: str | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_AT_ONCE)] = 100


def answers(service: ForwardService) -> Mapping[type[Request], Any]:
    """Request -> what answers it."""

    def forwards(_: Forwards) -> dict[str, Any]:
        return {"forwards": service.status()}

    def forward(request: Forward) -> Deferred[dict[str, Any]]:
        target = service.get(request.name)
        done: Deferred[Any]
        match request.do:
            case "pause":
                done = target.pause(True)
            case "resume":
                if target.settings.paused:
                    raise ValueError(f"{target.name} is paused in the configuration")
                done = target.pause(False)
            case "skip":
                done = target.skip(request.all, request.who or "an operator")
                return done.addCallback(lambda count: {"skipped": count})
            case "again":
                done = target.again(request.id)
                return done.addCallback(lambda count: {"again": count})
        return done.addCallback(lambda _: {})

    def dead_letters(request: DeadLetters) -> Deferred[dict[str, Any]]:
        if request.name is not None:
            service.get(request.name)
        found = service.dead.letters(request.name, request.limit)
        return found.addCallback(lambda letters: {"dead_letters": [_row(one) for one in letters]})

    def replay(request: Replay) -> Deferred[dict[str, Any]]:
        selection = request.meaning()
        return service.get(request.target).replay(selection)

    return {
        Forwards: forwards,
        Forward: forward,
        DeadLetters: dead_letters,
        Replay: replay,
    }


def _row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "forward": letter.forward,
        "at": letter.at.isoformat(),
        "state": letter.state,
        "mn": letter.mn,
        "cn": letter.cn,
        "tries": letter.tries,
        "why": letter.why,
        "raw": letter.raw.decode("latin-1"),
    }
