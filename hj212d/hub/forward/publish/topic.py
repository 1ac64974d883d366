"""The topic of a message: ``hj212/{mn}/{cn}`` with the names filled in.

Tests: tests/hub/forward/publish/test_topic.py.
"""

from __future__ import annotations

import re

_PLACE = re.compile(r"\{(.*?)\}")
_NAMES = ("mn", "cn", "st")
# What stands in a topic must not change its meaning: levels, wildcards, the places of Kafka.
_NOT_A_NAME = re.compile(r"[^0-9A-Za-z._-]")


class Topic:
    """A pattern. ValueError, one sentence, for one that cannot be filled in."""

    def __init__(self, pattern: str) -> None:
        for name in _PLACE.findall(pattern):
            if name not in _NAMES:
                raise ValueError(f"there is no {{{name}}}, only {{mn}}, {{cn}} and {{st}}")
        if "{" in (rest := _PLACE.sub("", pattern)) or "}" in rest:
            raise ValueError("a brace stands alone")
        self._pattern = pattern
        self._fixed = not _PLACE.search(pattern)

    def filled(self, mn: str, cn: str, st: str) -> str:
        """The topic of a message."""
        if self._fixed:
            return self._pattern
        names = {"mn": mn, "cn": cn, "st": st}
        return _PLACE.sub(
            lambda found: _NOT_A_NAME.sub("_", names[found[1]]) or "_", self._pattern
        )
