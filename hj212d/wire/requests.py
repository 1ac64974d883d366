"""What a host can ask of a device: the requests of the three versions, and their frames.

The facts are in data/requests.json, names and confidence of a CN in data/commands.json. Values are
checked in arguments.py; what comes of a request is exchange.py's.
Tests: tests/wire/test_requests.py.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from hj212d.wire import sm4, tables
from hj212d.wire.arguments import Arguments, Parameter, written
from hj212d.wire.build import LONGEST_SEGMENT_BYTES, segment
from hj212d.wire.crc import PRINTED, crc
from hj212d.wire.values import time_text, time_us
from hj212d.wire.version import V2005, V2017, V2025

__all__ = [
    "Arguments", "Parameter", "RequestSpec",
    "build_request", "content", "find", "near", "qn_at", "requests",
]  # fmt: skip

LONGEST_CP_BYTES = {V2005: 960, V2017: 950, V2025: 950}  # HJ 212-2017, 6.3.2; 2025 the same

_VERSION_BITS = {V2005: 0, V2017: 4, V2025: 8}
_MILLISECOND_US = 1000


class RequestSpec(msgspec.Struct, frozen=True):
    """One request or notice of the host.

    ``results``: the CN of the frames that bring what was asked for, "" when none come.
    ``history``: these come with QNs of their own (HJ 212-2017, C.47-C.50). ``encrypted``: its
    content is to be encrypted on public networks (HJ 212-2025, 6.4.4). ``st``: the ST that it
    must go out with, "" for the device's.
    """

    name: str
    cn: str
    versions: tuple[str, ...]
    kind: Literal["request", "notice"]
    parameters: tuple[Parameter, ...]
    results: str
    history: bool
    encrypted: bool
    st: str
    name_zh: str
    name_en: str
    confidence: str

    @property
    def secrets(self) -> frozenset[str]:
        """Names of the parameters that no log and no answer may show."""
        return frozenset(
            name for one in self.parameters if one.secret for name in (one.name, *one.aliases)
        )


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    """A request as the file has it; ``takes``: a name, "," before it when a comma stands before
    it in CP, "?" behind it when it may be missing, "*" when it may come several times."""

    name: str
    cn: str
    versions: tuple[str, ...]
    takes: list[str]
    kind: Literal["request", "notice"] = "request"
    results: str = ""
    history: bool = False
    encrypted: bool = False
    st: str = ""
    name_zh: str = ""
    name_en: str = ""
    confidence: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    parameters: list[Parameter]
    requests: list[_Row]


def _spec(row: _Row, known: Mapping[str, Parameter]) -> RequestSpec:
    command = tables.command(row.cn, row.versions[0], "host_to_field")
    if command is None:
        raise LookupError(f"requests.json has CN {row.cn}, commands.json has not")
    parameters = []
    for text in row.takes:
        parameters.append(
            msgspec.structs.replace(
                known[text.strip(",?*")],
                required="?" not in text,
                repeated="*" in text,
                comma=text.startswith(","),
            )
        )
    return RequestSpec(
        row.name, row.cn, row.versions, row.kind, tuple(parameters), row.results, row.history,
        row.encrypted, row.st,
        row.name_zh or command.name_zh,
        row.name_en or command.name_en,
        row.confidence or command.confidence,
    )  # fmt: skip


@cache
def requests() -> tuple[RequestSpec, ...]:
    """All requests of all versions; a name stands twice where a version has another form of it."""
    data = resources.files("hj212d.wire").joinpath("data", "requests.json").read_bytes()
    file = msgspec.json.decode(data, type=_File)
    known = {one.name: one for one in file.parameters}
    return tuple(_spec(row, known) for row in file.requests)


@cache
def find(name_or_cn: str, version: str) -> RequestSpec | None:
    """The request of that name or CN in a version; None when the version has none.

    Of several with one CN (2011: ST 44 asks for a history) the first is meant.
    """
    for spec in requests():
        if name_or_cn in (spec.name, spec.cn) and version in spec.versions:
            return spec
    return None


def near(name: str) -> list[str]:
    """Up to three names like the one that is none, the nearest first."""
    known = dict.fromkeys(spec.name for spec in requests())
    return difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)


def content(spec: RequestSpec, version: str, args: Arguments) -> str:
    """The content of CP. ValueError names parameter and value when ``args`` are not what the
    request takes, but no secret value."""
    return written(spec.parameters, version, args, spec.name)


def build_request(
    spec: RequestSpec,
    *,
    version: str,
    qn: str,
    st: str,
    pw: str,
    mn: str,
    args: Arguments,
    flag_answer: bool = True,
    key: bytes | None = None,
) -> bytes:
    """The whole frame of a request, CR LF at its end.

    ``key``: 16 bytes, with which the content is encrypted; length and CRC stay those of the plain
    frame (HJ 212-2025, A.2). ValueError as of :func:`content`, and for a content that is too long.
    """
    cp = content(spec, version, args)
    size = len(cp.encode())
    if size > LONGEST_CP_BYTES[version]:
        raise ValueError(f"{spec.name}: {size} bytes, CP takes {LONGEST_CP_BYTES[version]}")
    for parameter in spec.parameters:
        if parameter.header:  # the new MN of CN 1002 stands where the device's own would
            mn = parameter.value_in(args) or mn
    plain = segment(
        qn=qn,
        st=spec.st or st,
        cn=spec.cn,
        pw=pw,
        mn=mn,
        flag=_VERSION_BITS[version] | flag_answer,
        cp=cp,
    )
    if len(plain) > LONGEST_SEGMENT_BYTES:
        raise ValueError(f"{spec.name}: a segment of {len(plain)} bytes")
    sent = plain if key is None else sm4.encrypt_cp(plain, key)
    return b"##%04d%s%s\r\n" % (len(sent), sent, PRINTED[crc(plain)])


def qn_at(now_us: int, last: str = "") -> str:
    """A QN of that moment: 17 digits of Beijing time, greater than ``last``.

    A ``last`` that is no time in 17 digits counts as none.
    """
    last_us = time_us(last) if len(last) == 17 else None
    if last_us is not None:
        now_us = max(now_us, last_us + _MILLISECOND_US)
    return time_text(now_us, milliseconds=True)
