"""The data logger: it waits for replies, sends again, keeps what nobody took, catches up."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bench.instruments import roster
from bench.instruments.clock import date_text
from bench.instruments.cut_off import CutOff
from bench.instruments.datalogger import RESENDS, DataLogger
from bench.instruments.station import Habit, Station
from hj212d.wire import build
from hj212d.wire.cutter import Cutter
from hj212d.wire.decode import decode
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason

NOON = 1_784_001_600.0  # 2026-07-14 12:00 in Beijing


class Bench:
    """A logger, its two clocks, and a server that answers when it is told to."""

    def __init__(self, station: Station, interval_s: float = 10, **options: Any) -> None:
        self.station = station
        self.logger = DataLogger(station, NOON, interval_s=interval_s, **options)
        self.seconds = 0.0
        self.cutter = Cutter()

    def connect(self) -> None:
        self.cutter = Cutter()
        self.logger.connected(self.seconds)

    def step(self, seconds: float = 0.0) -> list[Frame]:
        """Let time pass; the frames that come out."""
        self.seconds += seconds
        data = b"".join(self.logger.tick(NOON + self.seconds, self.seconds))
        cuts = self.cutter.feed(data) + self.cutter.expire()
        key = self.station.key
        return [decode(cut, Device(keys=(key,) if key else ())) for cut in cuts]

    def answer(self, frame: Frame, cn: str = "9014") -> None:
        self.logger.feed(build.reply(frame, cn), self.seconds)

    def ask(self, cn: str, cp: str, **fields: str) -> None:
        """A request of the host."""
        who = self.logger.station
        plain = {"qn": "20260714120000999", "st": who.st, "pw": who.password, "mn": who.mn}
        bits = {"2005": 1, "2017": 5, "2025": 9}[who.version]
        segment = build.segment(cn=cn, flag=bits, cp=cp, **(plain | fields))  # type: ignore[arg-type]
        self.logger.feed(build.frame(segment), self.seconds, NOON + self.seconds)

    def converse(self, seconds: float) -> list[Frame]:
        """Answer everything, a step each half second."""
        seen = []
        for _ in range(int(seconds * 2)):
            frames = self.step(0.5)
            while frames:
                seen += frames
                for frame in frames:
                    self.answer(frame, "9013" if frame.cn == "9015" else "9014")
                frames = self.step()
        return seen


def station(version: str = "2017", kind: str = "air", **changes: object) -> Station:
    found = next(each for each in roster.make(85, 1, odd_share=0) if each.kind == kind)
    plain = {"version": version, "habits": frozenset(), "key": b"", "clock_offset_s": 0.0}
    return msgspec.structs.replace(found, **(plain | {"send_delay_s": 0.5} | changes))


@pytest.mark.parametrize("version", ["2005", "2017", "2025"])
def test_one_frame_at_a_time(version: str) -> None:
    """The next frame leaves only after the reply to the one before."""
    bench = Bench(station(version))
    bench.connect()
    first = bench.step()
    assert len(first) == 1
    assert bench.step(1) == []
    bench.answer(first[0])
    second = bench.step()
    assert len(second) == 1
    assert second[0].qn != first[0].qn
    assert bench.logger.counts["acked"] == 1


def test_silence_means_the_same_bytes_three_times_more() -> None:
    """Ten seconds each, same QN, same bytes; then the frame is kept and the next one goes."""
    bench = Bench(station())
    bench.connect()
    (first,) = bench.step()
    for _ in range(RESENDS):
        assert bench.step(9.9) == []
        (again,) = bench.step(0.2)
        assert again.raw == first.raw
    (following,) = bench.step(10.1)
    assert following.qn != first.qn
    assert bench.logger.counts["resent"] == RESENDS
    assert bench.logger.counts["unacked"] == 1


def test_only_the_right_reply_counts() -> None:
    """Another QN, another MN, another CN or a broken frame are no answer."""
    bench = Bench(station())
    bench.connect()
    (frame,) = bench.step()
    good = build.reply(frame, "9014")
    for wrong in (
        build.reply(msgspec.structs.replace(frame, qn="20200101000000000"), "9014"),
        build.reply(msgspec.structs.replace(frame, mn="0" * 24), "9014"),
        build.reply(frame, "9013"),
        good.replace(b"9014", b"9015"),
    ):
        bench.logger.feed(wrong, bench.seconds)
        assert bench.logger.waits
    for byte in range(len(good)):
        bench.logger.feed(good[byte : byte + 1], bench.seconds)
    assert not bench.logger.waits
    assert bench.logger.counts["unexpected"] == 4


@pytest.mark.parametrize(("version", "marked"), [("2017", False), ("2025", True)])
def test_an_outage_is_made_up_for(version: str, marked: bool) -> None:
    """What fell due without a link follows later, in the form of its version."""
    bench = Bench(station(version))
    bench.connect()
    bench.converse(20)
    bench.logger.disconnected()
    for _ in range(6):
        assert bench.step(10) == []
    missed = bench.logger.backlog
    assert missed >= 6
    bench.connect()
    frames = bench.converse(20)
    late = [
        each for each in frames
        if each.cn == "2011" and 20 <= (each.data_time_us or 0) / 1e6 - NOON < 80
    ]  # fmt: skip
    assert len(late) == 6
    assert all(each.rf is marked for each in late)
    assert bench.logger.backlog == 0


def test_new_data_go_before_old() -> None:
    """While kept frames go out one by one, a reading that falls due overtakes them."""
    bench = Bench(station("2025"))
    bench.connect()
    bench.converse(20)
    bench.logger.disconnected()
    bench.step(60)
    bench.connect()
    (kept,) = bench.step()
    assert kept.rf
    assert bench.step(9.6) == []
    bench.answer(kept)
    (fresh,) = bench.step()
    assert not fresh.rf
    assert fresh.data_time_us == int((NOON + 80) * 1e6)
    bench.answer(fresh)
    assert bench.step()[0].rf


def test_a_cut_link_loses_nothing() -> None:
    """A frame on its way when the link went is sent again, and each DataTime arrives."""
    bench = Bench(station())
    bench.connect()
    bench.converse(15)
    bench.step(10)
    assert bench.logger.waits
    bench.logger.disconnected()
    bench.connect()
    frames = bench.converse(20)
    times = {each.data_time_us for each in frames if each.cn == "2011"}
    assert {int((NOON + k) * 1e6) for k in (20, 30, 40)} <= times


def test_heartbeats_of_2025() -> None:
    """9015 each minute, answered by 9013, and never kept."""
    bench = Bench(station("2025"), interval_s=300)
    bench.connect()
    frames = bench.converse(200)
    beats = [each for each in frames if each.cn == "9015"]
    assert 3 <= len(beats) <= 4
    assert len({each.qn for each in beats}) == len(beats)
    assert bench.logger.counts["unexpected"] == 0


def test_loggers_that_nobody_answers_do_not_wait() -> None:
    """Without Flag there is no reply, and nothing is resent."""
    bench = Bench(station("2005", "sewage", habits=frozenset([Habit.NO_QN])))
    bench.connect()
    frames = bench.step()
    assert len(frames) >= 3
    later = bench.step(30)
    assert [each.cn for each in later].count("2011") == 3
    assert not bench.logger.waits
    assert bench.logger.counts["resent"] == 0


def test_the_dtu_speaks_in_between() -> None:
    """A modem's own heartbeat text comes as junk between good frames."""
    bench = Bench(station(habits=frozenset([Habit.DTU_HEARTBEAT])))
    bench.connect()
    seen = bench.converse(90)
    junk = [each for each in seen if each.reason is Reason.JUNK]
    assert {each.raw for each in junk} == {b"http://www.cmsoft.cn"}
    assert 2 <= len(junk) <= 4
    assert all(each.ok for each in seen if each not in junk)


