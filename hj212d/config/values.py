"""One value for one key: checked against its type and limits, or read from the text of a variable.

Tests: tests/config/test_load.py.
"""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

from hj212d.config.keys import Key
from hj212d.config.model import ConfigError

_PASSWORD = re.compile(r"(://[^/@:]*:)[^/@]*@")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def convert(where: str, key: Key, value: Any) -> Any:
    """The value as its struct holds it; ConfigError begins with ``where`` and shows the value."""
    try:
        converted = msgspec.convert(value, key.annotation)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where} = {show(key, value)}: expected {key.expected}") from error
    if key.kind is float and not math.isfinite(converted):
        raise ConfigError(f"{where} = {show(key, value)}: expected a finite number")
    return converted


def from_text(key: Key, text: str) -> Any:
    """What the text of an environment variable means; text that means nothing stays text, for
    :func:`convert` to refuse."""
    if key.kind is bool:
        return _TRUTH.get(text.strip().lower(), text)
    if key.kind is list:
        if text.lstrip().startswith("["):
            try:
                return msgspec.json.decode(text)
            except msgspec.DecodeError:
                pass  # an IPv6 address begins with [ too
        return [part.strip() for part in text.split(",") if part.strip()]
    if key.kind is dict:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    if key.kind in (int, float):
        try:
            return key.kind(text)
        except ValueError:
            return text
    return text


def show(key: Key, value: Any) -> str:
    """The value on one line, as TOML writes it; ``***`` for a secret that is not empty, and for
    a password within a URL."""
    if key.secret and value:
        return "***"
    if isinstance(value, str):
        value = _PASSWORD.sub(r"\1***@", value)
    return _toml(value)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        said = (f"{_bare(name)} = {_toml(one)}" for name, one in value.items())
        return "{" + ", ".join(said) + "}"
    if isinstance(value, float):
        return repr(value)
    return msgspec.json.encode(value, enc_hook=str).decode()


def _bare(name: str) -> str:
    return name if _BARE.fullmatch(name) else msgspec.json.encode(name).decode()
