"""Frames explained to people: what was said, by whom, which values, and what is wrong with it.

Names and units come from the code tables. Tests: tests/cli/test_decode_command.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import click

from hj212d.cli.tables import aligned, harmless, raw_text
from hj212d.cli.times import show_us
from hj212d.wire import tables
from hj212d.wire.frame import Frame
from hj212d.wire.tolerances import HELP, Tolerance

_RAW_CHARACTERS = 200
_INDENT = "    "


def explain(found: Iterable[tuple[int, Frame]]) -> bool:
    """Print each frame (with its line, 0 in a raw stream) and a summary; whether all are good."""
    reasons: Counter[str] = Counter()
    repairs: Counter[str] = Counter()
    for line, frame in found:
        reasons[frame.reason.label] += 1
        repairs.update(frame.repairs.labels)
        for text in explained(frame, line):
            click.echo(text)
        click.echo()
    click.echo(_summary(reasons, repairs))
    return reasons.total() == reasons["ok"]


def explained(frame: Frame, line: int) -> Iterator[str]:
    """The lines about one frame."""
    place = f"line {line}" if line else f"byte {frame.offset}"
    if frame.ok:
        yield f"{place}  {click.style('ok', fg='green')}  {_kind(frame)}"
    else:
        verdict = click.style(f"BAD {frame.reason.label}", fg="red", bold=True)
        yield f"{place}  {verdict}: {frame.reason.help}"
    yield from (_INDENT + text for text in _body(frame))


def command_name(cn: str, version: str) -> str:
    """What a CN means, in English and Chinese; "" when no table knows it."""
    found = tables.command(cn, version) or tables.command(cn, version, "host_to_field")
    return f"{found.name_en} {found.name_zh}" if found else ""


def _kind(frame: Frame) -> str:
    version = frame.version or "version unknown"
    return f"{version}  CN {_named(frame.cn, command_name(frame.cn, frame.version))}"


def _body(frame: Frame) -> Iterator[str]:
    if not frame.ok and frame.cn:
        yield _kind(frame)
    if header := _header(frame):
        yield "  ".join(header)
    yield _envelope(frame)
    for name, value in frame.cp.items():
        if name == "DataTime" and frame.data_time_us is not None:
            yield f"DataTime {_named(value, show_us(frame.data_time_us))}"
        else:
            yield harmless(f"{name} {value}{_meaning(name, value)}")
    if frame.factors:
        yield "factors, with the units of the standard (devices differ):"
        yield from (_INDENT + text for text in aligned(_factor_rows(frame)))
    for repair in frame.repairs.labels:
        yield f"repair {repair}: {HELP[Tolerance.of([repair])]}"
    for warning in frame.warnings:
        yield f"warning {warning}"
    if not frame.ok:
        raw = raw_text(frame.raw)
        yield raw if len(raw) <= _RAW_CHARACTERS else raw[:_RAW_CHARACTERS] + "…"


def _header(frame: Frame) -> list[str]:
    """MN, ST, QN and Flag as far as they are there."""
    texts = []
    if frame.mn:
        texts.append(f"MN {harmless(frame.mn)}")
    if frame.st:
        texts.append(f"ST {_named(frame.st, _system(frame.st))}")
    if frame.qn:
        texts.append(f"QN {_named(frame.qn, show_us(frame.qn_time_us))}")
    if frame.flag is not None:
        wants = "answer wanted" if frame.wants_answer else "no answer wanted"
        texts.append(f"Flag {frame.flag} ({wants})")
    if frame.pnum is not None:
        texts.append(f"packet {frame.pno} of {frame.pnum}")
    if frame.rf:
        texts.append("RF 1 (sent again)")
    if frame.encrypted:
        texts.append("encrypted")
    return texts


def _envelope(frame: Frame) -> str:
    texts = []
    if frame.length >= 0:
        texts.append(f"length {frame.length}")
    if frame.declared_length >= 0 and frame.declared_length != frame.length:
        texts.append(f"declared {frame.declared_length}")
    if frame.crc:
        texts.append(f"CRC {harmless(frame.crc)}")
    if frame.crc_expected and frame.crc_expected != frame.crc.upper():
        texts.append(f"expected {frame.crc_expected}")
    return ", ".join(texts) or f"{len(frame.raw)} bytes"


def _factor_rows(frame: Frame) -> Iterator[tuple[str, ...]]:
    for code, values in frame.factors.items():
        known = tables.factor(code)
        name = f"{known.name_zh} {known.name_en}" if known else ""
        unit = known.unit if known and known.unit != "1" else ""
        shown = "  ".join(
            f"{suffix} {text}{_mark(suffix, text)}" for suffix, text in values.items()
        )
        yield harmless(code), name, unit, harmless(shown)


def _mark(suffix: str, text: str) -> str:
    if suffix != "Flag":
        return ""
    found = next((mark.name_en for mark in tables.marks() if mark.mark == text), "")
    return f" ({found})" if found and text != "N" else ""


def _meaning(name: str, value: str) -> str:
    """What a plain field or its value says, in brackets."""
    for one in tables.returns():
        if (one.field, one.code) == (name, value):
            return f" ({one.name_en})"
    found = next((one.meaning for one in tables.fields() if one.name == name), "")
    return f" ({found})" if found else ""


def _system(st: str) -> str:
    found = next((one for one in tables.systems() if one.st == st), None)
    return f"{found.name_en} {found.name_zh}" if found else ""


def _named(code: str, name: str) -> str:
    return harmless(f"{code} ({name})" if name else code)


def _summary(reasons: Counter[str], repairs: Counter[str]) -> str:
    total, good = reasons.total(), reasons["ok"]
    texts = [f"{total} frame{'' if total == 1 else 's'}: {good} good, {total - good} bad"]
    bad = [f"{name} {count}" for name, count in reasons.most_common() if name != "ok"]
    if bad:
        texts.append(", ".join(bad))
    if repairs:
        texts.append(
            "repairs " + ", ".join(f"{name} {count}" for name, count in repairs.most_common())
        )
    return "; ".join(texts)
