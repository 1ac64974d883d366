"""The instrument that answers: every request of the tables, by version, and what it changes."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

import hj212d.wire
from bench.instruments import roster
from bench.instruments.answering import HANDLERS, Answering, Outgoing
from bench.instruments.behaviour import Behaviour, KeyMishap
from bench.instruments.clock import date_text, moment
from bench.instruments.envelope import Upload
from bench.instruments.state import State
from bench.instruments.station import Habit, Station
from hj212d.wire import build, sm4
from hj212d.wire.cutter import Cutter
from hj212d.wire.decode import decode
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason

NOON = 1_784_001_600.0  # 2026-07-14 12:00 in Beijing
QN = "20260714120000123"
VERSIONS = ("2005", "2017", "2025")
FLAG = {"2005": 1, "2017": 5, "2025": 9}
ONE_DAY = "BeginTime=20260713000000;EndTime=20260713000000"
KEY = b"0123456789abcdef"
HOUR = "BeginTime=20260714100000;EndTime=20260714105959"
DAYS = "BeginTime=20260711000000;EndTime=20260713235959"
COMMANDS = json.loads((Path(hj212d.wire.__file__).parent / "data/commands.json").read_text())

# CP of each request, as the standards' examples write it; {p} stands for a factor of the station.
CONTENT = {
    "1000": "OverTime=7;ReCount=4",
    "1001": "WarnTime=5",
    "1002": "i23005-Info={serial}",
    "1012": "SystemTime=20260714130000",
    "1014": "SKCreateTime=20260714120000123,NewSK=fedcba9876543210",
    "1021": "PolId={p}",
    "1022": "{p}-LowValue=1.1,{p}-UpValue=9.9",
    "1032": "AlarmTarget=3882599",
    "1042": "ReportTime=0230",
    "1062": "RtdInterval=120",
    "1064": "MinInterval=5",
    "1072": "NewPW=654321",
    "2013": DAYS,
    "2031": DAYS,
    "2041": DAYS,
    "2051": HOUR,
    "2052": DAYS,
    "2061": DAYS,
    "2062": DAYS,
    "2071": DAYS.replace(";", ","),
    "3011": "PolId={p},CalibrationType=0",
    "3012": "PolId={p}",
    "3013": "PolId={p}",
    "3014": "PolId={p}",
    "3016": "PolId={p};CstartTime=013000;Ctime=3",
    "3017": "PolId={p}",
    "3018": "PolId={p}",
    "3019": "PolId={p}",
    "3020": "PolId={p};InfoId=i13004",
    "3021": "PolId={p};InfoId=i13004;i13004-Info=168.0",
    "3022": "PolId={p}",
    "3024": "PolId={p}",
}
CONTENT_2005 = {
    "1072": "PW=654321",
    "3011": "PolId={p}",
    "3014": "PolId={p},CTime=04,CTime=10,CTime=16",
}
# The data that come before 9012, where there are any.
DATA = {
    **{cn: cn for cn in ("1011", "1021", "1031", "1041", "1061", "1063", "2013", "2031", "2041")},
    **{cn: cn for cn in ("2051", "2052", "2061", "2062", "2071", "3017", "3018", "3019", "3020")},
    "3015": "3015",
    "3022": "3015",
}
KIND = {"2052": "noise"}  # where a station of another kind has nothing


def station(version: str = "2017", kind: str = "sewage", **changes: object) -> Station:
    found = next(each for each in roster.make(85, 1, odd_share=0) if each.kind == kind)
    plain: dict[str, object] = {"version": version, "habits": frozenset(), "key": b""}
    plain |= {"clock_offset_s": 0.0, "clock_drift_ppm": 0.0, "password": "123456", "minutes": 10}
    return msgspec.structs.replace(found, **(plain | changes))


def instrument(
    who: Station, behaviour: Behaviour = Behaviour.ORDERLY, *, acknowledged: bool = False
) -> Answering:
    return Answering(State(who, NOON, interval_s=60), behaviour, acknowledged=acknowledged)


class Host:
    """The other side, by hand: frames as the standards print them."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.pieces: list[Outgoing] = []

    def frame(self, cn: str, cp: str | None = None, **fields: str) -> Frame:
        """A request as this instrument would read it."""
        who = self.answering.state.station
        if cp is None:
            known = CONTENT | (CONTENT_2005 if who.version == "2005" else {})
            cp = known.get(cn, "")
        polid = next(
            name for name, each in self.answering.state.polids.items() if each.code[0] != "x"
        )
        cp = cp.format(p=polid, serial=self.answering.state.serials["i23005"])
        plain = {"qn": QN, "st": who.st, "pw": who.password, "mn": who.mn}
        segment = build.segment(**(plain | fields), cn=cn, flag=FLAG[who.version], cp=cp)  # type: ignore[arg-type]
        return self.read(build.frame(segment))

    def read(self, raw: bytes) -> Frame:
        cutter = Cutter()
        (cut,) = cutter.feed(raw) + cutter.expire()
        return self.answering.read(cut)

    def ask(self, cn: str, cp: str | None = None, now: float = NOON, **fields: str) -> list[Frame]:
        """All that the instrument answers."""
        return self.send(self.frame(cn, cp, **fields), now)

    def send(self, frame: Frame, now: float = NOON) -> list[Frame]:
        self.pieces = list(self.answering.request(frame, now))
        return [self.read(each.data) for each in self.pieces]