def test_a_wrong_clock_shows_in_data_time() -> None:
    """Offset and drift move what the device writes, not how often it writes."""
    for offset, ppm in ((-2400.0, 0.0), (0.0, 50_000.0)):
        who = station(clock_offset_s=offset, clock_drift_ppm=ppm)
        bench = Bench(who)
        bench.connect()
        frames = [each for each in bench.converse(200) if each.cn == "2011"]
        last = (frames[-1].data_time_us or 0) / 1e6 - NOON
        assert last == pytest.approx(200 + offset + 200 * ppm / 1e6, abs=11)
        qns = [each.qn for each in frames]
        assert qns == sorted(set(qns))


def test_the_same_time_gives_the_same_bytes() -> None:
    """Two loggers of one station, told the same, send the same."""
    one, two = (Bench(station("2025", key=b"0" * 16)) for _ in range(2))
    for bench in (one, two):
        bench.connect()
    assert [f.raw for f in one.converse(70)] == [f.raw for f in two.converse(70)]


@pytest.mark.parametrize("version", ["2005", "2017", "2025"])
def test_requests_are_answered_between_uploads(version: str) -> None:
    """9011, the data and 9012 leave at once, also while a reply is waited for."""
    bench = Bench(station(version))
    bench.connect()
    bench.step()
    assert bench.logger.waits
    bench.ask("1061", "")
    frames = bench.step()
    assert [each.cn for each in frames] == ["9011", "1061", "9012"]
    assert frames[1].cp["RtdInterval"] == "10"
    assert (bench.logger.counts["requests"], bench.logger.counts["answers"]) == (1, 3)
    assert bench.logger.waits


