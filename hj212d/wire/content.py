"""The content of CP: items in order, plain fields, and factors with their suffixes.

``;`` stands between factors, ``,`` between the items of one (HJ 212-2017, 6.3.3); devices exchange
them, so both split and the code before the last ``-`` groups. Log text between ``//`` and ``//``
is kept whole. Tests: tests/wire/test_content.py.
"""

from __future__ import annotations

import re

import msgspec

from hj212d.wire import text as texts
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance

_LOOSE = int(Tolerance.SEPARATOR_LOOSE)
_REPEATED = int(Tolerance.KEY_REPEATED)
_UNPREFIXED = int(Tolerance.MARK_UNPREFIXED)

_FIELD = re.compile(r"[0-9A-Za-z_]{1,32}")
_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}")

# Names that the standard itself repeats: PolId in 1021, CTime in 3014 (2005).
_REPEATABLE = frozenset(("PolId", "CTime", "Ctime"))

_FULL_WIDTH = re.compile("[；＝＆]")
_LOG_MARK = "//"
# Separators in log text stand aside as control characters, which are never in a segment.
_ASIDE = str.maketrans(";,=&", "\x1c\x1d\x1e\x1f")
_BACK = str.maketrans("\x1c\x1d\x1e\x1f", ";,=&")

# Key -> (code, suffix); the few keys of a country's factors come again and again.
_KEYS: dict[str, tuple[str, str]] = {}
_MOST_KEYS = 20000


class Content(msgspec.Struct):
    """What CP holds; ``repairs`` are bits of Tolerance. Malformed items are left out."""

    items: list[tuple[str, str]]
    cp: dict[str, str]
    factors: dict[str, dict[str, str]]
    reason: Reason = Reason.OK
    repairs: int = 0


def parse(body: str) -> Content:
    """Read what stands between ``CP=&&`` and the closing ``&&``, as Latin-1."""
    items: list[tuple[str, str]] = []
    cp: dict[str, str] = {}
    factors: dict[str, dict[str, str]] = {}
    if not body:
        return Content(items, cp, factors)
    logs = _LOG_MARK in body
    if logs:
        body = _set_aside(body)
    reason = Reason.OK
    repairs = 0
    usual = body.isascii() and not logs and " " not in body
    keys = _KEYS
    last = ""  # code of the item before
    for group in body.split(";"):
        joined = False  # by a comma to the item before
        for item in group.split(","):
            key, equals, value = item.partition("=")
            if not usual:
                key, value, repair = _tidy(key, value)
                repairs |= repair
            known = keys.get(key) or _split_key(key)
            if known is None or not equals or "=" in value:
                if item.strip(" "):
                    reason = Reason.ITEM_MALFORMED
                else:
                    repairs |= _LOOSE
                continue
            items.append((key, value))
            code, suffix = known
            if code:
                if (code == last) != joined:
                    repairs |= _LOOSE
                suffixes = factors.get(code)
                if suffixes is None:
                    factors[code] = {suffix: value}
                else:
                    if suffix in suffixes:
                        repairs |= _REPEATED
                    suffixes[suffix] = value
                last = code
            elif suffix == "Flag" and last and "Flag" not in factors[last]:
                repairs |= _UNPREFIXED
                factors[last]["Flag"] = value
            else:
                if suffix in cp and suffix not in _REPEATABLE:
                    repairs |= _REPEATED
                cp[suffix] = value
                last = ""
            joined = True
    if "&&" in body or (not usual and _has_full_width(items)):
        reason = Reason.ITEM_MALFORMED
    if logs:
        _put_back(items, cp, factors)
    return Content(items, cp, factors, reason, repairs)


def _split_key(key: str) -> tuple[str, str] | None:
    """Code and suffix, the code "" for a plain field; None when the key is neither."""
    code, dash, suffix = key.rpartition("-")
    if not _FIELD.fullmatch(suffix) or (dash and not _CODE.fullmatch(code)):
        return None
    if len(_KEYS) >= _MOST_KEYS:
        _KEYS.clear()
    _KEYS[key] = code, suffix
    return code, suffix


def _tidy(key: str, value: str) -> tuple[str, str, int]:
    """Key and value without blanks around them, the value decoded; and the repairs it took."""
    tidy, text = key.strip(" "), value.strip(" ")
    repairs = 0 if len(tidy) == len(key) and len(text) == len(value) else _LOOSE
    if not text.isascii():
        text, repair = texts.late(text)
        repairs |= repair
    return tidy, text, repairs


def _has_full_width(items: list[tuple[str, str]]) -> bool:
    """Whether full-width separators stand in a value that is no log text."""
    return any(
        not value.isascii() and not value.startswith(_LOG_MARK) and _FULL_WIDTH.search(value)
        for _, value in items
    )


def _set_aside(body: str) -> str:
    """The body with the separators inside log texts replaced, so that they do not split."""
    pieces: list[str] = []
    at = 0
    while (begin := body.find("=//", at)) >= 0:
        end = body.find(_LOG_MARK, begin + 3)
        if end < 0:
            break
        pieces += body[at : begin + 1], body[begin + 1 : end + 2].translate(_ASIDE)
        at = end + 2
    return "".join((*pieces, body[at:]))


def _put_back(
    items: list[tuple[str, str]], cp: dict[str, str], factors: dict[str, dict[str, str]]
) -> None:
    items[:] = [(key, value.translate(_BACK)) for key, value in items]
    for fields in (cp, *factors.values()):
        for name, value in fields.items():
            fields[name] = value.translate(_BACK)
