"""Stations and their frames: repeatable, valid for the real decoder, believable."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest

from bench.instruments import clock, content, envelope, roster, schedule
from bench.instruments.station import KINDS, Habit, Station, Sticking, measure
from hj212d.wire import sm4
from hj212d.wire.cutter import Cutter
from hj212d.wire.decode import decode
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason

NOON = 1_784_001_600.0  # 2026-07-14 12:00 in Beijing
QNS = [clock.qn_text(int(NOON * 1000) + n) for n in range(100)]


def bitwise_crc(segment: bytes) -> str:
    """The CRC of HJ 212-2017 annex A, word for word."""
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ byte
        for _ in range(8):
            lowest = register & 1
            register >>= 1
            if lowest:
                register ^= 0xA001
    return f"{register:04X}"


def station(kind: str, version: str = "2017", **changes: object) -> Station:
    """A station without habits and with a true clock."""
    found = next(each for each in roster.make(85, 1, odd_share=0) if each.kind == kind)
    plain = {"version": version, "habits": frozenset(), "key": b"", "cp_limit": 950}
    return msgspec.structs.replace(found, **(plain | changes))


def day_of_uploads(who: Station, hours: int = 3) -> Iterator[envelope.Upload]:
    """What it sends at its start and during some hours, real time each ten minutes."""
    dues = schedule.at_start(who, NOON)
    dues += schedule.due(who, NOON, NOON + hours * 3600, 600)
    for what in dues:
        yield from envelope.uploads(who, what, list(QNS))


def read(who: Station, raw: bytes) -> Frame:
    """The one frame in these bytes, by the real decoder."""
    cutter = Cutter()
    cuts = cutter.feed(raw) + cutter.expire()
    assert len(cuts) == 1
    return decode(cuts[0], Device(keys=(who.key,) if who.key else ()))


def test_the_same_seed_gives_the_same_fleet_and_the_same_frames() -> None:
    """Everything repeats with the seed, and nothing without it."""
    first, second, other = (roster.make(20, seed) for seed in (4, 4, 5))
    assert first == second
    assert {each.mn for each in first}.isdisjoint(each.mn for each in other)
    for one, two in zip(first, second, strict=True):
        assert [u.raw for u in day_of_uploads(one, 1)] == [u.raw for u in day_of_uploads(two, 1)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version", ["2005", "2017", "2025"])
def test_every_upload_is_a_good_frame(kind: str, version: str) -> None:
    """The real decoder reads every frame without a repair or a warning, as what it was meant."""
    who = station(kind, version)
    commands = set()
    for upload in day_of_uploads(who):
        frame = read(who, upload.raw)
        assert (frame.reason, frame.repairs.labels, frame.warnings) == (Reason.OK, [], [])
        assert (frame.cn, frame.mn, frame.st, frame.qn) == (upload.cn, who.mn, who.st, upload.qn)
        assert frame.version == version
        assert frame.wants_answer
        assert frame.data_time_us is not None
        assert frame.data_time_us // 1_000_000 == int(upload.data_time)
        assert len(upload.raw) <= 1036
        commands.add(upload.cn)
    expected = {"2011", "2051", "2061", "2031"}
    if kind in ("sewage", "flue"):
        expected |= {"2021"}
    if version != "2005":
        expected |= {"2081", "3020"}
    if (kind, version) == ("noise", "2025"):
        expected -= {"2061"}
    assert commands == expected


def test_checksums_by_the_letter_of_the_standard() -> None:
    """An independent CRC agrees with each frame's, so that builder and reader cannot err alike."""
    for kind in KINDS:
        for upload in day_of_uploads(station(kind), 1):
            segment = upload.raw[6:-6]
            assert upload.raw == b"##%04d%b%b\r\n" % (
                len(segment), segment, bitwise_crc(segment).encode(),
            )  # fmt: skip


def test_encrypted_frames_hide_their_content_and_keep_the_plain_checksum() -> None:
    """Commands 2xxx and 3020 are encrypted; length and CRC are those of the plain text."""
    who = station("flue", "2025", key=bytes(range(16)))
    plain = station("flue", "2025")
    for hidden, shown in zip(day_of_uploads(who, 1), day_of_uploads(plain, 1), strict=True):
        secret = hidden.cn.startswith("2") or hidden.cn == "3020"
        if secret:
            assert b"DataTime" not in hidden.raw
            assert sm4.decrypt_cp(hidden.raw[6:-6], who.key) == shown.raw[6:-6]
            assert (hidden.raw[:6], hidden.raw[-6:]) == (shown.raw[:6], shown.raw[-6:])
        else:
            assert hidden.raw == shown.raw
        frame = read(who, hidden.raw)
        assert frame.ok
        assert frame.encrypted == secret