def returned(frames: list[Frame]) -> list[str]:
    """CN and result of each, the data as their CN."""
    told = []
    for each in frames:
        value = each.cp.get("QnRtn") or each.cp.get("ExeRtn")
        told.append(f"{each.cn}={value}" if value else each.cn)
    return told


REQUESTS = [
    (version, entry["cn"], entry["kind"])
    for entry in COMMANDS
    if entry["direction"] == "host_to_field" and entry["kind"] != "reply"
    for version in entry["versions"]
]


def test_the_tables_and_the_instrument_know_the_same_requests() -> None:
    """Whatever a version has in the tables, an instrument of that version answers, and no more."""
    known = sorted((version, cn) for version, found in HANDLERS.items() for cn in found)
    assert known == sorted((version, cn) for version, cn, _ in REQUESTS)


@pytest.mark.parametrize(("version", "cn", "kind"), REQUESTS)
def test_every_request_is_answered_in_the_form_of_its_version(
    version: str, cn: str, kind: str
) -> None:
    """9011, the data, 9012, or 9013, with the QN of the request and nothing to repair."""
    who = station(version, KIND.get(cn, "sewage"))
    host = Host(instrument(who))
    if cn == "2071":
        polid = next(iter(host.answering.state.polids))
        host.ask("1022", f"{polid}-LowValue=0,{polid}-UpValue=0.001")
    frames = host.ask(cn)
    assert all(each.ok and not each.repairs and not each.warnings for each in frames)
    assert {each.mn for each in frames} == {who.mn}
    replies = [each for each in frames if each.cn.startswith("9")]
    data = [each for each in frames if not each.cn.startswith("9")]
    if kind == "notice":
        assert returned(frames) == ["9013"]
    else:
        assert returned(replies) == ["9011=1", "9012=1"]
        assert frames[0].cn == "9011"
        assert frames[-1].cn == "9012"
        assert {each.cn for each in data} == ({DATA[cn]} if cn in DATA else set())
    for each in replies:
        assert (each.st, each.pw, each.flag) == ("91", "123456", FLAG[version] - 1)
        assert each.qn == QN
        assert (b"CP=&&QN=" in each.raw) is (version == "2005")
    for each in data:
        assert each.version == version
        assert each.wants_answer is False
        own_exchange = each.cn.startswith("2") or cn == "3022"
        if not own_exchange:
            assert each.qn == QN
            assert (b"CP=&&QN=" in each.raw) is (version == "2005")


