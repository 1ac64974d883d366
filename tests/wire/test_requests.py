"""The requests of a host: every one builds, reads back, and stands in the table of commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_samples import ANNEX_A, read

from hj212d.wire import requests, sm4, tables
from hj212d.wire.frame import Device
from hj212d.wire.requests import RequestSpec
from hj212d.wire.values import time_us

MN = "010000A8900016F000169DC0"
QN = "20240601085857223"
EXAMPLES: dict[str, str | list[str]] = {
    "OverTime": "5", "ReCount": "3", "WarnTime": "5", "MN": MN,
    "i23005-Info": "6970000000001ABCDEFG1234", "PolId": "w01018",
    "SystemTime": "20240601085857", "SKCreateTime": "20240601085857223",
    "NewSK": "0000000000000000", "xxx-LowValue": "1.1", "xxx-UpValue": "9.9",
    "AlarmTarget": "3882566", "ReportTime": "0101", "RtdInterval": "30", "MinInterval": "10",
    "PW": "654321", "NewPW": "654321", "BeginTime": "20240601080000",
    "EndTime": "20240601090000", "CalibrationType": "0", "CstartTime": "000000", "CTime": "04",
    "Ctime": "2", "InfoId": "i13004", "xxx-Info": "168.0",
}  # fmt: skip
FORMS = [(spec, version) for spec in requests.requests() for version in spec.versions]


def arguments(spec: RequestSpec) -> dict[str, str | list[str]]:
    """An example of each of its parameters."""
    return {
        parameter.name.replace("xxx", "w01018"): EXAMPLES[parameter.name]
        for parameter in spec.parameters
    }


def built(name: str, version: str, args: dict[str, str | list[str]], **changes: str) -> bytes:
    """The frame of a request, with the header of the standards' examples."""
    spec = requests.find(name, version)
    assert spec is not None
    header = {"qn": QN, "st": "32", "pw": "123456", "mn": MN, **changes}
    return requests.build_request(spec, version=version, args=args, **header)


@pytest.mark.parametrize(("spec", "version"), FORMS, ids=[f"{s.name}-{v}" for s, v in FORMS])
def test_every_request_reads_back(spec: RequestSpec, version: str) -> None:
    """Each is a whole frame without repairs, with its CN, the Flag of its version and its
    arguments."""
    args = arguments(spec)
    raw = requests.build_request(
        spec, version=version, qn=QN, st="32", pw="123456", mn=MN, args=args
    )
    frame = read(raw)
    assert frame.ok
    assert frame.cn == spec.cn
    assert frame.flag == {"2005": 1, "2017": 5, "2025": 9}[version]
    assert frame.st == (spec.st or "32")
    args.pop("MN", None)
    assert dict(frame.items) == args


def test_every_command_of_the_host_is_a_request() -> None:
    """No CN from host to field is forgotten, in any version; 9013 and 9014 are answers."""
    known = {(spec.cn, version) for spec, version in FORMS}
    table = {
        (command.cn, version)
        for command in tables.commands()
        if command.direction == "host_to_field" and command.kind != "reply"
        for version in command.versions
    }
    assert known == table


def test_names_and_cns_find_one_form() -> None:
    """A name has one form a version; a CN is told by its version; ST 44 has a name of its own."""
    for version in ("2005", "2017", "2025"):
        names = [spec.name for spec in requests.requests() if version in spec.versions]
        assert len(names) == len(set(names))
        for name in names:
            spec = requests.find(name, version)
            assert spec is not None
            assert requests.find(spec.cn, version) is not None
    old, new = requests.find("3014", "2005"), requests.find("3014", "2017")
    assert old is not None
    assert new is not None
    assert (old.name, new.name) == ("set-sample-cycle", "comparison-sample")
    realtime = requests.find("2011", "2025")
    assert realtime is not None
    assert realtime.name == "start-realtime"
    assert requests.find("set-key", "2017") is None
    assert requests.find("no-such", "2017") is None
    assert requests.near("set-clok")[0] == "set-clock"


