"""The arguments of a request: what each may be, and how they stand in CP.

Which request takes which is requests.py's. Tests: tests/wire/test_arguments.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import msgspec

from hj212d.wire.values import time_us
from hj212d.wire.version import V2005

Arguments: TypeAlias = Mapping[str, "str | list[str]"]
Kind = Literal[
    "number", "decimal", "text", "time14", "time17", "time6", "time4", "factor", "choice", "mn"
]

ANY_FACTOR = "xxx-"  # before a suffix: the parameter is named by a factor's code and this suffix

_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,6})?")
_FACTOR = re.compile(r"[0-9A-Za-z_]{1,20}")
_MN = re.compile(r"[0-9A-Za-z_-]{1,64}")
_UNFIT = re.compile(r"[\x00-\x1f\x7f;,=&]")  # HJ 212 has no way to write these in a value
_CLOCK = {"time6": "hhmmss", "time4": "hhmm"}


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One parameter of a request.

    ``name`` is the word on the wire; ``xxx-Info`` stands for that suffix behind any code.
    ``least`` and ``most`` bound a number's value or a text's characters. ``aliases`` are accepted
    too.
    ``header``: it stands in the header, not in CP. ``comma``: a comma stands before it in CP.
    """

    name: str
    kind: Kind
    help: str
    required: bool = True
    repeated: bool = False
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False
    aliases: tuple[str, ...] = ()
    header: bool = False
    comma: bool = False
    width: int = 0  # digits that a number is filled up to with zeros

    @property
    def suffix(self) -> str:
        """``-Info`` of ``xxx-Info``; "" for a parameter with one name."""
        return self.name[len(ANY_FACTOR) - 1 :] if self.name.startswith(ANY_FACTOR) else ""

    def names(self, args: Arguments) -> list[str]:
        """Under which names it is in ``args``, in their order."""
        suffix = self.suffix
        if suffix:
            return [
                name
                for name in args
                if name.endswith(suffix) and _FACTOR.fullmatch(name.removesuffix(suffix))
            ]
        return [name for name in (self.name, *self.aliases) if name in args]

    def value_in(self, args: Arguments) -> str:
        """Its one value in ``args``, "" when it is not there."""
        for name in self.names(args):
            value = args[name]
            return value if isinstance(value, str) else "".join(value[:1])
        return ""

    def checked(self, value: str, name: str) -> str:
        """The value as it goes on the wire; ValueError when it is not what the parameter takes."""
        shown = "the value" if self.secret else repr(value)
        if not self._fits(value):
            raise ValueError(f"{name}: {shown} is not {self.wanted()}")
        return value.zfill(self.width)

    def _fits(self, value: str) -> bool:
        match self.kind:
            case "number":
                return bool(_WHOLE.fullmatch(value)) and self._between(int(value))
            case "decimal":
                return bool(_DECIMAL.fullmatch(value))
            case "choice":
                return value in self.choices
            case "factor":
                return bool(_FACTOR.fullmatch(value))
            case "mn":
                return bool(_MN.fullmatch(value))
            case "time14":
                return len(value) == 14 and time_us(value) is not None
            case "time17":
                return time_us(value) is not None
            case "time6" | "time4":
                clock = value if self.kind == "time6" else value + "00"
                return len(clock) == 6 and time_us("20200101" + clock) is not None
        if _UNFIT.search(value) or (self.secret and not value.isascii()):
            return False
        return self._between(len(value))

    def _between(self, value: int) -> bool:
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    def wanted(self) -> str:
        """What it takes, in words that fit behind "is not"."""
        match self.kind:
            case "number":
                return f"a number from {self.least} to {self.most}"
            case "decimal":
                return "a number"
            case "choice":
                return f"one of {', '.join(self.choices)}"
            case "factor":
                return "the code of a factor"
            case "mn":
                return "an MN (letters, digits, _ and -, at most 64)"
            case "time14":
                return "a time YYYYMMDDhhmmss"
            case "time17":
                return "a time YYYYMMDDhhmmsszzz"
            case "time6" | "time4":
                return f"a time {_CLOCK[self.kind]}"
        size = f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"
        return f"a text of {size} characters without ; , = and &"


def written(parameters: tuple[Parameter, ...], version: str, args: Arguments, request: str) -> str:
    """The arguments as the content of CP: plain ones in the order of the standard, then those of
    a factor. ValueError names the parameter that is missing, unknown or wrong."""
    _refuse_unknown(parameters, args, request)
    text = ""
    of_factors: dict[str, list[str]] = {}
    for parameter in parameters:
        names = parameter.names(args)
        if not names:
            if parameter.required:
                raise ValueError(f"{request}: {parameter.name} is missing ({parameter.help})")
            continue
        for name in names:
            for value in _values(parameter, args[name], name):
                checked = parameter.checked(value, name)
                if parameter.header:
                    continue
                if parameter.suffix:
                    code = name[: -len(parameter.suffix)]
                    of_factors.setdefault(code, []).append(f"{name}={checked}")
                    continue
                text += (
                    f"{_separator(parameter, version) if text else ''}{parameter.name}={checked}"
                )
            if not parameter.suffix:
                break  # an alias beside the name itself says the same
    if not of_factors and any(parameter.suffix for parameter in parameters):
        wanted = " or ".join(parameter.name for parameter in parameters if parameter.suffix)
        raise ValueError(f"{request}: {wanted} is missing")
    _refuse_backward(args)
    groups = [",".join(items) for items in of_factors.values()]
    return ";".join(([text] if text else []) + groups)


def _separator(parameter: Parameter, version: str) -> str:
    """2005 writes BeginTime and EndTime with a comma between, 2017 and 2025 with a semicolon."""
    return "," if parameter.comma or (version == V2005 and parameter.name == "EndTime") else ";"


def _values(parameter: Parameter, value: str | list[str], name: str) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif parameter.repeated or len(value) == 1:
        yield from value
    else:
        raise ValueError(f"{name}: {len(value)} values, it takes one")


def _refuse_unknown(parameters: tuple[Parameter, ...], args: Arguments, request: str) -> None:
    known = {name for parameter in parameters for name in parameter.names(args)}
    for name in args:
        if name not in known:
            takes = ", ".join(parameter.name for parameter in parameters) or "no parameters"
            raise ValueError(f"{name}: {request} does not take it; it takes {takes}")


def _refuse_backward(args: Arguments) -> None:
    begin, end = args.get("BeginTime"), args.get("EndTime")
    if isinstance(begin, str) and isinstance(end, str) and begin > end:
        raise ValueError(f"EndTime: {end!r} lies before BeginTime {begin!r}")