@pytest.mark.parametrize("version", VERSIONS)
def test_history_is_what_was_uploaded_then(version: str) -> None:
    """Six records of ten minutes, ends included, each with a QN of its own, in order."""
    frames = Host(instrument(station(version))).ask("2051")
    data = frames[1:-1]
    times = [(each.data_time_us or 0) / 1e6 for each in data]
    assert times == [NOON - 7200 + 600 * n for n in range(6)]
    qns = [each.qn for each in data]
    assert qns == sorted(set(qns))
    assert QN not in qns
    assert all(len(each.factors) == len(station(version).factors) for each in data)


def test_history_that_is_long_comes_in_packets() -> None:
    """PNUM and PNO count, and DataTime is repeated; every packet has its own QN."""
    who = station("2017", "flue", cp_limit=300)
    data = Host(instrument(who)).ask("2031", "BeginTime=20260713000000;EndTime=20260713000000")[
        1:-1
    ]
    assert len(data) > 2
    assert [(each.pnum, each.pno) for each in data] == [
        (len(data), n) for n in range(1, len(data) + 1)
    ]
    assert len({each.data_time_us for each in data}) == 1
    assert len({each.qn for each in data}) == len(data)


def test_history_may_ask_for_9014() -> None:
    """Each frame waits for its own; when it never comes, the logger gives up with ExeRtn=4."""
    host = Host(instrument(station(), acknowledged=True))
    frames = host.ask("2051")
    assert [each.awaits for each in host.pieces] == ["", *(f.qn for f in frames[1:-1]), ""]
    assert {each.flag for each in frames[1:-1]} == {5}
    exchange = host.answering.request(host.frame("2051"), NOON)
    pieces = [next(exchange), next(exchange), exchange.send(False)]
    assert returned([host.read(each.data) for each in pieces]) == ["9011=1", "2051", "9012=4"]


@pytest.mark.parametrize(
    ("version", "kind", "cn", "cp"),
    [
        ("2017", "sewage", "2051", "BeginTime=20270101000000;EndTime=20270102000000"),
        ("2017", "sewage", "2061", "BeginTime=20100101000000;EndTime=20100102000000"),
        ("2017", "air", "2041", DAYS),
        ("2025", "air", "2052", DAYS),
        ("2025", "noise", "2061", DAYS),
        ("2025", "air", "2013", DAYS),
        ("2025", "air", "2011", DAYS),
        ("2005", "sewage", "2071", DAYS),
    ],
)
def test_nothing_is_told_by_100(version: str, kind: str, cn: str, cp: str) -> None:
    """A range without records, or records that such a station never has."""
    frames = Host(instrument(station(version, kind))).ask(cn, cp)
    assert returned(frames) == ["9011=1", "9012=100"]


def test_electricity_of_the_past() -> None:
    """2011 with ST=44 and a range (2025): readings in that ST, and no change of the uploads."""
    host = Host(instrument(station("2025")))
    host.ask("2012")
    frames = host.ask("2011", HOUR, st="44")
    assert returned(frames) == ["9011=1", *["2011"] * 12, "9012=1"]
    assert {each.st for each in frames[1:-1]} == {"44"}
    assert not host.answering.state.real_time


def test_alarm_records_follow_the_limits() -> None:
    """1022 sets them, 1021 tells them, 2071 lists the readings beyond."""
    host = Host(instrument(station("2005")))
    assert returned(host.ask("1022", "060-LowValue=0,060-UpValue=0.01")) == ["9011=1", "9012=1"]
    told = host.ask("1021", "PolId=060")[1]
    assert told.factors["060"] == {"LowValue": "0", "UpValue": "0.01"}
    records = host.ask("2071", HOUR)[1:-1]
    assert 1 <= len(records) <= 6
    assert all(float(each.factors["060"]["Ala"]) > 0.01 for each in records)


