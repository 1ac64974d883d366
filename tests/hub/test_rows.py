"""Frames become rows: columns, periods, what goes into extra, warnings, counts."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hub_rig import MN

from hj212d.hub.batch_columns import BatchColumns
from hj212d.hub.rows import Rows, digest
from hj212d.journal.record import Kind, Record
from hj212d.wire import build, codec
from hj212d.wire.frame import Frame
from hj212d.wire.reasons import Reason
from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch

# 2026-06-01 12:00 in Beijing.
NOON = datetime(2026, 6, 1, 4, 0, 0)
NOON_US = 1_780_286_400_000_000
SENT = "20260601120000"


def read(cp: str, cn: str = "2011", *, qn: str = SENT + "000", rf: bool = False) -> Frame:
    """A frame of 2017 with this content, as the decoder reads it."""
    segment = build.segment(qn=qn, st="32", cn=cn, pw="123456", mn=MN, flag=5, rf=rf, cp=cp)
    [cut] = codec.Cutter().feed(build.frame(segment))
    return codec.decode(cut)


def no_rows() -> Rows:
    """Rows with a clock tolerance of ten minutes; what is older is late, too."""
    return Rows(BatchColumns(600.0, 600.0), 600.0)


def batch_of(*frames: Frame, received_us: int = NOON_US) -> Batch:
    """The batch of frames received at one time, positions 0, 1, ..."""
    rows = no_rows()
    for position, frame in enumerate(frames):
        rows.add("0", position, Record(Kind.FRAME, received_us, 7, raw=frame.raw), frame)
    return rows.batch({})


def samples_of(cp: str, cn: str = "2011") -> list[dict[str, Any]]:
    """Rows of SAMPLES of one frame, empty columns left out."""
    rows = batch_of(read(cp, cn)).samples.to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def warnings_of(frame: Frame, received_us: int = NOON_US) -> str:
    """The warnings in a frame's row."""
    text: str = batch_of(frame, received_us=received_us).frames["warnings"].to_pylist()[0]
    return text


def test_an_empty_batch_has_all_columns() -> None:
    """Nothing collected is four empty tables of the right kind."""
    batch = no_rows().batch({"0": 5})
    assert batch.frames.schema == FRAMES
    assert batch.samples.schema == SAMPLES
    assert batch.links.schema == LINKS
    assert batch.counts.schema == COUNTS
    assert batch.cursors == {"0": 5}


def test_a_frame_row_says_all_of_a_frame() -> None:
    """Each column of FRAMES from frame and record; times are UTC."""
    frame = read(f"DataTime={SENT};w01018-Rtd=1.5", qn="20260601120001250")
    batch = batch_of(frame)
    assert batch.frames.schema == FRAMES
    assert batch.frames.to_pylist() == [
        {
            "received_at": NOON,
            "lane": "0",
            "position": 0,
            "link": 7,
            "mn": MN,
            "st": "32",
            "cn": "2011",
            "qn": "20260601120001250",
            "data_time": NOON,
            "version": "2017",
            "flag": 5,
            "pnum": None,
            "pno": None,
            "rf": False,
            "encrypted": False,
            "reason": "ok",
            "repairs": "",
            "warnings": "",
            "key_time": NOON,
            "digest": digest(frame.raw),
            "raw": frame.raw,
        }
    ]


SUFFIXES = {
    "Rtd": "rtd",
    "Min": "min",
    "Avg": "avg",
    "Max": "max",
    "Cou": "cou",
    "ZsRtd": "zs_rtd",
    "ZsMin": "zs_min",
    "ZsAvg": "zs_avg",
    "ZsMax": "zs_max",
    "Data": "data",
    "DayData": "day_data",
    "NightData": "night_data",
    "RS": "rs",
    "RT": "rt",
}


def test_a_sample_row_has_its_values_and_its_frame() -> None:
    """Every suffix of the standard has its column."""
    values = ",".join(f"w01018-{suffix}={at}.5" for at, suffix in enumerate(SUFFIXES))
    [row] = samples_of(f"DataTime={SENT};{values},w01018-Flag=N,w01018-EFlag=A1")
    assert row == {
        "data_time": NOON,
        "mn": MN,
        "factor": "w01018",
        "period": "realtime",
        **{column: at + 0.5 for at, column in enumerate(SUFFIXES.values())},
        "flag": "N",
        "e_flag": "A1",
        "rf": False,
        "received_at": NOON,
        "lane": "0",
        "position": 0,
    }


@pytest.mark.parametrize(
    ("cn", "period"),
    [
        ("2011", "realtime"),
        ("2051", "minute"),
        ("2061", "hour"),
        ("2031", "day"),
        ("2021", "state"),
        ("2041", "runtime"),
        ("2062", "cn2062"),
        ("8888", "cn8888"),
    ],
)
def test_the_cn_gives_the_period(cn: str, period: str) -> None:
    """Known data commands have a name, others that carry factors are kept under their number."""
    [row] = samples_of(f"DataTime={SENT};w01018-Avg=1", cn)
    assert row["period"] == period


@pytest.mark.parametrize("cn", ["9011", "9013", "9014", "1022", "3021"])
def test_replies_and_commands_give_no_samples(cn: str) -> None:
    """What goes to the field, seen coming back, is a frame and no reading."""
    frame = read(f"DataTime={SENT};w01018-Rtd=1", cn)
    batch = batch_of(frame)
    assert (batch.frames.num_rows, batch.samples.num_rows) == (1, 0)


def test_a_rejected_frame_gives_no_samples() -> None:
    """Quarantine is rows of frames only."""
    frame = read(f"DataTime={SENT};w01018-Rtd=1")
    frame.reason = Reason.PW_WRONG
    batch = batch_of(frame)
    assert batch.frames["reason"].to_pylist() == ["pw_wrong"]
    assert batch.samples.num_rows == 0


