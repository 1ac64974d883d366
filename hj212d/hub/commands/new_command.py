"""A wish to send a command, and the refusal of one. Values only.

Tests: tests/hub/commands/test_command_service.py.
"""

from __future__ import annotations

import msgspec


class NewCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants an instrument to do.

    ``name``: slug of the request or its CN; ``args``: fields of CP, texts as the standard writes
    them. ``origin``: "cli", "api", "clock", "keys", "fill", "first-contact" or "forward:NAME";
    ``who``: a person, a token's name or the part of the program. ``link``: send over this link,
    whatever MN it carries; None: over the newest link of the MN. ``expires_s``: not sent after so
    many seconds; None: what [commands] says. ``priority``: 0 first. ``queue``: wait for an
    instrument that is not connected; False: refuse. ``raw``: a whole frame that goes out as it
    is, with its own QN (a superior platform's); CN, QN and the fields of CP are then read from it.
    ``version``: of the request's form, where it is known better than by what the device sent.
    """

    mn: str
    name: str = ""
    args: dict[str, str | list[str]] = {}
    origin: str
    who: str = ""
    link: int | None = None
    expires_s: float | None = None
    priority: int = 5
    queue: bool = True
    raw: bytes | None = None
    version: str = ""


class Refused(Exception):
    """A command that is not taken; the text is one sentence for people.

    ``field``: what of the wish is wrong, "" when it is none of its fields.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        Exception.__init__(self, sentence)
        self.field = field