def test_the_clock_is_read_and_set() -> None:
    """SystemTime is the device's; set, it shows the new time and goes on from there."""
    host = Host(instrument(station(clock_offset_s=-2400.0)))
    assert host.ask("1011")[1].cp["SystemTime"] == date_text(NOON - 2400)
    host.ask("1012", f"SystemTime={date_text(NOON)}")
    assert host.ask("1011", now=NOON + 60)[1].cp["SystemTime"] == date_text(NOON + 60)
    assert host.answering.state.clock.times_set == 1
    host.ask("1012", "PolId=w01018;SystemTime=20260714130000")
    assert host.ask("1011", "PolId=w01018")[1].cp["SystemTime"] == "20260714130000"
    assert host.ask("1011")[1].cp["SystemTime"] == date_text(NOON)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_password_counts_after_its_result(version: str) -> None:
    """The result still has the old one; then the old one is refused with QnRtn=3."""
    host = Host(instrument(station(version)))
    assert {each.pw for each in host.ask("1072")} == {"123456"}
    assert returned(host.ask("1011", pw="123456")) == ["9011=3"]
    assert returned(host.ask("1011")) == ["9011=1", "1011", "9012=1"]
    assert host.ask("1012", pw="123456")[0].cp["QnRtn"] == "3"
    assert host.ask("2012", pw="123456") == []
    assert host.answering.state.station.password == "654321"


def test_settings_are_told_as_they_were_set() -> None:
    """Intervals, timeouts, parameters, cycles: what was set comes back."""
    host = Host(instrument(station()))
    state = host.answering.state
    for cn in ("1000", "1062", "1064", "3016", "3021"):
        assert returned(host.ask(cn))[-1] == "9012=1", cn
    assert (state.over_time_s, state.resends) == (7.0, 4)
    assert host.ask("1061")[1].cp["RtdInterval"] == "120"
    assert host.ask("1063")[1].cp["MinInterval"] == "5"
    assert host.ask("3017")[1].cp["CstartTime"] == "013000"
    assert host.ask("3020")[1].factors["i13004"]["Info"] == "168.0"
    assert len(host.ask("2051")[1:-1]) == 12


def test_settings_of_2005() -> None:
    """Target, report time, alarm time, hours of sampling."""
    host = Host(instrument(station("2005")))
    state = host.answering.state
    for cn in ("1001", "1032", "1042", "3014"):
        assert returned(host.ask(cn))[-1] == "9012=1", cn
    assert host.ask("1031")[1].cp["AlarmTarget"] == "3882599"
    assert host.ask("1041")[1].cp["ReportTime"] == "0230"
    assert state.warn_time_min == 5
    assert list(state.hours.values()) == [[4, 10, 16]]


def test_uploads_are_switched() -> None:
    """2012 and 2022 by 9013, 2011 and 2021 by 9011 and 9012."""
    host = Host(instrument(station()))
    state = host.answering.state
    assert returned(host.ask("2012") + host.ask("2022")) == ["9013", "9013"]
    assert not state.real_time
    assert not state.machines
    host.ask("2011")
    host.ask("2021")
    assert state.real_time
    assert state.machines


def test_operations_are_remembered_and_logged() -> None:
    """Each leaves a deed, a line of the log, and bottles are counted."""
    host = Host(instrument(station("2025")))
    for cn in ("3011", "3012", "3013", "3024"):
        host.ask(cn)
    bottles = [host.ask("3022")[1].cp["VaseNo"] for _ in range(2)]
    assert bottles == ["1", "2"]
    deeds = Counter(each.what for each in host.answering.state.deeds)
    assert deeds == {"calibrate": 1, "sample": 1, "clean": 1, "check": 1, "keep": 2}
    polid = host.answering.state.deeds[0].polid
    log = host.ask(
        "3020",
        f"PolId={polid};InfoId=i11001;BeginTime=20260714115900;EndTime=20260714120100",
        now=NOON + 10,
    )
    assert len(log[1:-1]) == 6
    checked = [each for each in host.ask("2062", now=NOON + 10)[1:-1] if "w21003" in each.factors]
    assert checked


