"""The flat table of keys, read from the annotations in the rooms' `settings.py`.

`--explain`, docs/configuration.md, the environment names and the words in error messages all come
from here; nothing here knows a value in force. Tests: tests/config/test_keys.py.
"""

from __future__ import annotations

import typing
from functools import cache
from typing import Any

import msgspec
from msgspec import NODEFAULT, inspect

from hj212d.config.model import Config

ENVIRONMENT_PREFIX = "HJ212D_"
_UNITS = {
    "_s": "s",
    "_bytes": "bytes",
    "_bytes_per_s": "bytes/s",
    "_per_s": "1/s",
    "_days": "days",
}
_KINDS: dict[type, type] = {
    inspect.BoolType: bool,
    inspect.IntType: int,
    inspect.FloatType: float,
    inspect.StrType: str,
    inspect.LiteralType: str,
    inspect.ListType: list,
    inspect.DictType: dict,
}


class Key(msgspec.Struct, frozen=True):
    """One key. ``section`` is the name in TOML; ``many`` marks [[section]], which may repeat.

    ``annotation`` is what msgspec converts a value with, ``kind`` its bare type (bool, int,
    float, str, list or dict), ``expected`` the same in words. ``apply`` is "reload" or "restart".
    ``required`` keys have no default.
    """

    section: str
    name: str
    many: bool
    annotation: Any
    kind: type
    expected: str
    default: Any
    required: bool
    unit: str
    apply: str
    secret: bool
    help: str

    @property
    def dotted(self) -> str:
        """``link.listen``."""
        return f"{self.section}.{self.name}"

    @property
    def place(self) -> str:
        """``[link] listen``, as it stands in the file."""
        return f"[[{self.section}]] {self.name}" if self.many else f"[{self.section}] {self.name}"

    @property
    def environment(self) -> str:
        """``HJ212D_LINK_LISTEN``; empty for the sections that repeat."""
        return "" if self.many else f"{ENVIRONMENT_PREFIX}{self.section}_{self.name}".upper()


class Section(msgspec.Struct, frozen=True):
    """A section of the file: its keys in order and the struct that holds their values."""

    name: str
    attribute: str  # of Config
    many: bool
    struct: Any
    help: str
    keys: dict[str, Key]


@cache
def sections() -> dict[str, Section]:
    """All sections by their name in TOML, in the order of Config."""
    found = {}
    for field in inspect.type_info(Config).fields:  # type: ignore[attr-defined]
        inner = field.type
        many = isinstance(inner, inspect.ListType)
        info = inner.item_type if many else inner
        found[field.encode_name] = Section(
            name=field.encode_name,
            attribute=field.name,
            many=many,
            struct=info.cls,
            help=(info.cls.__doc__ or "").strip(),
            keys=_keys(field.encode_name, many, info),
        )
    return found


@cache
def keys() -> dict[str, Key]:
    """All keys by their dotted name, in the order of the settings files."""
    return {key.dotted: key for section in sections().values() for key in section.keys.values()}


@cache
def environment_names() -> dict[str, Key]:
    """Environment variable -> key."""
    return {key.environment: key for key in keys().values() if key.environment}


def _keys(section: str, many: bool, info: inspect.StructType) -> dict[str, Key]:
    annotations = typing.get_type_hints(info.cls, include_extras=True)
    found = {}
    for field in info.fields:
        bare, help_line, extra = _unwrap(field.type)
        found[field.encode_name] = Key(
            section=section,
            name=field.encode_name,
            many=many,
            annotation=annotations[field.name],
            kind=_KINDS[type(bare)],
            expected=_in_words(bare),
            default=_default(field),
            required=field.required,
            unit=_unit(field.encode_name),
            apply=extra.get("apply", "reload"),
            secret=extra.get("secret", False),
            help=help_line,
        )
    return found


def _unwrap(annotated: inspect.Type) -> tuple[inspect.Type, str, dict[str, Any]]:
    """The type without its metadata, the line of help, and our own marks."""
    if not isinstance(annotated, inspect.Metadata):
        return annotated, "", {}
    schema = annotated.extra_json_schema or {}
    return annotated.type, schema.get("description", ""), annotated.extra or {}


def _default(field: inspect.Field) -> Any:
    if field.default is not NODEFAULT:
        return field.default
    return None if field.default_factory is NODEFAULT else field.default_factory()


def _unit(name: str) -> str:
    endings = sorted(_UNITS, key=len, reverse=True)
    return next((_UNITS[ending] for ending in endings if name.endswith(ending)), "")


def _in_words(bare: inspect.Type) -> str:
    """What a value must be, as the end of a sentence that begins with "expected"."""
    match bare:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number" + _range_in_words(bare)
        case inspect.FloatType():
            return "a number" + _range_in_words(bare)
        case inspect.LiteralType():
            return "one of " + ", ".join(f'"{value}"' for value in bare.values)
        case inspect.ListType(item_type=inspect.FloatType()):
            return "a list of numbers"
        case inspect.ListType():
            return "a list of texts"
        case inspect.DictType():
            return "a table of " + _many_in_words(bare.value_type)
        case inspect.StrType(min_length=least) if least:
            return "a text that is not empty"
        case inspect.StrType():
            return "a text"
    raise TypeError(f"no words for settings of type {bare}")


def _many_in_words(inner: inspect.Type) -> str:
    """What stands in a table, in words."""
    match inner:
        case inspect.DictType():
            return "tables of " + _many_in_words(inner.value_type)
        case inspect.ListType():
            return "lists of texts"
        case inspect.StrType():
            return "texts"
    return "numbers"


def _range_in_words(bare: inspect.IntType | inspect.FloatType) -> str:
    words = []
    if bare.gt is not None:
        words.append(f"above {bare.gt}")
    if bare.ge is not None:
        words.append(f"of at least {bare.ge}")
    if bare.le is not None:
        words.append(f"at most {bare.le}")
    if bare.lt is not None:
        words.append(f"below {bare.lt}")
    return " " + " and ".join(words) if words else ""
