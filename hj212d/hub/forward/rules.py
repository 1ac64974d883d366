"""Which frames a target gets, and whether they are rewritten for it.

Only uploads leave: data (2xxx) and information (3xxx) from the field, those with a CN that no
table knows included. Answers (901x) and what instruments ask of us (1xxx) are ours.
Tests: tests/hub/forward/test_forward_rules.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hj212d.hub.forward.rewrite import Rewrite
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.wire.tables import answer_of

Region = Callable[[str], str]  # MN -> the region it is registered in, "" for none


def _nowhere(_: str) -> str:
    return ""


class Rules:
    """The filter and the rewriting of one target. Says nothing twice different: callers may keep
    answers, until the registry changes a region."""

    def __init__(self, settings: ForwardSettings, region: Region = _nowhere) -> None:
        """ValueError for a key that is none."""
        self._mn = _pattern(settings.mn)
        self._not_mn = _pattern(settings.not_mn)
        self._region = _pattern(settings.region)
        self._st = frozenset(settings.st)
        self._cn = frozenset(settings.cn)
        self._region_of = region
        self.rewrite = Rewrite.of(settings)

    @property
    def takes_all_mns(self) -> bool:
        """Whether no MN is left out."""
        return not (self._mn or self._not_mn or self._region)

    @property
    def by_region(self) -> bool:
        """Whether the answer for an MN may change with the registry."""
        return self._region is not None

    def takes_mn(self, mn: str) -> bool:
        """Whether frames of this MN, as it was received, go to the target."""
        if self._mn and not self._mn.fullmatch(mn):
            return False
        if self._not_mn and self._not_mn.fullmatch(mn):
            return False
        return not self._region or bool(self._region.fullmatch(self._region_of(mn)))

    def takes_st(self, st: str) -> bool:
        """Whether frames of this system do."""
        return not self._st or st in self._st

    def takes_cn(self, cn: str, version: str) -> bool:
        """Whether frames of this CN do; a CN that goes to the field only, or no data, never."""
        if cn[:1] not in ("2", "3") or (self._cn and cn not in self._cn):
            return False
        return answer_of(cn, version) is not None


def _pattern(names: Sequence[str]) -> re.Pattern[str] | None:
    """One pattern for all names, in which * stands for any characters; None for no names."""
    if not names:
        return None
    return re.compile("|".join(".*".join(map(re.escape, name.split("*"))) for name in names))