def test_intervals_that_are_set_are_kept() -> None:
    """1062 and 1064 change how often it uploads; 2012 ends real-time data, 2011 starts them."""
    bench = Bench(station(minutes=1))
    bench.connect()
    bench.converse(15)
    bench.ask("1062", "RtdInterval=30")
    bench.ask("1064", "MinInterval=2")
    seen = [each.cn for each in bench.converse(600)]
    assert 19 <= seen.count("2011") <= 21
    assert 4 <= seen.count("2051") <= 6
    bench.ask("2012", "")
    assert [each.cn for each in bench.step()] == ["9013"]
    seen = [each.cn for each in bench.converse(120)]
    assert "2011" not in seen
    assert "2051" in seen
    bench.ask("2011", "")
    assert "2011" in [each.cn for each in bench.converse(120)]


@pytest.mark.parametrize("offset", [-2400.0, 8 * 3600.0])
def test_a_clock_that_is_set_shows_in_what_follows(offset: float) -> None:
    """Uploads go on from the new time: no silence until it is reached, no flood up to it."""
    bench = Bench(station(clock_offset_s=offset))
    bench.connect()
    bench.converse(20)
    bench.ask("1012", f"SystemTime={date_text(NOON + bench.seconds)}")
    frames = [each for each in bench.converse(100) if each.cn == "2011"]
    assert 9 <= len(frames) <= 11
    times = [(each.data_time_us or 0) / 1e6 for each in frames]
    assert times[-1] == pytest.approx(NOON + bench.seconds, abs=11)
    assert frames[-1].qn.startswith(date_text(NOON + bench.seconds)[:10])


def test_timeouts_that_are_set_are_kept() -> None:
    """1000: seconds until it sends again, and how often."""
    bench = Bench(station())
    bench.connect()
    bench.ask("1000", "OverTime=3;ReCount=1")
    first = bench.step()[-1]
    assert bench.step(2.9) == []
    assert [each.raw for each in bench.step(0.2)] == [first.raw]
    assert bench.step(3.1)[0].qn != first.qn