@pytest.mark.parametrize(
    "text", ["NaN", "inf", "1e999", "--", "", "1_0", "0x10", "1,5", "１２", "<0.01", "N/A"]
)
def test_a_text_that_is_no_number_is_kept_as_text(text: str) -> None:
    """Nothing of a good frame is lost, and nothing that Python alone takes for a number is one."""
    frame = read(f"DataTime={SENT};w01018-Rtd=1,w01018-Flag=N")
    frame.factors = {"w01018": {"Rtd": text, "Flag": "N"}}
    [row] = batch_of(frame).samples.to_pylist()
    assert row["rtd"] is None
    assert row["flag"] == "N"
    assert json.loads(row["extra"]) == {"Rtd": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("-9999", -9999.0), ("1.234567890123", 1.234567890123), ("1.5E-3", 0.0015), ("+2", 2.0)],
)
def test_numbers_in_any_common_form(text: str, value: float) -> None:
    """Signs, many decimals and scientific notation are numbers."""
    [row] = samples_of(f"DataTime={SENT};w01018-Rtd={text}")
    assert row["rtd"] == value
    assert "extra" not in row


def test_other_suffixes_go_into_extra_under_their_names() -> None:
    """Suffixes without a column keep name and text, in Chinese too."""
    [row] = samples_of(f"DataTime={SENT};i11001-Info=风机,i11001-SN=A1;", "3020")
    assert json.loads(row["extra"]) == {"Info": "风机", "SN": "A1"}


def test_a_data_time_with_milliseconds_is_cut() -> None:
    """The key of a reading is in whole seconds."""
    [row] = samples_of(f"DataTime={SENT}999;w01018-Rtd=1")
    assert row["data_time"] == NOON


def test_without_data_time_the_qn_is_the_key() -> None:
    """A frame without DataTime is known again by the time in its QN, with its milliseconds; one
    without both is not."""
    batch = batch_of(read("", "9015", qn=SENT + "250"), read("", "9015", qn=""))
    assert batch.frames["key_time"].to_pylist() == [NOON + timedelta(milliseconds=250), None]
    assert batch.frames["data_time"].to_pylist() == [None, None]


def test_a_wrong_clock_is_a_warning_and_the_data_stay() -> None:
    """Real-time data more than the tolerance from their receipt."""
    for received_us, warning in [
        (NOON_US + 600_000_000, ""),
        (NOON_US + 600_000_001, "clock_behind"),
        (NOON_US - 600_000_000, ""),
        (NOON_US - 600_000_001, "clock_ahead"),
    ]:
        assert warnings_of(read(f"DataTime={SENT};w01018-Rtd=1"), received_us) == warning
    for year, warning in (("1970", "clock_behind"), ("2099", "clock_ahead")):
        time = f"{year}0601120000"
        frame = read(f"DataTime={time};w01018-Rtd=1", qn=time + "000")
        assert warnings_of(frame) == warning
        assert batch_of(frame).samples["data_time"].to_pylist()[0].year == int(year)


def test_old_data_that_say_so_are_late_and_no_wrong_clock() -> None:
    """Resent data (RF=1), means, and real-time data under a QN of now."""
    cp = "DataTime=20260501120000;w01018-Avg=1"
    old = "20260501120000000"
    assert warnings_of(read(cp, rf=True)) == "late"
    assert warnings_of(read(cp, rf=True, qn=old)) == "late"
    assert warnings_of(read(cp, "2061")) == "late"
    assert warnings_of(read(cp, qn=SENT + "000")) == "late"
    assert warnings_of(read(cp, qn="")) == "clock_behind"
    assert warnings_of(read(cp, "3020")) == ""


def test_late_data_stay_data() -> None:
    """The values and the mark of a resent frame are stored; the warning is counted per MN."""
    batch = batch_of(read("DataTime=20260501120000;w01018-Avg=1", "2051", rf=True))
    assert batch.frames["rf"].to_pylist() == [True]
    assert batch.samples["avg"].to_pylist() == [1.0]
    assert (MN, "warning", "late", 1) in [tuple(row.values()) for row in batch.counts.to_pylist()]


def test_link_events_are_rows() -> None:
    """Opened, identified, closed, with MN where there is one and the detail as it stands."""
    rows = no_rows()
    for number, (kind, meta) in enumerate(
        [
            (Kind.LINK_OPENED, b'{"peer":"127.0.0.1:1","local":"x","profile":""}'),
            (Kind.LINK_IDENTIFIED, b'{"mn":"A"}'),
            (Kind.LINK_CLOSED, b'{"why":"idle"}'),
        ]
    ):
        rows.add_link("1", number, Record(kind, NOON_US, 7, meta=meta))
    links = rows.batch({}).links
    assert links["event"].to_pylist() == ["opened", "identified", "closed"]
    assert links["mn"].to_pylist() == ["", "A", ""]
    assert json.loads(links["detail"][2].as_py()) == {"why": "idle"}


def test_counts_are_per_mn() -> None:
    """Frames, verdicts other than good, repairs and warnings."""
    good = read(f"DataTime={SENT}000;w01018-Rtd=1")
    late = read("DataTime=20260501120000;w01018-Rtd=1", qn="20260501120000000")
    bad = Frame(Reason.CRC_WRONG, b"##junk", mn="")
    counts = batch_of(good, late, bad).counts.to_pylist()
    assert sorted(tuple(row.values()) for row in counts) == [
        ("", "frames", "", 1),
        ("", "reason", "crc_wrong", 1),
        (MN, "frames", "", 2),
        (MN, "repair", "time_milliseconds", 1),
        (MN, "warning", "clock_behind", 1),
    ]
