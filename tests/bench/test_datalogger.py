"""The data logger: it waits for replies, sends again, keeps what nobody took, catches up."""

from __future__ import annotations

import msgspec
import pytest

from bench.instruments import roster
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

    def __init__(self, station: Station, interval_s: float = 10) -> None:
        self.station = station
        self.logger = DataLogger(station, NOON, interval_s=interval_s)
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