def test_history_waits_for_its_acknowledgements() -> None:
    """The next record leaves when 9014 is there; uploads go on beside it."""
    bench = Bench(station(seed=3, minutes=1), interval_s=3600)
    bench.connect()
    bench.converse(15)
    bench.ask("2051", "BeginTime=20260714110000;EndTime=20260714110200")
    seen = bench.step(0.2)
    assert [each.cn for each in seen] == ["9011", "2051"]
    assert bench.step(1) == []
    seen = bench.converse(5)
    bench.answer(bench.step(10)[0])
    seen += bench.converse(5)
    assert [each.cn for each in seen] == ["2051", "2051", "9012"]


def test_a_logger_that_is_cut_off_forgets_and_still_knows() -> None:
    """Nothing of the silence is sent later, but a request for history brings it."""
    bench = Bench(station(minutes=1, seed=4), cut_off=CutOff(60, 180))
    bench.connect()
    before = bench.converse(59)
    assert bench.step(30) == []
    assert bench.logger.cut_off(NOON + bench.seconds)
    while bench.seconds < 240:
        assert bench.step(10) == []
    assert not bench.logger.cut_off(NOON + bench.seconds)
    bench.connect()
    after = bench.converse(100)
    minutes = [each.data_time_us for each in before + after if each.cn == "2051"]
    missing = {int((NOON + 60 * k) * 1e6) for k in (0, 1, 2)}
    assert minutes
    assert missing.isdisjoint(minutes)
    assert bench.logger.counts["forgotten"] >= 3 * 6
    bench.ask("2051", f"BeginTime={date_text(NOON)};EndTime={date_text(NOON + 120)}")
    assert missing <= {each.data_time_us for each in bench.converse(5)}
    assert CutOff(60, 180, 900).holds(60 + 900)
    assert not CutOff(60, 180).holds(60 + 900)


def test_before_activation_it_says_only_who_it_is() -> None:
    """1001 until 1002 gives it a name; then it reports under that."""
    bench = Bench(station("2025"), activated=False)
    bench.connect()
    (serials,) = bench.step()
    assert (serials.cn, serials.mn) == ("1001", "")
    bench.answer(serials, "9013")
    assert bench.step(20) == []
    name = "A" * 24
    bench.ask("1002", f"i23005-Info={bench.logger.state.serials['i23005']}", mn=name)
    frames = bench.converse(20)
    assert [each.cn for each in frames[:2]] == ["9011", "9012"]
    assert {each.mn for each in frames} == {name}
    assert "2011" in {each.cn for each in frames}


@pytest.mark.parametrize("version", ["2005", "2017", "2025"])
def test_it_brings_the_past_with_it(version: str) -> None:
    """Hours and days of before its start come oldest first, once each, up to those it sends
    anyway; in 2025 they are marked as sent late."""
    bench = Bench(station(version), interval_s=600, past_days=2.0)
    bench.connect()
    seen = bench.converse(40)
    whole = [frame for frame in seen if frame.pno in (None, 1)]
    hours = [frame.cp["DataTime"] for frame in whole if frame.cn == "2061"]
    days = [frame.cp["DataTime"] for frame in whole if frame.cn == "2031"]
    before = [date_text(NOON - n * 3600) for n in range(48, 2, -1)]
    assert [each for each in hours if each in before] == before
    assert sorted(hours) == [date_text(NOON - n * 3600) for n in range(48, 0, -1)]
    assert days == ["20260713000000"]
    late = [frame.cp["DataTime"] for frame in whole if frame.rf]
    assert late == (before if version == "2025" else [])
    assert bench.logger.counts["past"] == len(before)


def test_nothing_of_the_past_unless_it_is_told() -> None:
    """A logger comes up with the last whole hour and day alone."""
    bench = Bench(station(send_delay_s=0.0))
    bench.connect()
    cns = [frame.cn for frame in bench.converse(5)]
    assert (cns.count("2061"), cns.count("2031")) == (1, 1)
