"""What `hj212d check` looks at: one function a question, each gives a finding.

A check changes nothing. What depends on a failed question is left out.
Tests: tests/cli/test_check_command.py.
"""

from __future__ import annotations

import os
import resource
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hj212d.cli import compiled, open_files
from hj212d.cli.answers import Answers, NoDaemonRuns
from hj212d.cli.here import Here
from hj212d.cli.refusal import Refusal
from hj212d.cli.sizes import show_bytes, show_count
from hj212d.cli.times import show_us
from hj212d.config import places
from hj212d.config.addresses import parse_listen
from hj212d.config.model import Config
from store.registry.place import shown, sqlite_file

OK, WARN, FAIL = "ok", "warn", "fail"

_EARLIEST_S = 1_767_225_600  # 2026-01-01 UTC
_QUICK_JOURNAL_BYTES = 1024 * 1024 * 1024
_LAG_WARN_S = 60.0


class Finding(msgspec.Struct, frozen=True):
    """``state``: ok, warn or fail; ``what``: the question; ``detail``: the answer."""

    state: str
    what: str
    detail: str


def findings(here: Here) -> Iterator[Finding]:
    """The answers in order; a configuration that cannot be used ends them."""
    try:
        config = here.config()
    except Refusal as refusal:
        yield Finding(FAIL, "configuration", str(refusal))
        return
    file = str(here.config_path) if here.config_path else "no file, all defaults"
    yield Finding(OK, "configuration", f"{file}; {len(config.devices)} devices")
    if here.config_path:
        yield secrets(config, here.config_path)
    yield clock(time.time())
    yield codec()
    yield links(config, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    yield data_folder(here.data)
    if here.data.is_dir():
        yield disk_space(config, places.journal_dir(config, here.data), here.data)
        yield journal(places.journal_dir(config, here.data))
    yield from daemon_and_store(Answers(here))


def secrets(config: Config, path: Path) -> Finding:
    """Whether others can read a file that holds passwords, keys or tokens."""
    holds = bool(
        config.hub.api_tokens
        or any(device.password or device.keys for device in config.devices)
        or any(each.set_pw or each.set_key or each.token or each.url for each in config.forwards)
    )
    if holds and path.stat().st_mode & 0o004:
        return Finding(WARN, "secrets", f"every user can read {path}: chmod o-r")
    return Finding(OK, "secrets", "not readable by everybody" if holds else "none in the file")


def clock(now_s: float) -> Finding:
    """Whether the machine's clock can be right: receive times come from it."""
    shown = f"{show_us(int(now_s) * 1_000_000)} in Beijing"
    if now_s < _EARLIEST_S:
        return Finding(FAIL, "clock", f"{shown} is in the past: receive times would be wrong")
    return Finding(OK, "clock", shown)


def codec() -> Finding:
    """Whether the compiled modules do the work."""
    text = compiled.notice()
    return Finding(WARN, "codec", text) if text else Finding(OK, "codec", "compiled")


def links(config: Config, limit: int) -> Finding:
    """Whether link.max_links fits into ``limit`` open files a process."""
    listeners = sum(len(parse_listen(text).ports) for text in config.link.listen)
    processors = len(os.sched_getaffinity(0))
    try:
        plan = open_files.plan(
            config.link.workers, config.link.max_links, limit, listeners, processors
        )
    except open_files.TooManyLinks as error:
        return Finding(FAIL, "open files", str(error))
    return Finding(
        OK,
        "open files",
        f"limit {show_count(limit)} a process: {show_count(plan.links)} links "
        f"in {plan.workers} workers",
    )


def data_folder(data: Path) -> Finding:
    """Whether the data folder is there and ours to write."""
    if not data.exists():
        parent = data.absolute().parent
        if parent.is_dir() and os.access(parent, os.W_OK):
            return Finding(WARN, "data folder", f"{data} is not there yet; serve makes it")
        return Finding(FAIL, "data folder", f"{data} is not there and cannot be made")
    if not data.is_dir():
        return Finding(FAIL, "data folder", f"{data} is no folder")
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return Finding(FAIL, "data folder", f"this user may not write {data}")
    return Finding(OK, "data folder", str(data))


def disk_space(config: Config, journal_dir: Path, data: Path) -> Finding:
    """Whether the journal's disk has room: above min_free_bytes, and for max_bytes to come."""
    folder = journal_dir if journal_dir.is_dir() else data
    free = shutil.disk_usage(folder).free
    least = config.journal.min_free_bytes
    if free <= least:
        return Finding(
            FAIL,
            "disk space",
            f"{show_bytes(free)} free, journal.min_free_bytes is {show_bytes(least)}: "
            "nothing is received",
        )
    wanted = config.journal.max_bytes - _size_of(journal_dir)
    if config.journal.max_bytes and free - least < wanted:
        return Finding(
            WARN,
            "disk space",
            f"{show_bytes(free)} free, the journal may still grow by {show_bytes(wanted)}",
        )
    return Finding(OK, "disk space", f"{show_bytes(free)} free")


def journal(journal_dir: Path) -> Finding:
    """Whether the journal is whole; a large one only by the heads of its blocks."""
    from hj212d.journal import inspect

    if not journal_dir.is_dir():
        return Finding(OK, "journal", "empty")
    if _size_of(journal_dir) > _QUICK_JOURNAL_BYTES:
        listing = inspect.ls(journal_dir)
        records = sum(segment.records for lane in listing for segment in lane.segments)
        return Finding(
            OK, "journal", f"{show_count(records)} records by its heads; all: hj212d journal check"
        )
    result = inspect.check(journal_dir)
    facts = f"{show_count(result.records)} records in {show_bytes(result.bytes)}"
    if result.ok:
        return Finding(OK, "journal", facts)
    serious = [one for one in result.findings if not one.mendable and not one.tail]
    state = FAIL if serious or result.damaged_cursors else WARN
    return Finding(
        state, "journal", f"{facts}; {len(result.findings)} damaged places: hj212d journal check"
    )


def daemon_and_store(answers: Answers) -> Iterator[Finding]:
    """Whether the daemon answers and its store keeps up; without one, whether the store opens."""
    try:
        status = answers.status()
    except NoDaemonRuns:
        yield Finding(WARN, "daemon", "not running")
        yield _store_itself(answers)
        yield _registry_itself(answers)
        return
    except Refusal as refusal:
        yield Finding(FAIL, "daemon", str(refusal))
        return
    yield from of_daemon(status)


def of_daemon(status: dict[str, Any]) -> list[Finding]:
    """What the daemon's status says of itself: that it answers, its intake, its store."""
    links, frames = show_count(status["links"]), show_count(status["frames_total"])
    found = [
        Finding(OK, "daemon", f"{links} links, {frames} frames"),
        _journal_of(status),
        _store_of(status),
    ]
    if "registry" in status:
        found.append(_registry_of(status["registry"]))
    return [*found, *map(_target_of, status.get("forward", ()))]


def _journal_of(status: dict[str, Any]) -> Finding:
    state = status["journal"].get("state", "ok")
    verdict = {"ok": OK, "idle": WARN}.get(state, FAIL)
    return Finding(verdict, "intake", f"journal {state}")


def _store_of(status: dict[str, Any]) -> Finding:
    store = status["store"]
    state = store.get("state", "ok")
    if state not in ("ok", "opening"):
        return Finding(FAIL, "store", f"{state}: {store.get('error', '')}")
    lag_s = store["lag_seconds"] or 0.0
    rows = show_count(store["rows_total"] or 0)
    verdict = WARN if lag_s > _LAG_WARN_S else OK
    return Finding(verdict, "store", f"{rows} rows, {lag_s:.0f} s behind")


def _registry_of(registry: dict[str, Any]) -> Finding:
    if registry["state"] == "unavailable":
        return Finding(FAIL, "registry", registry["error"])
    return Finding(OK, "registry", f"{show_count(registry['devices'])} devices")


def _target_of(target: dict[str, Any]) -> Finding:
    state, dead = target["state"], target["dead"]
    facts = f"{state}, {show_bytes(target['lag_bytes'] or 0)} behind"
    if target["error"]:
        facts += f": {target['error']}"
    if dead:
        facts += f"; {show_count(dead)} dead letters: hj212d forward dead {target['name']}"
    well = state in ("up", "connecting", "paused") and not dead
    return Finding(OK if well else WARN, f"forward {target['name']}", facts)


def _registry_itself(answers: Answers) -> Finding:
    from store.registry.checking import problems

    url = places.registry_url(answers.config, answers.data)
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return Finding(WARN, "registry", "not there yet; the daemon makes it")
    found = problems(url, places.registry_key(answers.config, answers.data))
    return (
        Finding(FAIL, "registry", "; ".join(found))
        if found
        else Finding(OK, "registry", shown(url))
    )


def _store_itself(answers: Answers) -> Finding:
    if not (answers.data / places.STORE_FILE).exists() and not answers.config.store.url:
        return Finding(WARN, "store", "not there yet; the daemon makes it")
    try:
        with answers.store() as store:
            totals = store.totals()
    except Refusal as refusal:
        return Finding(FAIL, "store", str(refusal))
    return Finding(
        OK, "store", f"{show_count(totals['frames'])} frames, {show_count(totals['samples'])} rows"
    )


def _size_of(folder: Path) -> int:
    """Bytes of the files under a folder; files that go meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total
