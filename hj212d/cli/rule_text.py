"""Rules as people read and write them. Tests: tests/cli/test_rule_command.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hj212d.cli.refusal import WRONG_USE, Refusal
from hj212d.cli.tables import harmless

_BY = {"kind": "default of the kind", "product": "product's rule"}
_SHOWN = 3
TRIED = ("subject", "factor", "began", "noticed", "ended", "value", "limit", "unit")


def params_of(words: Sequence[str]) -> dict[str, Any]:
    """NAME=VALUE words as figures: numbers, true, false, lists and tables in JSON, all else text;
    NAME.KEY=VALUE an entry of a table; NAME= takes one back. Refusal names the word."""
    found: dict[str, Any] = {}
    for word in words:
        name, equals, said = word.partition("=")
        if not equals or not name:
            raise Refusal(f'"{word}": expected NAME=VALUE', WRONG_USE)
        table, dot, key = name.partition(".")
        if not dot:
            found[name] = _value(said)
            continue
        inner = found.setdefault(table, {})
        if not isinstance(inner, dict) or not key:
            raise Refusal(f'"{word}": expected NAME=VALUE', WRONG_USE)
        inner[key] = _value(said)
    return found


def about(rule: dict[str, Any]) -> str:
    """Which stations and factors it is about, in short."""
    parts = [
        some if len(values) <= _SHOWN else f"{some} and {len(values) - _SHOWN} more"
        for name in ("regions", "mns", "factors", "media")
        if (values := rule[name])
        for some in [", ".join(values[:_SHOWN])]
    ]
    if rule["owner"]:
        parts.append(f"for contact {rule['owner']}")
    return "; ".join(parts) or "all"


def figures(params: dict[str, Any]) -> str:
    """Figures that are not the kind's own, in short."""
    return ", ".join(f"{name}={_shown(value)}" for name, value in params.items())


def rule_lines(rule: dict[str, Any]) -> Iterator[str]:
    """All of a rule, with where each figure comes from."""
    from hj212d.cli.times import show_iso

    state = "on" if rule["on"] else "off"
    yield f"{rule['key']}  {rule['kind']}, {state}, {rule['severity']}, {rule['way']}"
    yield harmless(f"  about     {about(rule)}")
    cases = f", class {rule['case_class']}" if rule["case_class"] else ""
    yield f"  case      {rule['case']}{cases}"
    if rule["origin"] == "product":
        yield "  origin    the product's own"
    else:
        what = "the product's own, changed" if rule["origin"] == "changed" else "set"
        yield harmless(f"  origin    {what} by {rule['who']}, {show_iso(rule['changed_at'])}")
    if rule["note"]:
        yield harmless(f"  note      {rule['note']}")
    width = max((len(one["name"]) for one in rule["figures"]), default=0)
    for one in rule["figures"]:
        by = _BY.get(one["by"], one["by"])
        instead = ""
        if rule["origin"] == "changed" and one["product"] != one["value"]:
            instead = f", in place of {_shown(_different(one['product'], one['value']))}"
        yield harmless(f"  {one['name']:{width}}  {_shown(one['value'])}  ({by}{instead})")


def tried_cells(alarm: dict[str, Any]) -> list[object]:
    """A row of `rule test`."""
    from hj212d.cli.times import show_time

    value, limit = (
        "" if alarm[name] is None else f"{alarm[name]:.6g}" for name in ("value", "limit")
    )
    return [
        alarm["subject"],
        alarm["factor"],
        show_time(alarm["began"]),
        show_time(alarm["seen_at"]),
        show_time(alarm["ended"]) or "stands",
        value,
        limit,
        alarm["unit"],
    ]


def _value(said: str) -> Any:
    if not said:
        return None
    try:
        return json.loads(said)
    except ValueError:
        return said


def _different(before: Any, now: Any) -> Any:
    """Of a table the entries that are different now."""
    if not isinstance(before, dict) or not isinstance(now, dict):
        return before
    return {key: value for key, value in before.items() if now.get(key) != value}


def _shown(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.10g}"
        case dict():
            return "{" + ", ".join(f"{key}: {_shown(one)}" for key, one in value.items()) + "}"
    return str(value)
