"""How an instrument takes a request: as the standard says, or as some do in the field.

What it does then is answering.py's. Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

from enum import StrEnum


class Behaviour(StrEnum):
    """Answers to a request; docs/quirks.md G7 for the first four that stray."""

    ORDERLY = "orderly"  # 9011, data, 9012
    NINE012_FIRST = "9012 first"  # the result, and the acceptance after it
    TWICE = "twice"  # each reply two times
    ONLY_9012 = "only 9012"
    SLOW = "slow"  # each reply seconds late
    NEVER = "never"
    SILENT_AFTER_9011 = "silent after 9011"  # takes it and is not heard of again
    BUSY = "busy"  # ExeRtn=5
    REFUSES = "refuses"  # QnRtn=2
    WRONG_PW = "wrong pw"  # QnRtn=3 whatever PW says


class KeyMishap(StrEnum):
    """What goes wrong while a new key is taken (1014)."""

    NONE = "none"
    TAKEN_IN_SILENCE = "taken in silence"  # has the new key, and power fails before 9012
    LOST_IN_SILENCE = "lost in silence"  # 9011, and power fails before the key is kept
    DONE_BUT_LOST = "done but lost"  # 9012 says done, the old key is back after the restart
