"""Every request of every version, sent through a real daemon to instruments on real sockets.

What the run finds is the table of docs/commands.md; HJ212D_WRITE_DOCS=1 writes the page.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from asking import NEW_PASSWORD, arguments
from waiting import wait_until

from bench.daemon import PROGRAM, Daemon
from bench.fleet import Fleet
from bench.instruments import roster
from bench.instruments.behaviour import Behaviour
from bench.instruments.clock import moment
from bench.instruments.datalogger import DataLogger
from bench.instruments.state import State
from bench.instruments.station import Station
from hj212d.hub.client import ControlClient, ControlError
from hj212d.wire.requests import RequestSpec, requests
from store.registry.open import open_registry
from store.registry.records import DeviceRecord

# Taken out: a daemon refuses variables with its prefix that it does not know.
WRITES = os.environ.pop("HJ212D_WRITE_DOCS", "") == "1"
PAGE = Path(__file__).parents[2] / "docs/commands.md"
VERSIONS = ("2005", "2017", "2025")
KEY = b"0123456789abcdef"
CLOCK_OFF_S = 100.0
ENDED_WITHIN_S = 180.0
FINAL = ("done", "refused", "failed", "timeout", "expired", "cancelled")
Record = dict[str, Any]


def station(number: int, version: str, kind: str = "sewage", **changes: Any) -> Station:
    """One without habits, whose clock is wrong by more than the limit."""
    kinds = [each for each in roster.make(170, 2, odd_share=0) if each.kind == kind]
    plain = {"version": version, "habits": frozenset(), "key": b"", "send_delay_s": 0.1}
    plain |= {"clock_offset_s": CLOCK_OFF_S, "clock_drift_ppm": 0.0, "password": "123456"}
    plain |= {"minutes": 10, "mn": f"C0{number:022d}" if version != "2005" else f"C{number:013d}"}
    return msgspec.structs.replace(kinds[number % len(kinds)], **(plain | changes))


MAIN = {version: station(n, version) for n, version in enumerate(VERSIONS)}
MAIN["2025"] = msgspec.structs.replace(MAIN["2025"], key=KEY)
NOISE = station(3, "2025", "noise")
NAMELESS = station(4, "2025")
TWINS = [station(5, "2017"), station(5, "2017")]  # two instruments with one MN
STRAYING = {
    behaviour: station(10 + n, "2017", "air")
    for n, behaviour in enumerate(each for each in Behaviour if each is not Behaviour.ORDERLY)
}


class Site:
    """A daemon, its instruments, and a person who asks."""

    def __init__(self, daemon: Daemon, fleet: Fleet) -> None:
        self.daemon, self.fleet = daemon, fleet

    def logger(self, mn: str) -> DataLogger:
        """The instrument with this MN now."""
        return next(each for each in self.fleet.loggers if each.station.mn == mn)

    def send(self, mn: str, name: str, args: dict[str, Any] | None = None) -> Record:
        """Ask an instrument, and the command's record at its end."""
        record: Record = {}
        client = ControlClient(self.daemon.data / "control.sock", timeout_s=ENDED_WITHIN_S)
        lines = client.stream(
            "send", mn=mn, name=name, args=args or {}, wait_s=ENDED_WITHIN_S,
            silence_s=ENDED_WITHIN_S,
        )  # fmt: skip
        for line in lines:
            record = line.get("command") or record
        return record

    def record(self, number: int) -> Record:
        """A command's record as it is now."""
        found: Record = self.daemon.control.call("command", id=number)["command"]
        return found

    def latest(self, mn: str, cn: str) -> Record:
        """The record of the newest command with this CN, once it has ended."""

        def found() -> list[Record]:
            all_of: list[Record] = self.daemon.control.call("commands", mn=mn)["commands"]
            return [each for each in all_of if each["cn"] == cn and each["state"] in FINAL]

        wait_until(found, f"the end of a command {cn}")
        return found()[0]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The daemon, and one instrument of each version and of each bad habit."""
    folder = tmp_path_factory.mktemp("commands")
    members = [*MAIN.values(), NOISE, NAMELESS, *TWINS, *STRAYING.values()]
    data = folder / "data"
    data.mkdir()
    registry = open_registry(f"sqlite:///{data / 'registry.db'}", data / "registry.key")
    for each in STRAYING.values():  # silence is told sooner there
        registry.devices.put(DeviceRecord(each.mn, medium="ADSL"), "test")
    registry.close()
    config = folder / "hj212d.toml"
    named = [each for each in members if each not in (NAMELESS, TWINS[1])]
    config.write_text(
        "[commands]\nsettle_s = 0.2\npause_ms = 0\nexecution_s = 5.0\n"
        + roster.device_tables(named)
    )
    daemon = Daemon(data, config=config)
    ready = daemon.start()
    fleet = Fleet(
        members, ready.host, ready.port, seed=1, interval_s=2.0,
        behaviours={each.mn: behaviour for behaviour, each in STRAYING.items()},
        nameless=[NAMELESS.mn],
    )  # fmt: skip
    thread = threading.Thread(target=lambda: asyncio.run(fleet.run()))
    thread.start()
    try:
        known = {each.mn for each in members} - {NAMELESS.mn}
        wait_until(lambda: known <= _heard(daemon), "all instruments are known by their data")
        yield Site(daemon, fleet)
    finally:
        fleet.stop()
        thread.join()
        assert daemon.terminate() == 0


def _heard(daemon: Daemon) -> set[str]:
    """MNs whose ST and version the daemon has seen."""
    rows = daemon.control.call("devices")["devices"]
    return {each["mn"] for each in rows if each.get("st") and each.get("version")}


class Look(msgspec.Struct):
    """An instrument after a command, and the command's record."""

    state: State
    record: Record
    polid: str

    @property
    def cp(self) -> dict[str, str]:
        """Fields of the first data frame."""
        fields: dict[str, str] = self.record["data"][0]["cp"]
        return fields

    @property
    def records(self) -> int:
        """Records of history that came; one that is long has several packets."""
        return len({each["cp"]["DataTime"] for each in self.record["data"]})

    @property
    def deeds(self) -> list[str]:
        """What was done on this factor."""
        return [each.what for each in self.state.deeds if each.polid == self.polid]


