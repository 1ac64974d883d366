"""The product's own rules, of alerts/data/default_rules.json, where each figure has its source.

Tests: tests/alerts/rules/test_default_rules.py.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec

from store.registry.alert_records import RuleRecord

WHO = "hj212d"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    about: str
    rules: list[RuleRecord]


@cache
def default_rules() -> tuple[RuleRecord, ...]:
    """In the order of the file."""
    text = resources.files("alerts").joinpath("data/default_rules.json").read_bytes()
    found = msgspec.json.decode(text, type=_File).rules
    return tuple(msgspec.structs.replace(one, who=WHO) for one in found)
