"""People's decisions as the API sees them: :class:`admin.decisions.Decisions` in the page threads.

Each deed is handed to the event loop and waited for. Tests: tests/admin/test_decisions_api.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from twisted.internet.defer import Deferred

from admin.commands import Declined
from admin.decisions import Missing
from admin.source import Row
from hj212d.hub.commands.requests import Signed
from hj212d.hub.decisions.deeds import Unknown
from hj212d.hub.loop_call import ask_loop

_FIELD = re.compile(r"(?:number \d+(?:, \S+)?: )?([a-z_0-9]+)(?: = |: | is missing)")
_BEGINNING = re.compile(r" - at `\$\.?([a-z_]*).*`$")


class ApiWindow:
    """What the API may do; a deed by the name of its operation on the control socket."""

    def __init__(
        self,
        reactor: Any,
        deeds: Sequence[type[Signed]],
        done: Callable[[Any], Deferred[Row]],
    ) -> None:
        self._reactor = reactor
        self._deeds = {str(deed.__struct_config__.tag): deed for deed in deeds}
        self._done = done

    def ask(self, deed: str, said: Row, who: str) -> Row:
        """What comes of a deed. Declined names the field; Missing, NotAvailable."""
        try:
            request = msgspec.convert({**said, "who": who}, self._deeds[deed], strict=False)
        except msgspec.ValidationError as fault:
            place = _BEGINNING.search(str(fault))
            field = place[1] if place else ""
            sentence = _BEGINNING.sub("", str(fault))
            raise Declined(
                f"{field}: {sentence}" if field else sentence, field or "body"
            ) from fault
        try:
            return ask_loop(self._reactor, lambda: self._done(request))
        except Unknown as problem:
            raise Missing(str(problem)) from problem
        except ValueError as problem:
            named = _FIELD.match(str(problem))
            raise Declined(str(problem), named[1] if named else "body") from problem
