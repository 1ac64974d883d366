"""One line for each event of `hj212d tail`. Tests: tests/cli/test_tail_text.py."""

from __future__ import annotations

from typing import Any

import click

from hj212d.cli.frame_text import command_name
from hj212d.cli.tables import harmless
from hj212d.cli.times import show_iso
from hj212d.wire.reasons import Reason

_CHARACTERS = 200


def event_line(event: dict[str, Any]) -> str:
    """The frame's time, MN, command and values; or why it is no good frame, and its bytes."""
    if "reason" not in event:
        return _missed(event)
    time = show_iso(event["time"])
    mn = harmless(event["mn"]) or "-"
    reason = event["reason"]
    if reason != "ok":
        verdict = click.style(reason, fg="red", bold=True)
        return f"{time}  {mn}  {verdict} ({Reason.of(reason).help})  {_short(event['raw'])}"
    command = harmless(f"{event['cn']} {command_name(event['cn'], event['version'])}".rstrip())
    values = _short("  ".join(_value(*item) for item in event["factors"].items()))
    texts = [time, mn, command, values]
    if event["repairs"]:
        texts.append(click.style(" ".join(event["repairs"]), fg="yellow"))
    return "  ".join(text for text in texts if text)


def _value(code: str, values: dict[str, str]) -> str:
    """The value of a factor that says most, and its mark when it is not N."""
    shown = next((text for suffix, text in values.items() if suffix not in _NO_VALUES), "")
    mark = values.get("Flag", "N")
    return f"{code}={shown}" + (f"[{mark}]" if mark != "N" else "")


_NO_VALUES = ("Flag", "EFlag", "SampleTime", "Min", "Cou")


def _short(text: str) -> str:
    clean = harmless(text)
    return clean if len(clean) <= _CHARACTERS else clean[: _CHARACTERS - 1] + "…"


def _missed(event: dict[str, Any]) -> str:
    facts = ", ".join(
        f"{name.replace('_', ' ')} {count}" for name, count in event.items() if count
    )
    return click.style(f"not shown, too many at once: {facts}", fg="yellow")
