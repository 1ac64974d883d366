"""Cases as people read them. Pure. Tests: tests/cli/test_case_command.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hj212d.cli.tables import harmless
from hj212d.cli.times import show_iso


def lines(answer: dict[str, Any]) -> Iterator[str]:
    """A case, and its log, oldest line first."""
    case = answer["case"]
    yield harmless(f"{case['case_no']}  {case['state']}, class {case['class_code']}")
    yield harmless(f"  {case['title']}")
    yield harmless(f"  {case['text']}")
    place = f"station {case['mn']}" if ":" not in case["mn"] else case["mn"]
    yield harmless(f"  {place}, region {case['region'] or '-'}, source {case['source']}")
    if case["longitude"] is not None:
        yield f"  at {case['longitude']:.6f}, {case['latitude']:.6f}"
    yield f"  reported {show_iso(case['reported_at'])}"
    if case["ended_at"]:
        yield f"  ended {show_iso(case['ended_at'])}"
    yield "log:"
    for entry in answer["log"]:
        yield harmless(
            f"  {show_iso(entry['at'])}  {entry['event']}  {entry['who']}  {entry['text']}"
        )
        frames = entry["payload"].get("frames") or []
        if frames:
            yield harmless(f"    frames {' '.join(frames)}")
    if answer["broken"]:
        yield f"line {answer['broken']['id']} of the log was changed"
