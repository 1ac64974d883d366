"""The page of published figures, made from kept results. Pure: results in, Markdown out.

Test: tests/bench/test_report.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bench.entry import Entry, Figure, figure_of

HEAD = """\
# Benchmarks

Every figure here was printed by the command beside it; `python -m bench report` has run the
commands and written this page from what they printed (`docs/benchmarks.json`). Absolute figures
belong to the machine that made them: generator and daemon share it, traffic goes over loopback
only. Ratios are between neighbours in one run, and carry further. The commands are there to be
run on yours; `python -m bench report --list` shows them all, `--only NAME` runs one and keeps the
rest.
"""


def page(kept: dict[str, Any], entries: Sequence[Entry]) -> str:
    """The whole page. ``kept``: what bench/report.py keeps, by name."""
    there = [entry for entry in entries if entry.name in kept]
    newest = max((kept[entry.name] for entry in there), key=lambda each: each["at"], default=None)
    lines = [HEAD, *_machine(newest), *_summary(kept, entries)]
    for section in dict.fromkeys(entry.section for entry in there):
        lines += ["", f"## {section}"]
        for entry in there:
            if entry.section == section:
                lines += _entry(entry, kept[entry.name], newest)
    return "\n".join(lines) + "\n"


def _machine(newest: dict[str, Any] | None) -> Iterator[str]:
    if newest is None:
        yield "Nothing has been measured yet."
        return
    yield "## Machine"
    yield ""
    yield "| What | |"
    yield "|---|---|"
    for name, value in newest["machine"].items():
        yield f"| {name} | {value} |"
    yield f"| packages | {_packages(newest['versions'])} |"
    yield ""


def _packages(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _summary(kept: dict[str, Any], entries: Sequence[Entry]) -> Iterator[str]:
    """One row for each promise. Ratio: how many times better than it must be."""
    yield "## What must be reached"
    yield ""
    yield (
        "*Ratio* is how many times better than it must be; above 1 is reached. A run that broke "
        "a promise on the way (a lost link, a frame not answered or not stored) is *failed*, "
        "whatever its figure. A *short form* is a smaller run than its line says."
    )
    yield ""
    yield "| What | Figure | Must | Aim | Ratio | Reached | Bench |"
    yield "|---|---|---|---|---|---|---|"
    for entry in entries:
        for figure in entry.figures:
            if figure.must is not None:
                yield _row(entry, figure, kept.get(entry.name))


def _row(entry: Entry, figure: Figure, found: dict[str, Any] | None) -> str:
    value = None if found is None else _value(figure, found)
    ratio, reached = _judged(figure, value, found)
    cells = (
        figure.label,
        "" if value is None else _shown(value, figure.unit),
        _shown(figure.must, figure.unit),
        _shown(figure.aim, figure.unit),
        ratio,
        reached,
        f"`{entry.name}`",
    )
    return f"| {' | '.join(cells)} |"


def _judged(figure: Figure, value: float | None, found: dict[str, Any] | None) -> tuple[str, str]:
    assert figure.must is not None
    if found is None:
        return "", "not measured"
    if found.get("quick"):
        return "", "short form, not judged"
    if value is None:
        return "", "failed"
    better = value / figure.must if figure.more else figure.must / value if value else 999.0
    ratio = f"{better:.2f}"
    if _problems(found):
        return ratio, "failed"
    if better < 1:
        return ratio, "**no**"
    aimed = figure.aim is None or (value >= figure.aim if figure.more else value <= figure.aim)
    return ratio, "yes, aim too" if aimed else "yes"


def _entry(entry: Entry, found: dict[str, Any], newest: dict[str, Any] | None) -> Iterator[str]:
    yield ""
    yield "```sh"
    yield f".venv/bin/{found['command']}"
    yield "```"
    yield ""
    if entry.note:
        yield entry.note
        yield ""
    figures = [(each, _value(each, found)) for each in entry.figures]
    if any(value is not None for _, value in figures):
        yield "| What | Figure |"
        yield "|---|---|"
        for figure, value in figures:
            if value is not None:
                yield f"| {figure.label} | {_shown(value, figure.unit)} |"
        yield ""
    for problem in _problems(found):
        yield f"* Problem: {problem}"
    yield from _circumstances(found, newest)


def _circumstances(found: dict[str, Any], newest: dict[str, Any] | None) -> Iterator[str]:
    """When it was, and what was different from the machine above."""
    short = ", a short form" if found.get("quick") else ""
    took = f", in {found['seconds']:.0f} s" if found.get("seconds") else ""
    text = f"`{found['at']}`{took}{short}."
    for what in ("machine", "versions"):
        before = {} if newest is None else newest[what]
        other = {n: v for n, v in found[what].items() if before.get(n) != v}
        if other:
            text += f" Then: {_packages(other)}."
    if found.get("remark"):
        text += f" {found['remark']}"
    yield text


def _problems(found: dict[str, Any]) -> list[str]:
    """What a bench said against itself; a bench of several cases has some for each."""
    if "error" in found:
        return [str(found["error"])]
    result = found.get("result", {})
    cases = {"": result, **{k: v for k, v in result.items() if isinstance(v, dict)}}
    problems = [
        f"{name}: {text}" if name else str(text)
        for name, each in cases.items()
        for text in (*each.get("problems", []), *each.get("violations", []))
    ]
    if not problems and found.get("status"):
        problems.append(f"it ended with status {found['status']}")
    return problems


def _value(figure: Figure, found: dict[str, Any]) -> float | None:
    value = figure_of(found.get("result"), figure.path)
    return None if value is None else value * figure.scale


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if abs(value) >= 1000:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return f"{text} {unit}".strip()