@pytest.mark.parametrize(
    ("cn", "cp"),
    [
        ("1000", "OverTime=0;ReCount=3"),
        ("1012", "SystemTime=20261301000000"),
        ("1012", ""),
        ("1062", "RtdInterval=10"),
        ("1064", "MinInterval=7"),
        ("1072", "NewPW=1234567"),
        ("2051", "BeginTime=20260714110000;EndTime=20260714100000"),
        ("2051", ""),
        ("3011", "PolId=zzz"),
        ("3016", "PolId={p};CstartTime=250000;Ctime=3"),
        ("3021", "PolId={p};InfoId=i12001;i12001-Info=1"),
    ],
)
def test_what_cannot_be_done_is_told_by_3(cn: str, cp: str) -> None:
    """A value out of bounds, a missing one, an unknown factor: the condition is wrong."""
    assert returned(Host(instrument(station())).ask(cn, cp)) == ["9011=1", "9012=3"]
    if cn in HANDLERS["2005"]:
        frames = Host(instrument(station("2005"))).ask(cn, cp.replace("NewPW", "PW"))
        if cn != "1000":
            assert returned(frames) == ["9011=1", "9012=2"]


def test_wrong_requests_are_refused_by_their_number() -> None:
    """MN, ST, version, QN and CN that are not this instrument's; 2005 says 2 to all."""
    host = Host(instrument(station()))
    assert returned(host.ask("1011", mn="0" * 24)) == ["9011=4"]
    assert returned(host.ask("1011", st="22")) == ["9011=5"]
    assert returned(host.ask("1011", qn="now")) == ["9011=7"]
    assert returned(host.ask("1021")) == ["9011=8"]
    wrong = host.frame("1011")
    wrong.flag = 9
    assert returned(host.send(wrong)) == ["9011=6"]
    assert returned(Host(instrument(station("2005"))).ask("1063")) == ["9011=2"]


def test_replies_and_broken_frames_are_never_answered() -> None:
    """Two peers that answer answers would go on for ever (D10)."""
    host = Host(instrument(station()))
    for cn in ("9011", "9012", "9013", "9014", "9015"):
        assert host.ask(cn) == []
    broken = host.frame("1011")
    broken.reason = Reason.CRC_WRONG
    assert host.send(broken) == []


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (Behaviour.ORDERLY, ["9011=1", "1011", "9012=1"]),
        (Behaviour.NINE012_FIRST, ["1011", "9012=1", "9011=1"]),
        (Behaviour.TWICE, ["9011=1", "9011=1", "1011", "1011", "9012=1", "9012=1"]),
        (Behaviour.ONLY_9012, ["1011", "9012=1"]),
        (Behaviour.SLOW, ["9011=1", "1011", "9012=1"]),
        (Behaviour.NEVER, []),
        (Behaviour.SILENT_AFTER_9011, ["9011=1"]),
        (Behaviour.BUSY, ["9011=1", "9012=5"]),
        (Behaviour.REFUSES, ["9011=2"]),
        (Behaviour.WRONG_PW, ["9011=3"]),
    ],
)
def test_behaviours(behaviour: Behaviour, expected: list[str]) -> None:
    """How each of them answers the same request."""
    host = Host(instrument(station(), behaviour))
    assert returned(host.ask("1011")) == expected
    late = 2.0 if behaviour is Behaviour.SLOW else 0.0
    assert {each.delay_s for each in host.pieces} <= {late}


def test_some_reply_as_if_they_sent_data() -> None:
    """ST of the station, a Flag that asks for an answer (D10)."""
    host = Host(instrument(station(habits=frozenset([Habit.REPLIES_AS_DATA]))))
    replies = [each for each in host.ask("1011") if each.cn.startswith("9")]
    assert {(each.st, each.flag) for each in replies} == {("32", 5)}


def encrypted(host: Host, cn: str, key: bytes, cp: str | None = None) -> Frame:
    """A request under this key, as the instrument reads it."""
    plain = host.frame(cn, cp)
    segment = plain.raw[6:-4]
    return host.read(plain.raw[:6] + sm4.encrypt_cp(segment, key) + plain.raw[-4:] + b"\r\n")