@pytest.mark.parametrize(
    ("habit", "repair"),
    [
        (Habit.CRC_LOWER_CASE, "crc_lower_case"),
        (Habit.TIME_MILLISECONDS, "time_milliseconds"),
        (Habit.TRAILING_SEPARATOR, "separator_loose"),
        (Habit.TEXT_GBK, "text_gb18030"),
        (Habit.NO_LINE_END, ""),
    ],
)
def test_a_habit_is_read_with_its_repair(habit: Habit, repair: str) -> None:
    """Each habit shows in the bytes, is tolerated, and is counted where it breaks the standard."""
    plain, odd = station("air"), station("air", habits=frozenset([habit]))
    repairs: set[str] = set()
    changed = 0
    for one, two in zip(day_of_uploads(plain, 1), day_of_uploads(odd, 1), strict=True):
        frame = read(odd, two.raw)
        assert frame.ok
        repairs.update(frame.repairs.labels)
        changed += one.raw != two.raw
    assert changed
    assert repairs == ({repair} if repair else set())


def test_2005_without_qn_and_flag_expects_nothing() -> None:
    """Old loggers that nobody answers send neither field."""
    who = station("sewage", "2005", habits=frozenset([Habit.NO_QN]))
    for upload in day_of_uploads(who, 1):
        frame = read(who, upload.raw)
        assert (frame.ok, frame.qn, frame.flag, upload.reply_cn) == (True, "", None, "")


def test_small_buffers_split_into_packets_of_whole_items() -> None:
    """Packets are numbered, repeat DataTime, have a QN each, and hold together all the items."""
    who = station("flue", cp_limit=480)
    what = schedule.Due(NOON, "2051", NOON - 600, 600)
    packets = envelope.uploads(who, what, list(QNS))
    whole = envelope.uploads(station("flue"), what, list(QNS))
    assert len(packets) > 1
    assert len({each.qn for each in packets}) == len(packets)
    frames = [read(who, each.raw) for each in packets]
    assert [(f.pnum, f.pno, f.flag) for f in frames] == [
        (len(packets), n + 1, 7) for n in range(len(packets))
    ]
    joined = {code: value for frame in frames for code, value in frame.factors.items()}
    assert joined == {k: v for each in whole for k, v in read(who, each.raw).factors.items()}
    assert len({frame.data_time_us for frame in frames}) == 1


def test_a_late_2025_frame_is_marked_as_resent() -> None:
    """Kept data go out in a new exchange with RF=1 in 2025, and byte for byte before that."""
    for version, marked in (("2017", False), ("2025", True)):
        who = station("air", version)
        upload = envelope.uploads(who, schedule.Due(NOON, "2011", NOON), list(QNS))[0]
        again = envelope.resent(who, upload, QNS[50])
        assert (again.raw == upload.raw) is not marked
        frame = read(who, again.raw)
        assert frame.rf is marked
        assert frame.factors == read(who, upload.raw).factors


def test_the_schedule_follows_the_calendar_of_the_device() -> None:
    """Averages come when their period is over and carry its beginning, days those of Beijing."""
    who = station("sewage", minutes=10)
    midnight = NOON + 12 * 3600
    found = schedule.due(who, midnight - 60, midnight, 10)
    assert Counter(each.cn for each in found) == {
        "2011": 6, "2051": 1, "2061": 1, "2031": 1, "2021": 1, "2041": 1,
    }  # fmt: skip
    by_cn = {each.cn: each for each in found}
    assert by_cn["2051"].data_time == midnight - 600
    assert by_cn["2061"].data_time == midnight - 3600
    assert clock.date_text(by_cn["2031"].data_time) == "20260714000000"
    assert [each.at for each in found] == sorted(each.at for each in found)