def _near(one: float, other: float) -> bool:
    return abs(one - other) < 5


# What must be true after each request; data are compared with the instrument's own memory.
EFFECTS: dict[str, Callable[[Look], bool]] = {
    "set-timeouts": lambda at: (at.state.over_time_s, at.state.resends) == (7.0, 4),
    "set-alarm-time": lambda at: at.state.warn_time_min == 5,
    "set-mn": lambda at: at.state.activated and at.state.station.mn == "7" * 24,
    "read-clock": lambda at: _near(
        moment(at.cp["SystemTime"]) or 0.0, at.state.clock.read(time.time())
    ),
    "set-clock": lambda at: _near(at.state.clock.offset_s(time.time()), 0.0),
    "set-key": lambda at: at.state.station.key not in (b"", KEY),
    "read-alarm-limits": lambda at: f"{at.polid}-LowValue" in at.cp,
    "set-alarm-limits": lambda at: at.state.limits[at.polid] == (0.0, 0.001),
    "read-target": lambda at: at.cp["AlarmTarget"] == at.state.alarm_target,
    "set-target": lambda at: at.state.alarm_target == "3882599",
    "read-report-time": lambda at: at.cp["ReportTime"] == at.state.report_time,
    "set-report-time": lambda at: at.state.report_time == "0230",
    "read-realtime-interval": lambda at: at.cp["RtdInterval"] == f"{at.state.interval_s:.0f}",
    "set-realtime-interval": lambda at: at.state.interval_s == 120.0,
    "read-minute-interval": lambda at: at.cp["MinInterval"] == str(at.state.station.minutes),
    "set-minute-interval": lambda at: at.state.station.minutes == 5,
    "set-password": lambda at: at.state.station.password == NEW_PASSWORD,
    "start-realtime": lambda at: at.state.real_time,
    "stop-realtime": lambda at: not at.state.real_time,
    "start-state": lambda at: at.state.machines,
    "stop-state": lambda at: not at.state.machines,
    "electricity": lambda at: at.records == 12,
    "raw-data": lambda at: at.records == 24,
    "days": lambda at: at.records == 2,
    "running-time": lambda at: at.records == 2,
    "minutes": lambda at: at.records == 60 // at.state.station.minutes,
    "noise": lambda at: at.records == 1,
    "hours": lambda at: at.records == 1,
    "standard-check-data": lambda at: at.records == 2,
    "alarm-records": lambda at: at.records > 0,
    "calibrate": lambda at: "calibrate" in at.deeds,
    "sample": lambda at: "sample" in at.deeds,
    "clean": lambda at: "clean" in at.deeds,
    "comparison-sample": lambda at: "compare" in at.deeds,
    "set-sample-cycle": lambda at: at.state.hours[at.polid] == [4, 10, 16],
    "keep-sample": lambda at: "keep" in [each.what for each in at.state.deeds],
    "set-sampling-period": lambda at: at.state.cycles[at.polid] == ("013000", 3),
    "read-sampling-period": lambda at: at.cp["Ctime"] == "3",
    "read-delay": lambda at: int(at.cp["Stime"]) > 0,
    "read-id": lambda at: len(at.cp[f"{at.polid}-SN"]) == 24,
    "read-info": lambda at: float(at.cp["i13004-Info"]) >= 0,
    "set-parameter": lambda at: at.state.parameters[at.polid, "i13004"] == "168.0",
    "standard-check": lambda at: "check" in at.deeds,
}


