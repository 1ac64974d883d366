"""What a new configuration changes, and which of it must wait for a restart.

Tests: tests/config/test_changes.py.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hj212d.config.addresses import parse_listen
from hj212d.config.keys import Key, Section, sections
from hj212d.config.model import Config


def changed_keys(old: Config, new: Config) -> list[Key]:
    """Keys whose value differs; of a repeating section the keys in which any entry differs."""
    return [
        key
        for section in sections().values()
        for key in section.keys.values()
        if _values(old, section, key) != _values(new, section, key)
    ]


def restart_line(old: Config, new: Config) -> str:
    """One line for the log that names the changed keys which need a restart; empty when a reload
    does."""
    names = [key.dotted for key in changed_keys(old, new) if key.apply == "restart"]
    return f"changed, in force only after a restart: {', '.join(names)}" if names else ""


def reloaded(old: Config, new: Config) -> Config:
    """What is in force after a reload: ``new``, with the values of ``old`` for all keys that need
    a restart, and with the old profiles that the addresses still name."""
    merged: dict[str, Any] = {}
    for section in sections().values():
        if section.many:
            continue
        before, after = getattr(old, section.attribute), getattr(new, section.attribute)
        kept = {
            key.name: getattr(before, key.name)
            for key in section.keys.values()
            if key.apply == "restart"
        }
        merged[section.attribute] = msgspec.structs.replace(after, **kept)
    known = {profile.name for profile in new.profiles}
    named = {parse_listen(text).profile for text in old.link.listen} - known
    kept_profiles = [profile for profile in old.profiles if profile.name in named]
    return msgspec.structs.replace(new, profiles=new.profiles + kept_profiles, **merged)


def _values(config: Config, section: Section, key: Key) -> object:
    value = getattr(config, section.attribute)
    return (
        [getattr(entry, key.name) for entry in value] if section.many else getattr(value, key.name)
    )
