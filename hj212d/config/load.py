"""Read the configuration once: default, then file, then environment, then command line.

`load` gives the frozen object that is passed in everywhere; `read` also tells where each value
came from. What values mean together is checked in `checks.py`. Tests: tests/config/test_load.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from hj212d.config.checks import check
from hj212d.config.keys import ENVIRONMENT_PREFIX, Section, environment_names, keys, sections
from hj212d.config.model import Config, ConfigError
from hj212d.config.nearest import did_you_mean
from hj212d.config.values import convert, from_text

# Variables of the command line itself, and of the wire's codec; they are no keys.
COMMAND_VARIABLES = frozenset({"HJ212D_CONFIG", "HJ212D_DATA", "HJ212D_CODEC"})


class Given(msgspec.Struct):
    """What was said, and where: values by section, and the place of each for messages.

    ``origins``: dotted key -> "file", "environment" or "command line"; ``places``: dotted key ->
    the start of a sentence about it. Keys of repeating sections carry their number from 0:
    ``device.0.mn``.
    """

    single: dict[str, dict[str, Any]] = {}
    repeated: dict[str, list[dict[str, Any]]] = {}
    origins: dict[str, str] = {}
    places: dict[str, str] = {}


class Loaded(msgspec.Struct, frozen=True):
    """A configuration, and the origin of each key that was given (see :class:`Given`)."""

    config: Config
    origins: dict[str, str]


def load(
    path: Path | None, environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None
) -> Config:
    """The configuration in force.

    ``path``: TOML file, or None. ``environ``: ``HJ212D_LINK_LISTEN`` and the like; lists with
    commas or as JSON. ``overrides``: dotted key -> value from the command line; None is not
    given. ConfigError, in one sentence, when any of it cannot be used.
    """
    return read(path, environ, overrides).config


def read(
    path: Path | None, environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None
) -> Loaded:
    """As :func:`load`, with the origin of each value."""
    given = Given()
    if path is not None:
        _take_file(given, path)
    _take_environment(given, environ)
    _take_command_line(given, overrides or {})
    config = Config(**{s.attribute: _build(s, given) for s in sections().values()})
    check(config, given.places)
    return Loaded(config, given.origins)


def _build(section: Section, given: Given) -> Any:
    if section.many:
        return [section.struct(**values) for values in given.repeated.get(section.name, [])]
    return section.struct(**given.single.get(section.name, {}))


def _take_file(given: Given, path: Path) -> None:
    for name, content in _parse(path).items():
        section = sections().get(name)
        if section is None:
            near = did_you_mean(name, sections())
            raise ConfigError(f"{path}: there is no section [{name}]{near}")
        if not section.many:
            if not isinstance(content, dict):
                raise ConfigError(f"{path}: {name} is a section, written [{name}]")
            given.single[name] = _section(given, f"{path}: [{name}]", section, content, name)
            continue
        if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
            raise ConfigError(f"{path}: {name} is a section that may repeat, written [[{name}]]")
        given.repeated[name] = [
            _section(given, f"{path}: [[{name}]] number {n + 1}", section, one, f"{name}.{n}")
            for n, one in enumerate(content)
        ]


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error


def _section(
    given: Given, where: str, section: Section, content: dict[str, Any], dotted: str
) -> dict[str, Any]:
    """The values of one section, each checked against its key and noted with its place."""
    checked = {}
    for name, value in content.items():
        key = section.keys.get(name)
        if key is None:
            near = did_you_mean(name, section.keys)
            raise ConfigError(f"{where} has no key {name}{near}")
        checked[name] = convert(f"{where} {name}", key, value)
        given.origins[f"{dotted}.{name}"] = "file"
        given.places[f"{dotted}.{name}"] = f"{where} {name}"
    missing = [key.name for key in section.keys.values() if key.required]
    missing = [name for name in missing if name not in checked]
    if missing:
        raise ConfigError(f"{where} has no {' and no '.join(missing)}")
    return checked


def _take_environment(given: Given, environ: Mapping[str, str]) -> None:
    names = environment_names()
    for variable, text in sorted(environ.items()):
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable in COMMAND_VARIABLES:
            continue
        key = names.get(variable)
        if key is None:
            near = did_you_mean(variable, names)
            raise ConfigError(f"environment: there is no key for {variable}{near}")
        where = f"environment: {variable}"
        value = convert(where, key, from_text(key, text))
        _set(given, key.section, key.name, value, "environment", where)


def _take_command_line(given: Given, overrides: Mapping[str, Any]) -> None:
    for dotted, value in overrides.items():
        if value is None:
            continue
        key = keys().get(dotted)
        if key is None or key.many:
            raise ConfigError(f"command line: no key {dotted}{did_you_mean(dotted, keys())}")
        where = f"command line: {key.place}"
        converted = convert(where, key, value)
        _set(given, key.section, key.name, converted, "command line", where)


def _set(given: Given, section: str, name: str, value: Any, origin: str, where: str) -> None:
    given.single.setdefault(section, {})[name] = value
    given.origins[f"{section}.{name}"] = origin
    given.places[f"{section}.{name}"] = where