class Found(msgspec.Struct):
    """What the run found: by command and version what went wrong ("" nothing), by behaviour the
    record of the same request."""

    faults: dict[tuple[str, str], str]
    straying: dict[str, Record]


def _carried_out(site: Site, spec: RequestSpec, version: str) -> str:
    """Send one and judge it; what is wrong, "" when nothing is."""
    who = {"noise": NOISE, "set-mn": NAMELESS}.get(spec.name, MAIN[version])
    logger = site.logger(who.mn)
    state = logger.state
    _before(spec, state)
    args = arguments(spec.name, state, time.time())
    heard = len(logger.answering.heard)
    try:
        record = _sent(site, spec, state, args)
    except (ControlError, AssertionError) as problem:
        return str(problem)
    if record["state"] != "done":
        return f"{record['state']}: {record['why']}"
    asked = [each for each in logger.answering.heard[heard:] if each.cn == spec.cn]
    if len(asked) != 1:
        return f"the instrument heard it {len(asked)} times"
    codes = (record["qn_rtn"], record["exe_rtn"])
    if codes != ((None, None) if spec.kind == "notice" else (1, 1)):
        return f"QnRtn and ExeRtn are {codes}"
    if {each["cn"] for each in record["data"]} != ({spec.results} if spec.results else set()):
        return f"data are {record['data']}"
    if spec.encrypted and args and state.station.key and not asked[0].encrypted:
        return "it left in plain"
    look = Look(state, record, next(iter(state.polids)))
    if EFFECTS[spec.name](look):
        return ""
    return f"no effect: {record['data']}, {site.daemon.control.call('command', id=record['id'])}"


def _before(spec: RequestSpec, state: State) -> None:
    """Put the instrument so that the request has something to change."""
    match spec.name:
        case "start-realtime":
            state.real_time = False
        case "start-state":
            state.machines = False


def _sent(site: Site, spec: RequestSpec, state: State, args: dict[str, Any]) -> Record:
    """By the way that this request has: two are not asked for by name."""
    control, mn = site.daemon.control, state.station.mn
    if spec.name == "set-key":
        control.call("keys", do="rotate", mn=mn)
        return site.latest(mn, spec.cn)
    if spec.name == "set-mn":
        (waiting,) = control.call("activations")["activations"]
        control.call("activate", id=waiting["id"], mn=args["MN"])
        return site.latest(args["MN"], spec.cn)
    return site.send(mn, spec.name, args)


@pytest.fixture(scope="module")
def found(site: Site) -> Found:
    """All of it, side by side: a line of requests for each version, one for each bad habit."""
    faults: dict[tuple[str, str], str] = {}
    straying: dict[str, Record] = {}

    def all_of(version: str) -> None:
        for spec in requests():
            if version in spec.versions:
                faults[spec.name, version] = _carried_out(site, spec, version)

    def stray(behaviour: Behaviour) -> None:
        straying[behaviour] = site.send(STRAYING[behaviour].mn, "read-clock")

    threads = [threading.Thread(target=all_of, args=(version,)) for version in VERSIONS]
    threads += [threading.Thread(target=stray, args=(each,)) for each in STRAYING]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for behaviour, record in straying.items():
        straying[behaviour] = site.record(record["id"])  # with what came after its end
    return Found(faults, straying)


def test_every_request_of_every_version(found: Found) -> None:
    """Sent, understood, carried out, told: its state, its codes, its data, its effect."""
    wanted = {(spec.name, version) for spec in requests() for version in spec.versions}
    assert set(found.faults) == wanted
    assert {at: fault for at, fault in found.faults.items() if fault} == {}
    assert {spec.name for spec in requests()} == set(EFFECTS)