def test_a_new_key_counts_from_its_result_on() -> None:
    """1014 under the old key; then data come under the new one, and the old one opens nothing."""
    host = Host(instrument(station("2025", key=KEY)))
    assert returned(host.send(encrypted(host, "1014", KEY))) == ["9011=1", "9012=1"]
    new = host.answering.state.station.key
    assert new == b"fedcba9876543210"
    frames = host.send(encrypted(host, "2051", new))
    assert all(each.ok and each.encrypted for each in frames[1:-1])
    assert host.send(encrypted(host, "2051", KEY)) == []
    assert returned(host.ask("1014")) == ["9011=2"]  # in plain
    assert returned(host.ask("2051"))[-1] == "9012=1"  # a request may be plain


def test_the_first_key_comes_in_plain() -> None:
    """A logger without a key has nothing to hide it with."""
    host = Host(instrument(station("2025")))
    assert returned(host.ask("1014")) == ["9011=1", "9012=1"]
    assert host.answering.state.station.key == b"fedcba9876543210"


@pytest.mark.parametrize(
    ("mishap", "expected", "taken"),
    [
        (KeyMishap.TAKEN_IN_SILENCE, ["9011=1"], True),
        (KeyMishap.LOST_IN_SILENCE, ["9011=1"], False),
        (KeyMishap.DONE_BUT_LOST, ["9011=1", "9012=1"], False),
    ],
)
def test_keys_that_are_lost_half_way(mishap: KeyMishap, expected: list[str], taken: bool) -> None:
    """Power fails around a change of keys; the next change goes well."""
    host = Host(instrument(station("2025", key=KEY)))
    host.answering.state.key_mishap = mishap
    assert returned(host.send(encrypted(host, "1014", KEY))) == expected
    assert (host.answering.state.station.key != KEY) is taken
    key = host.answering.state.station.key
    assert returned(host.send(encrypted(host, "1014", key))) == ["9011=1", "9012=1"]


def notice(upload: Upload, key: bytes = b"") -> Frame:
    cutter = Cutter()
    (cut,) = cutter.feed(upload.raw)
    return decode(cut, Device(keys=(key,) if key else ()))


def test_a_logger_asks_for_its_name() -> None:
    """1001 with an empty MN each minute until 1002 gives one to its serial number."""
    state = State(station("2025"), NOON, activated=False)
    host = Host(Answering(state, asks_clock=True))
    (upload,) = host.answering.notices(NOON)
    assert host.answering.notices(NOON + 59) == []
    assert len(host.answering.notices(NOON + 60)) == 1
    serials = notice(upload)
    assert (serials.cn, serials.mn, upload.reply_cn) == ("1001", "", "9013")
    assert serials.factors["i23005"]["Info"] == state.serials["i23005"]
    new = "7" * 24
    assert returned(host.ask("1002", "i23005-Info=another", mn=new)) == ["9011=2"]
    named = host.ask("1002", mn=new)
    assert returned(named) == ["9011=1", "9012=1"]
    assert {each.mn for each in named} == {new}
    assert state.station.mn == new
    assert state.activated
    assert [each.cn for each in host.answering.notices(NOON + 120)] == ["1013"]


def test_a_logger_asks_for_time_and_key() -> None:
    """1013 once a day, 1014 under its key when that is old."""
    state = State(station("2025", key=KEY), NOON)
    answering = Answering(state, asks_clock=True, asks_key=True)
    clock, key = answering.notices(NOON)
    assert notice(clock).cn == "1013"
    asked = notice(key, KEY)
    assert (asked.cn, asked.encrypted) == ("1014", True)
    assert moment(asked.cp["SKCreateTime"]) == NOON - 91 * 86400
    assert answering.notices(NOON + 3600) == []
    assert [each.cn for each in answering.notices(NOON + 86400)] == ["1013"]
    assert Answering(State(station("2005"), NOON), asks_clock=True).notices(NOON) == []


def test_qns_of_an_instrument_never_repeat() -> None:
    """Also when the clock stands still for the caller."""
    host = Host(instrument(station()))
    frames = host.ask("2051")[1:-1] + host.ask("2061")[1:-1]
    qns = [each.qn for each in frames]
    assert all(one < two for one, two in pairwise(qns))
