"""The content of a frame in the words of another version of the standard.

2017 and 2025 share their codes, so only the frame's kind may be missing there. 2005 has other
codes and fewer: a factor that it does not know makes the frame untellable.
Tests: tests/hub/forward/test_versions.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from hj212d.wire import tables
from hj212d.wire.frame import Frame
from hj212d.wire.version import V2005

_BEIJING = timedelta(hours=8)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CannotRewrite(ValueError):
    """The reason, in one sentence."""


def recoded(frame: Frame, version: str) -> list[tuple[str, str]]:
    """The items of CP in a version; CannotRewrite when it has no word for something."""
    if frame.version == version:
        return frame.items
    known = tables.command(frame.cn, version)
    if known is None or version not in known.versions:
        raise CannotRewrite(f"CN {frame.cn} does not exist in the version of {version}")
    if V2005 not in (frame.version, version):
        return frame.items
    items: list[tuple[str, str]] = []
    for name, value in frame.items:
        code, dash, suffix = name.rpartition("-")
        if dash:
            known_code = _code_2005(code) if version == V2005 else _code_2017(code)
            if not known_code:
                raise CannotRewrite(f"factor {code} has no code in the version of {version}")
            name = f"{known_code}-{suffix}"
        items.append((name, value))
    return items


def qn_of(time_us: int) -> str:
    """A QN (Beijing time, 17 digits) for the moment a frame was received."""
    moment = _EPOCH + timedelta(microseconds=time_us) + _BEIJING
    return f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"


@cache
def _code_2005(code: str) -> str:
    return next((one.legacy_code for one in tables.factors() if one.code == code), "")


@cache
def _code_2017(code: str) -> str:
    known = tables.factor(code)
    return known.code if known is not None and known.legacy_code == code else ""