@pytest.mark.parametrize(
    ("frame", "name", "version", "args"),
    [
        (ANNEX_A, "set-realtime-interval", "2017", {"RtdInterval": "30"}),
        (
            b"##0087QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;"
            b"Flag=9;CP=&&&&2200\r\n",  # HJ 212-2025, A.1
            "read-clock", "2025", {},
        ),
        (
            b"##0123QN=20240601085857223;ST=32;CN=1002;PW=123456;MN=010000A8900016F000169DC0;"
            b"Flag=9;CP=&&i23005-Info=6970000000001ABCDEFG1234&&6FC0\r\n",
            "set-mn", "2025", {"MN": MN, "i23005-Info": "6970000000001ABCDEFG1234"},
        ),
        (
            b"##0140QN=20240601085857223;ST=32;CN=1014;PW=123456;MN=010000A8900016F000169DC0;"
            b"Flag=9;CP=&&SKCreateTime=20240601085857223,NewSK=0000000000000000&&EA41\r\n",
            "set-key", "2025", {"SKCreateTime": QN, "NewSK": "0" * 16},
        ),
        (
            b"##0134QN=20240601085857223;ST=44;CN=2011;PW=123456;MN=010000A8900016F000169DC0;"
            b"Flag=9;CP=&&BeginTime=20240601064500;EndTime=20240601084500&&C741\r\n",
            "electricity", "2025", {"BeginTime": "20240601064500", "EndTime": "20240601084500"},
        ),
        (
            b"##0117QN=20240601085857223;ST=32;CN=3011;PW=123456;MN=010000A8900016F000169DC0;"
            b"Flag=9;CP=&&PolId=w01018,CalibrationType=0&&9301\r\n",
            "calibrate", "2025", {"PolId": "w01018", "CalibrationType": "0"},
        ),
    ],
    ids=["annex A 2017", "annex A 2025", "set MN", "set key", "electricity", "calibration"],
)  # fmt: skip
def test_examples_byte_for_byte(
    frame: bytes, name: str, version: str, args: dict[str, str | list[str]]
) -> None:
    """What public examples of the standards show."""
    changes = {} if version == "2025" else {"qn": "20160801085857223", "pw": "100000"}
    assert built(name, version, args, **changes) == frame


@pytest.mark.parametrize(
    ("name", "args", "content"),
    [
        ("minutes", {"BeginTime": "20170506010001", "EndTime": "20170506150030"},
         "BeginTime=20170506010001,EndTime=20170506150030"),
        ("set-sample-cycle", {"PolId": "101", "CTime": ["4", "10", "14", "16"]},
         "PolId=101,CTime=04,CTime=10,CTime=14,CTime=16"),
        ("set-alarm-limits", {"101-LowValue": "1.1", "102-LowValue": "1.1", "101-UpValue": "9.9",
                              "102-UpValue": "9.9"},
         "101-LowValue=1.1,101-UpValue=9.9;102-LowValue=1.1,102-UpValue=9.9"),
        ("set-password", {"NewPW": "654321"}, "PW=654321"),
        ("set-target", {"ReportTarget": "3882566"}, "AlarmTarget=3882566"),
        ("read-alarm-limits", {"PolId": ["101", "102"]}, "PolId=101;PolId=102"),
        ("read-clock", {}, ""),
    ],
)  # fmt: skip
def test_forms_of_2005(name: str, args: dict[str, str | list[str]], content: str) -> None:
    """Commas, the password's name and repeated fields as public data of 2005 have them."""
    spec = requests.find(name, "2005")
    assert spec is not None
    assert requests.content(spec, "2005", args) == content


def test_an_encrypted_request_keeps_the_length_and_crc_of_its_plain_frame() -> None:
    """HJ 212-2025, A.2: only whole blocks of CP change, and the device's key reads it back."""
    key = b"0" * 16
    args: dict[str, str | list[str]] = {"SKCreateTime": QN, "NewSK": "abcdefghijklmnop"}
    spec = requests.find("set-key", "2025")
    assert spec is not None
    header = {"version": "2025", "qn": QN, "st": "32", "pw": "123456", "mn": MN, "args": args}
    plain = requests.build_request(spec, **header)  # type: ignore[arg-type]
    sealed = requests.build_request(spec, **header, key=key)  # type: ignore[arg-type]
    assert (sealed[:6], sealed[-6:]) == (plain[:6], plain[-6:])
    assert sm4.decrypt_cp(sealed[6:-6], key) == plain[6:-6]
    frame = read(sealed, Device(keys=(key,)))
    assert frame.ok
    assert frame.encrypted
    assert frame.cp["NewSK"] == "abcdefghijklmnop"
    assert spec.encrypted
    assert spec.secrets == {"NewSK"}


def test_what_no_cp_can_hold_is_refused() -> None:
    """More than 950 bytes of content are an error of whoever asks; Chinese counts in bytes."""
    args: dict[str, str | list[str]] = {
        "PolId": "w01018", "InfoId": "i13004", "i13004-Info": "字" * 400
    }  # fmt: skip
    with pytest.raises(ValueError, match="CP takes 950"):
        built("set-parameter", "2017", args)


@given(st.integers(0, 4_000_000_000_000_000), st.lists(st.integers(0, 5000), max_size=20))
def test_qns_only_grow(start_us: int, steps_us: list[int]) -> None:
    """Each QN is the moment it was made at, or a millisecond after the last one."""
    now_us, last = start_us, ""
    for step_us in steps_us:
        now_us += step_us
        qn = requests.qn_at(now_us, last)
        assert len(qn) == 17
        assert qn > last
        at_us = time_us(qn)
        assert at_us is not None
        assert at_us >= now_us - 999
        last = qn


@pytest.mark.parametrize("last", ["1617936069734", "", "20249999999999999", "x" * 17])
def test_a_last_qn_that_is_no_time_counts_as_none(last: str) -> None:
    """Devices have such QNs (docs/quirks.md, D1)."""
    assert requests.qn_at(1_000_000_000_000_000, last) == "20010909094640000"