def test_no_upload_is_forgotten_or_repeated_between_two_looks() -> None:
    """However a stretch of time is cut, the same uploads fall due in it."""
    who = station("flue")
    whole = schedule.due(who, NOON, NOON + 7200, 10)
    cuts = [0, 0.5, 10, 10.01, 599.99, 600, 3600, 3600.001, 7199, 7200]
    parts = [
        each
        for a, b in itertools.pairwise(cuts)
        for each in schedule.due(who, NOON + a, NOON + b, 10)
    ]
    assert parts == whole


def test_values_stay_in_range_and_on_their_digits() -> None:
    """Every value is a number with the decimals of its version, within the instrument's range."""
    for kind in KINDS:
        for version in ("2017", "2025"):
            who = station(kind, version)
            by_name = {each.name(version): each for each in who.factors}
            for upload in day_of_uploads(who):
                if upload.cn != "2011":
                    continue
                for code, fields in read(who, upload.raw).factors.items():
                    factor = by_name[code]
                    value = fields["Rtd"]
                    assert value == factor.text(float(value), version)
                    assert factor.low <= float(value) <= factor.high
                    assert fields["Flag"] in "NCMDTB"


def test_averages_agree_with_the_readings_they_are_made_of() -> None:
    """Least <= mean <= greatest, and the mean is that of real-time values of the same minutes."""
    who = station("river")
    what = schedule.Due(NOON, "2061", NOON - 3600, 3600)
    hour = read(who, envelope.uploads(who, what, list(QNS))[0].raw).factors
    for code, fields in hour.items():
        least, mean, greatest = (float(fields[name]) for name in ("Min", "Avg", "Max"))
        assert least <= mean <= greatest
        readings = [measure(who, NOON - 3600 + 30 * n)[code] for n in range(120)]
        assert mean == pytest.approx(sum(value for value, _ in readings) / 120, rel=0.03, abs=0.06)


def test_amounts_are_flow_times_concentration() -> None:
    """Cou of a pollutant is its mass; of the water, its volume."""
    who = station("sewage")
    what = schedule.Due(NOON, "2061", NOON - 3600, 3600)
    hour = read(who, envelope.uploads(who, what, list(QNS))[0].raw).factors
    volume_m3 = float(hour["w00000"]["Cou"])
    assert volume_m3 == pytest.approx(float(hour["w00000"]["Avg"]) * 3.6, rel=0.01)
    mass_kg = float(hour["w01018"]["Cou"])
    assert mass_kg == pytest.approx(volume_m3 * float(hour["w01018"]["Avg"]) / 1000, abs=0.02)


def test_noise_statistics_are_in_order() -> None:
    """L5 >= L10 >= L50 >= L90 >= L95, the energy mean among them, day louder than night."""
    who = station("noise")
    what = schedule.Due(NOON, "2031", NOON - 36 * 3600, 86400)
    frames = [read(who, each.raw) for each in envelope.uploads(who, what, list(QNS))]
    data = {
        (code, suffix): float(value)
        for frame in frames
        for code, fields in frame.factors.items()
        for suffix, value in fields.items()
    }
    levels = [data[code, "Data"] for code in ("LMx", "L5", "L10", "L50", "L90", "L95", "LMn")]
    assert levels == sorted(levels, reverse=True)
    assert data["LMx", "Data"] > data["Leq", "Data"] > data["L50", "Data"]
    assert data["Ld", "DayData"] > data["Ln", "NightData"]


def test_no_value_where_conversion_is_impossible() -> None:
    """2025 sends 9999.99 when the stack is full of air, 2017 leaves the field out."""
    full_of_air = {"a19001": (20.95, "N"), "a21002": (3.0, "N")}
    for version, expected in (("2017", None), ("2025", content.NOT_COMPUTABLE)):
        who = station("flue", version)
        shown = measure(who, NOON) | full_of_air
        items = ";".join(content.real_time_items(who, shown))
        found = re.search(r"a21002-ZsRtd=([^,]*)", items)
        assert (found[1] if found else None) == expected


def test_a_sticking_factor_shows_one_value() -> None:
    """For a while of each hour, and the others go on."""
    shown = station("air", sticking=Sticking("a34004", 1800.0, 3600.0))
    seen = [measure(shown, NOON + minute * 60) for minute in range(60)]
    pm25 = [values["a34004"] for values in seen]
    assert len(set(pm25[:30])) == 1
    assert len(set(pm25[30:])) > 20
    assert len({values["a34002"] for values in seen[:30]}) > 20