@pytest.mark.parametrize(
    ("behaviour", "state", "qn_rtn", "exe_rtn", "answers"),
    [
        (Behaviour.NINE012_FIRST, "done", 1, 1, 1),
        (Behaviour.TWICE, "done", 1, 1, 1),
        (Behaviour.ONLY_9012, "done", None, 1, 1),
        (Behaviour.SLOW, "done", 1, 1, 1),
        (Behaviour.NEVER, "timeout", None, None, 0),
        (Behaviour.SILENT_AFTER_9011, "timeout", 1, None, 0),
        (Behaviour.BUSY, "failed", 1, 5, 0),
        (Behaviour.REFUSES, "refused", 2, None, 0),
        (Behaviour.WRONG_PW, "refused", 3, None, 0),
    ],
)
def test_instruments_that_stray(
    found: Found, behaviour: Behaviour, state: str, qn_rtn: int, exe_rtn: int, answers: int
) -> None:
    """What the record of the same request says with each."""
    record = found.straying[behaviour]
    assert (record["state"], record["qn_rtn"], record["exe_rtn"]) == (state, qn_rtn, exe_rtn)
    assert record["answers"] >= answers
    assert bool(record["why"]) == (state != "done")


def test_two_instruments_with_one_mn(site: Site) -> None:
    """The newer link is asked; one answer, and the other instrument hears nothing."""
    twins = [each for each in site.fleet.loggers if each.station.mn == TWINS[0].mn]
    record = site.send(TWINS[0].mn, "read-clock")
    assert record["state"] == "done"
    assert sorted(len(each.answering.heard) for each in twins) == [0, 1]


def test_the_same_by_command_line(site: Site) -> None:
    """`hj212d send` waits for the end and shows what was answered."""
    mn = MAIN["2017"].mn
    done = subprocess.run(
        [str(PROGRAM), "send", "--data", str(site.daemon.data), mn, "read-clock", "--json"],
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["state"] for each in steps][-1] == "done"
    assert steps[-1]["exe_rtn"] == 1


HEAD = """\
# Commands

What a platform can ask of an instrument, by version of the standard, and what came of it when it
was asked. `tests/system/test_every_command.py` sends each of these through a running daemon to a
simulated instrument of that version (bench/instruments), compares state, QnRtn, ExeRtn and data of
the record, and looks whether the instrument has done it; this page is written from that run
(`HJ212D_WRITE_DOCS=1`), and the test fails when they differ.

"""


STRAYING_HEAD = """
## Instruments that stray

The record of the same `read-clock` (2017, a link that counts as ADSL: 5 s, three resends;
`commands.execution_s = 5`) with instruments that answer as some do in the field
(bench/instruments/behaviour.py). A reply that comes after the outcome is known is an event of the
command (`hj212d command`). Of two instruments with one MN, the one on the newer link is asked.

"""


def page(found: Found) -> str:
    """The page as this run makes it."""
    lines = [HEAD, "| command | CN | what | kind | parameters | confidence | tested |\n"]
    lines.append("|---|---|---|---|---|---|---|\n")
    for spec in requests():
        tested = ", ".join(
            f"{version} {'no' if found.faults[spec.name, version] else 'yes'}"
            for version in spec.versions
        )
        takes = ", ".join(
            ("{}" if each.required else "[{}]").format(
                each.name + ("..." if each.repeated else "")
            )
            for each in spec.parameters
        )
        lines.append(
            f"| `{spec.name}` | {spec.cn} | {spec.name_en} | {spec.kind} | {takes} "
            f"| {spec.confidence.replace('_', ' ')} | {tested} |\n"
        )
    lines += [STRAYING_HEAD, "| instrument | state | QnRtn | ExeRtn | data | why |\n"]
    lines.append("|---|---|---|---|---|---|\n")
    for behaviour, record in sorted(found.straying.items()):
        codes = " | ".join(str(record[name] or "") for name in ("qn_rtn", "exe_rtn", "answers"))
        lines.append(f"| {behaviour} | {record['state']} | {codes} | {record['why']} |\n")
    return "".join(lines)


def test_the_page_says_what_was_found(found: Found) -> None:
    """docs/commands.md is the table of this run."""
    text = page(found)
    if WRITES:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text
