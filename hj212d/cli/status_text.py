"""The daemon's status for people. Tests: tests/cli/test_status_text.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from hj212d.cli.forward_text import targets_line
from hj212d.cli.sizes import show_bytes, show_count
from hj212d.cli.tables import aligned, print_table
from hj212d.cli.times import show_iso

_ALERTS_BEHIND_S = 10.0
_WORKER = ("worker", "state", "links", "identified", "frames", "acked", "memory", "cpu s", "files")


def print_status(status: Mapping[str, Any]) -> None:
    """What runs, what came, what was refused, journal, store, workers."""
    for line in aligned(_facts(status)):
        click.echo(line)
    if status["workers"]:
        click.echo()
        print_table(_WORKER, map(_worker, status["workers"]), right=_WORKER[2:])


def _facts(status: Mapping[str, Any]) -> list[tuple[str, str]]:
    journal, store = status["journal"], status["store"]
    stations = status.get("stations", {})
    rows = [
        ("running since", show_iso(status.get("started_at"))),
        ("listening", ", ".join(status.get("listen", []))),
        ("pages", status.get("http") or "none"),
        ("links", f"{_count(status['links'])}, identified {_count(status['links_identified'])}"),
        ("stations", _named(stations)),
        (
            "frames",
            f"{_count(status['frames_total'])} read, {_count(status['accepted_total'])} links "
            f"accepted, {_count(status['acked_total'])} acknowledged",
        ),
        ("rejected", _named(status["rejected"])),
        ("repairs", _named(status.get("repairs", {}))),
        ("conflicts", _named(status.get("conflicts", {}))),
        ("journal", _journal(journal)),
        ("store", _store(store)),
        ("registry", _registry(status.get("registry", {}))),
        ("forward", targets_line(status["forward"])),
        ("commands", _commands(status.get("commands", {}))),
        ("gaps", _gaps(status.get("completeness", {}))),
        ("bulletins", _bulletins(status.get("bulletins", {}))),
        ("alerts", _alerts(status.get("alerts", {}))),
        ("schedules", _schedules(status.get("schedules", {}))),
        ("codec", _codec(status)),
    ]
    return [(name, text) for name, text in rows if text]


def _bulletins(found: Mapping[str, Any]) -> str:
    if not found:
        return ""
    texts = [
        f"{show_count(found['published_total'])} published",
        f"{show_count(found['corrections_total'])} corrected",
        *([] if found["on"] else ["off"]),
        *([found["error"]] if found["error"] else []),
    ]
    return ", ".join(texts)


def _alerts(found: Mapping[str, Any]) -> str:
    if not found.get("on"):
        return "off" if found else ""
    texts = [f"incidents {_named(found['incidents']) or 'none'}"]
    waiting = {name: found["outbox"].get(name, 0) for name in ("waiting", "sending", "failed")}
    texts += [f"messages {_named(waiting)}"] if any(waiting.values()) else []
    if found["lag_seconds"] >= _ALERTS_BEHIND_S:
        texts.append(click.style(f"{found['lag_seconds']:.0f} s behind", fg="yellow"))
    if found["unusable_rules"]:
        named = ", ".join(sorted(found["unusable_rules"]))
        texts.append(click.style(f"rules that cannot be used: {named}", fg="yellow"))
    if found["faults_total"] or found["dropped_signals_total"]:
        faults = found["faults_total"] + found["dropped_signals_total"]
        texts.append(click.style(f"{show_count(faults)} faults of our own", fg="red"))
    if found["error"]:
        texts.append(click.style(found["error"], fg="yellow"))
    return ", ".join(texts)


def _schedules(found: Mapping[str, Any]) -> str:
    if not found.get("on"):
        return "off" if found else ""
    ranking, warnings = found["ranking"], found["warnings"]
    texts = [f"ranking of {ranking['period']} {ranking['state']}"] if ranking["period"] else []
    if warnings["warned"]:
        texts.append(click.style(f"warnings {', '.join(warnings['warned'])}", fg="yellow"))
    texts += [f"no warning: {why} ({count})" for why, count in warnings["why"].items()]
    if found["reviews"]["overdue"]:
        texts.append(f"plans to be reviewed: {', '.join(found['reviews']['overdue'])}")
    if found["error"]:
        texts.append(click.style(found["error"], fg="yellow"))
    return ", ".join(texts)


def _gaps(found: Mapping[str, Any]) -> str:
    if not found:
        return ""
    texts = [f"{show_count(found['gaps_open'])} open", f"{show_count(found['asked'])} asked for"]
    texts += [
        f"{show_count(found[f'{one}_total'])} {one.replace('_', ' ')}"
        for one in ("filled", "unavailable", "given_up")
        if found[f"{one}_total"]
    ]
    return ", ".join(texts) + ("" if found["fill"] else "; filling is off")


def _commands(commands: Mapping[str, Any]) -> str:
    texts = [
        f"{show_count(commands[one])} {one}" for one in ("queued", "sent") if commands.get(one)
    ]
    if commands.get("ended"):
        texts.append(_named(commands["ended"]))
    if commands.get("unwritten"):
        waiting = f"{show_count(commands['unwritten'])} changes wait for the registry"
        texts.append(click.style(waiting, fg="yellow"))
    return ", ".join(texts)


def _worker(worker: Mapping[str, Any]) -> tuple[str, ...]:
    state = worker.get("journal_state", "") if worker.get("connected", True) else "gone"
    memory = worker.get("rss_bytes")
    return (
        str(worker.get("slot", "")),
        "journal " + state if state in ("full", "failed") else state,
        _count(worker.get("links")),
        _count(worker.get("links_identified")),
        _count(worker.get("frames_total")),
        _count(worker.get("acked_total")),
        "" if memory is None else show_bytes(memory),
        f"{worker.get('cpu_s', 0.0):.1f}",
        _count(worker.get("fds")),
    )


def _journal(journal: Mapping[str, Any]) -> str:
    texts = [_state(journal.get("state", "")), f"sync {journal.get('sync', '')}"]
    if journal.get("sync") == "none":
        texts.append(click.style("acknowledged frames may be lost in a power cut", fg="yellow"))
    if journal.get("bytes") is not None:
        texts.append(show_bytes(journal["bytes"]))
    if journal.get("disk_free_bytes") is not None:
        texts.append(f"{show_bytes(journal['disk_free_bytes'])} free on its disk")
    if journal.get("mended_blocks"):
        texts.append(f"{show_count(journal['mended_blocks'])} blocks with a flipped bit mended")
    if journal.get("damaged_bytes"):
        lost = f"{show_bytes(journal['damaged_bytes'])} damaged and skipped"
        texts.append(click.style(lost, fg="red"))
    return ", ".join(text for text in texts if text)


def _store(store: Mapping[str, Any]) -> str:
    texts = [_state(store.get("state", "")), store["url"]]
    if store.get("error"):
        texts.append(str(store["error"]))
    if store["rows_total"] is not None:
        texts.append(f"{show_count(store['rows_total'])} rows")
    if store["lag_seconds"] is not None:
        texts.append(f"{store['lag_seconds']:.1f} s behind")
    if store.get("tidy"):
        texts.append(
            "tidy: " + ", ".join(f"{key} {value}" for key, value in store["tidy"].items())
        )
    return ", ".join(text for text in texts if text)


def _registry(registry: Mapping[str, Any]) -> str:
    if not registry:
        return ""
    texts = [_state(registry["state"]), registry["url"], registry["error"]]
    texts.append(f"{show_count(registry['devices'])} devices")
    return ", ".join(text for text in texts if text)


def _codec(status: Mapping[str, Any]) -> str:
    """``compiled``; when processes differ, how many use which: ``compiled 12, python 1``."""
    codecs = status.get("codecs", {})
    return _named(codecs) if len(codecs) > 1 else str(status["codec"])


def _state(state: str) -> str:
    return click.style(state, fg=_COLOURS.get(state, "red")) if state else ""


_COLOURS = {"ok": "green", "idle": "yellow", "opening": "yellow"}


def _named(counts: Mapping[str, Any]) -> str:
    """``known 3, online 2``: what is not nought."""
    return ", ".join(
        f"{name} {show_count(count)}"
        for name, count in counts.items()
        if _is_number(count) and count
    )


def _count(value: int | None) -> str:
    return "?" if value is None else show_count(value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
