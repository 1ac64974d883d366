"""Robots of groups: where their messages go, how much fits, what their answers mean.

The host comes from the settings, only the key from the contact, so that no address of a contact
leads elsewhere. Tests: tests/alerts/notify/test_robots.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from alerts.notify.channels.scrubbing import scrubbed
from alerts.notify.channels.web import Answer, Web, judge
from alerts.notify.parcel import NotNow, Parcel, Receipt, Refused

JSON = {"Content-Type": "application/json; charset=utf-8"}


class Verdicts(msgspec.Struct, frozen=True):
    """``field``: where the code stands. ``later``: code -> seconds to wait, None: as always;
    ``never``: codes after which it is not tried again. Others are tried again: a code that we do
    not know may pass, and a message that is given up is lost."""

    field: str
    words: str
    later: Mapping[int, float | None]
    never: frozenset[int]


def tell(
    web: Web, url: str, said: Mapping[str, Any], parcel: Parcel, verdicts: Verdicts
) -> Receipt:
    """Send what a robot shall say. Refused, NotNow."""
    answer = web.ask("POST", url, JSON, msgspec.json.encode(said))
    words = answer.words()
    code = words.get(verdicts.field, words.get("StatusCode"))
    if not isinstance(code, int):
        judge(answer)
        raise NotNow(f"the server answers {answer.status} without a code")
    if code == 0 and answer.good:
        return Receipt("code 0")
    why = _why(code, words, parcel, verdicts)
    if code in verdicts.later:
        raise NotNow(why, _wait_s(answer, verdicts.later[code]))
    if code in verdicts.never and not _too_many(words, verdicts):
        raise Refused(why)
    raise NotNow(why, answer.retry_after_s)


def whole(parcel: Parcel) -> str:
    """Subject and text as one."""
    return f"{parcel.subject}\n{parcel.text}"


def _why(code: int, words: Mapping[str, Any], parcel: Parcel, verdicts: Verdicts) -> str:
    said = words.get(verdicts.words, "")
    return f"code {code}: {scrubbed(said, parcel)}" if isinstance(said, str) else f"code {code}"


def _wait_s(answer: Answer, usual_s: float | None) -> float | None:
    return usual_s if answer.retry_after_s is None else answer.retry_after_s


def _too_many(words: Mapping[str, Any], verdicts: Verdicts) -> bool:
    """Feishu says "too many request" under the code of a bad one, too."""
    return "too many" in str(words.get(verdicts.words, "")).lower()
