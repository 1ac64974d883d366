"""Read the corpus: frames from the field and what must become of them, one case a line.

A line has five fields with tabs between: name, source, settings, expectations, stream; ``-`` is an
empty field. Settings are ``tolerate=A,B refuse=A,B key=HEX max=N``. Expectations are one for each
piece, with `` | `` between: the reason, then ``name=value`` for what else must be so (see
:func:`bench.corpus.differences`). The stream is text in UTF-8 with ``\\r \\n \\t \\\\ \\xHH``, or
``HEX:`` and digits. Tests: tests/wire/test_corpus.py runs every line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hj212d.wire import codec
from hj212d.wire.frame import Cut, Device, Frame
from hj212d.wire.tolerances import DEFAULT, Tolerance

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "wire" / "corpus"

_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|[rnt\\])")
_PLAIN = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"\\": b"\\"}


class Expected(msgspec.Struct):
    """One piece: its reason, and the facts about it that the line names."""

    reason: str
    facts: dict[str, str]


class Case(msgspec.Struct):
    """One line of the corpus."""

    name: str
    source: str
    device: Device
    max_segment_bytes: int
    expected: list[Expected]
    stream: bytes
    place: str  # file and line

    def cutter(self) -> codec.Cutter:
        """A new cutter with the settings of the line."""
        return codec.Cutter(self.max_segment_bytes, self.device.tolerances)

    def cuts(self) -> list[Cut]:
        """All pieces of the stream."""
        cutter = self.cutter()
        return cutter.feed(self.stream) + cutter.expire()


def cases(folder: Path = FOLDER) -> Iterator[Case]:
    """All cases of all files, in order. ValueError names the line that cannot be read."""
    for path in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line and not line.startswith("#"):
                yield _case(line, f"{path.name}:{number}")


def _case(line: str, place: str) -> Case:
    fields = line.split("\t")
    if len(fields) != 5:
        raise ValueError(f"{place}: {len(fields)} fields, a case has 5")
    name, source, settings, expectations, stream = fields
    tolerances, keys, limit = DEFAULT, [], 4096
    for word in settings.split() if settings != "-" else ():
        key, _, value = word.partition("=")
        match key:
            case "tolerate":
                tolerances |= Tolerance.of(value.split(","))
            case "refuse":
                tolerances &= ~Tolerance.of(value.split(","))
            case "key":
                keys.append(bytes.fromhex(value))
            case "max":
                limit = int(value)
            case _:
                raise ValueError(f"{place}: no setting {key!r}")
    expected = []
    for one in expectations.split(" | ") if expectations != "-" else ():
        reason, *facts = one.split()
        pairs = (fact.partition("=") for fact in facts)
        expected.append(Expected(reason, {key: value for key, _, value in pairs}))
    device = Device(tolerances, tuple(keys))
    return Case(name, source, device, limit, expected, unescape(stream), place)


def unescape(text: str) -> bytes:
    """The bytes that a stream field stands for."""
    if text.startswith("HEX:"):
        return bytes.fromhex(text[4:])

    def byte(found: re.Match[bytes]) -> bytes:
        code = found[1]
        return _PLAIN.get(code) or bytes((int(code[1:], 16),))

    return _ESCAPE.sub(byte, text.encode())


def differences(expected: Expected, frame: Frame) -> list[str]:
    """Where a frame is not as expected; empty: nowhere.

    ``length`` is the data segment's, and the declared one unless ``declared`` is given; ``crc`` as
    printed, and the expected one unless ``crc_expected`` is given; ``repairs`` and ``warnings``
    with commas, none unless given; ``cp.X`` and ``factors.X.Y`` (a path ends at the last dot);
    all other names are fields of the frame.
    """
    facts = {"repairs": "", "warnings": "", **expected.facts}
    if "length" in facts:
        facts.setdefault("declared", facts["length"])
    if "crc" in facts:
        facts.setdefault("crc_expected", facts["crc"].upper())
    found = {name: _fact(frame, name) for name in facts}
    if frame.reason.label != expected.reason:
        return [f"reason {frame.reason.label}, expected {expected.reason}"]
    return [
        f"{name} {found[name]!r}, expected {value!r}"
        for name, value in facts.items()
        if found[name] != value
    ]


def _fact(frame: Frame, name: str) -> str:
    if name.startswith("cp."):
        return frame.cp.get(name[3:], "(none)")
    if name.startswith("factors."):
        code, _, suffix = name[8:].rpartition(".")
        return frame.factors.get(code, {}).get(suffix, "(none)")
    match name:
        case "declared":
            return str(frame.declared_length)
        case "repairs":
            return ",".join(frame.repairs.labels)
        case "warnings":
            return ",".join(frame.warnings)
        case "raw":
            return frame.raw.decode("latin-1")
        case "bytes":
            return str(len(frame.raw))
        case _:
            value = getattr(frame, name)
            return "" if value is None else str(value)
