"""Commands from the wish to the end: order, replies, timeouts, cancelling, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from command_rig import LINK, OTHER_LINK, Rig, result, serving
from hub_rig import MN, OTHER_MN

from hj212d.hub.commands.facts import Facts
from hj212d.hub.commands.flight import LATE
from hj212d.hub.commands.new_command import NewCommand, Refused
from hj212d.wire.requests import build_request, find
from store.registry.records import CommandRecord

RANGE = {"BeginTime": "20260101000000", "EndTime": "20260101010000"}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A service that runs, with one instrument connected."""
    with serving(tmp_path) as rig:
        rig.connect()
        yield rig


def test_a_reading_from_wish_to_end(rig: Rig) -> None:
    """Queued, sent, accepted, data, done: each is on record, and the data with it."""
    ended: list[CommandRecord] = []
    rig.service.finished.append(ended.append)
    command = rig.ask("read-clock", who="wang")
    assert rig.ear.watched == [MN]
    assert rig.record(command).state == "sent"
    ((link, request),) = rig.sent
    assert (link, request.cn, request.mn, request.pw, request.flag) == (
        LINK,
        "1011",
        MN,
        "123456",
        5,
    )
    rig.say("9011", "QnRtn=1")
    assert rig.record(command).state == "accepted"
    rig.say("1011", "SystemTime=20260101080000", st="32")
    rig.say("9012", "ExeRtn=1")
    record = rig.record(command)
    assert (record.state, record.qn_rtn, record.exe_rtn, record.answers) == ("done", 1, 1, 1)
    assert record.data == [
        {"cn": "1011", "qn": request.qn, "cp": {"SystemTime": "20260101080000"}}
    ]
    assert record.raw == rig.raw[0]
    assert rig.events(command) == ["queued", "sent", "accepted", "done"]
    assert [one.state for one in ended] == ["done"]
    assert rig.ear.watched == []


def test_any_order_and_twice(rig: Rig) -> None:
    """9012 before 9011, and everything twice: one outcome; what is late is an event."""
    command = rig.ask("read-clock")
    rig.say("9012", "ExeRtn=1")
    for _ in range(2):
        rig.say("9011", "QnRtn=1")
        rig.say("1011", "SystemTime=20260101080000", st="32")
    record = rig.record(command)
    assert (record.state, record.answers) == ("done", 1)
    assert (record.qn_rtn, record.exe_rtn) == (1, 1)
    assert set(rig.events(command)) == {"queued", "sent", "done", "late"}


@pytest.mark.parametrize(
    ("cn", "cp", "state", "why"),
    [
        ("9011", "QnRtn=3", "refused", "Wrong password"),
        ("9012", "ExeRtn=5", "failed", "System busy"),
    ],
)
def test_no_success(rig: Rig, cn: str, cp: str, state: str, why: str) -> None:
    """What the instrument says against it is the state, and its meaning the reason."""
    command = rig.ask("read-clock")
    rig.say(cn, cp)
    record = rig.record(command)
    assert record.state == state
    assert why in record.why


def test_resends_by_the_standards_table_and_gives_up(rig: Rig) -> None:
    """GPRS: 10 s, three times the same bytes again, then a timeout; NB-IoT waits longer."""
    command = rig.ask("read-clock")
    rig.loop.steps(39, 0.25)
    assert rig.record(command).state == "sent"
    rig.loop.steps(2, 0.25)
    record = rig.record(command)
    assert (record.state, record.attempts) == ("timeout", 4)
    assert len(set(rig.raw)) == 1
    assert rig.events(command) == ["queued", "sent", *["sent again"] * 3, "timeout"]
    rig.known.of[MN] = Facts(known=True, version="2025", st="31", medium="NB-IoT")
    slow = rig.ask("read-clock")
    rig.loop.steps(179, 0.25)
    assert (rig.record(slow).attempts, rig.record(slow).state) == (6, "sent")


def test_silence_after_it_was_accepted(rig: Rig) -> None:
    """Accepted and then nothing: it fails by its own time; data make that time begin anew."""
    command = rig.ask("minutes", args=RANGE)
    rig.say("9011", "QnRtn=1")
    for minute in range(3):
        rig.loop.steps(50, 0.25)
        cp = f"DataTime=202601010{minute}0000;w01018-Avg=1"
        rig.say("2051", cp, qn=f"2026010108000{minute}000", st="32")
    assert (rig.record(command).state, rig.record(command).answers) == ("accepted", 2)
    rig.loop.steps(61, 0.25)
    assert rig.record(command).state == "timeout"
    assert "2 data frames" in rig.record(command).why


def test_one_at_a_time_in_order_of_priority(rig: Rig) -> None:
    """The second waits for the end of the first; the more urgent one goes before it."""
    first, second = rig.ask("read-clock"), rig.ask("read-realtime-interval")
    urgent = rig.ask("read-minute-interval", priority=0)
    assert [request.cn for _, request in rig.sent] == ["1011"]
    rig.say("9012", "ExeRtn=1")
    rig.say("9012", "ExeRtn=1")
    rig.say("9012", "ExeRtn=1")
    assert [request.cn for _, request in rig.sent] == ["1011", "1063", "1061"]
    assert {rig.record(one).state for one in (first, second, urgent)} == {"done"}
    assert len({request.qn for _, request in rig.sent}) == 3


def test_not_more_than_so_many_at_once(tmp_path: Path) -> None:
    """Over all MNs the number under way is bounded; the next goes when one ends."""
    with serving(tmp_path, at_once=2) as rig:
        for number in range(4):
            rig.connect(f"MN{number}")
            rig.ask("read-clock", f"MN{number}")
        assert len(rig.sent) == 2
        rig.say("9012", "ExeRtn=1", mn="MN0", qn=rig.sent[0][1].qn)
        assert len(rig.sent) == 3
        assert rig.service.status()["under_way"] == 2


def test_queued_for_one_that_is_away(rig: Rig) -> None:
    """It is sent when its MN is back and has settled, not before."""
    command = rig.ask("read-clock", OTHER_MN)
    assert rig.sent == []
    rig.routes.identified(0, OTHER_MN, LINK, "", rig.now_us())
    rig.loop.steps(1, 0.25)
    assert rig.sent == []
    rig.loop.steps(1.5, 0.25)
    assert rig.record(command).state == "sent"


def test_refused_when_it_is_not_to_wait(rig: Rig) -> None:
    """Who does not want to wait is told that the instrument is not connected."""
    with pytest.raises(Refused, match="is not connected"):
        rig.ask("read-clock", OTHER_MN, queue=False)


def test_nobody_heard_nobody_registered(rig: Rig) -> None:
    """A misspelt MN is refused, not queued for ever."""
    rig.known.of[OTHER_MN] = Facts(known=False, version="2017", st="32")
    with pytest.raises(Refused, match="not registered and was never heard"):
        rig.ask("read-clock", OTHER_MN)


def test_expires_unsent(rig: Rig) -> None:
    """What could not be sent in its time never is."""
    command = rig.ask("read-clock", OTHER_MN, expires_s=60)
    rig.loop.steps(61, 0.25)
    assert rig.record(command).state == "expired"
    rig.connect(OTHER_MN)
    assert rig.sent == []


def test_cancelled_before_it_was_sent(rig: Rig) -> None:
    """It is never sent; who cancelled is on record; a second time is refused."""
    command = rig.ask("read-clock", OTHER_MN)
    assert result(rig.service.cancel(command.id, "li")).state == "cancelled"
    rig.connect(OTHER_MN)
    assert rig.sent == []
    assert rig.record(command).why == "cancelled by li"
    for number, text in ((command.id, "has ended: cancelled"), (4711, "there is no command")):
        with pytest.raises(Refused, match=text):
            result(rig.service.cancel(number, "li"))


def test_cancelled_under_way(rig: Rig) -> None:
    """It is given up, the next goes; what the instrument says later are events of it."""
    command, following = rig.ask("read-clock"), rig.ask("read-realtime-interval")
    result(rig.service.cancel(command.id, "li"))
    assert [request.cn for _, request in rig.sent] == ["1011", "1061"]
    late = rig.sent[0][1].qn
    rig.say("9011", "QnRtn=1", qn=late)
    rig.say("9012", "ExeRtn=1", qn=late)
    assert rig.record(command).state == "cancelled"
    assert rig.events(command) == ["queued", "sent", "cancelled", "late", "late"]
    assert rig.record(following).state == "sent"


def test_late_after_the_timeout(rig: Rig) -> None:
    """Executed after the time was up is executed: the record says both, who waits for ends hears
    it once more, and a repetition changes nothing."""
    ends: list[tuple[str, str]] = []
    rig.service.finished.append(lambda record: ends.append((record.state, record.why)))
    command = rig.ask("set-realtime-interval", args={"RtdInterval": "60"})
    rig.loop.steps(45, 0.25)
    for _ in range(2):
        rig.say("9012", "ExeRtn=1")
    record = rig.record(command)
    assert (record.state, record.exe_rtn, record.why) == ("done", 1, LATE)
    assert [state for state, _ in ends] == ["timeout", "done"]
    assert rig.events(command)[-4:] == ["timeout", "late", "done", "late"]
    assert rig.service.status()["ended"] == {"timeout": 1}
    assert rig.service.status()["answered_late"] == 1


@pytest.mark.parametrize(
    ("first", "then", "state", "why"),
    [
        (("9012", "ExeRtn=2"), ("9012", "ExeRtn=1"), "done", "before it was failed: ExeRtn 2"),
        (("9011", "QnRtn=2"), ("9012", "ExeRtn=1"), "done", "before it was refused: QnRtn 2"),
        ((), ("9012", "ExeRtn=5"), "failed", f"; {LATE}"),
        ((), ("9011", "QnRtn=3"), "refused", f"; {LATE}"),
        (("9012", "ExeRtn=1"), ("9012", "ExeRtn=5"), "done", ""),
        ((), ("9011", "QnRtn=1"), "timeout", "no answer"),
    ],
)
def test_an_end_gets_surer(
    rig: Rig, first: tuple[str, str] | tuple[()], then: tuple[str, str], state: str, why: str
) -> None:
    """Executed, failed, refused, silence: what came of a command is the surest that was said."""
    command = rig.ask("read-clock")
    if first:
        rig.say(*first)
    else:
        rig.loop.steps(45, 0.25)
    rig.say(*then)
    assert rig.record(command).state == state
    assert why in rig.record(command).why


def test_cancelled_stays_cancelled(rig: Rig) -> None:
    """What people gave up is not done, whatever the instrument says later."""
    command = rig.ask("read-clock")
    result(rig.service.cancel(command.id, "li"))
    rig.say("9012", "ExeRtn=1")
    assert rig.record(command).state == "cancelled"
    assert rig.events(command)[-1] == "late"


def test_waits_as_the_instrument_was_set(tmp_path: Path) -> None:
    """OverTime and ReCount that an instrument took count from then on, over a restart and after
    old commands were forgotten; a refusal and another MN change nothing."""
    with serving(tmp_path, keep_days=1) as rig:
        rig.connect()
        setting = rig.ask("set-timeouts", args={"OverTime": "20", "ReCount": "1"})
        rig.say("9012", "ExeRtn=1")
        refused = rig.ask("set-timeouts", args={"OverTime": "2", "ReCount": "9"})
        rig.say("9011", "QnRtn=2")
        detail = [one.detail for one in rig.history(refused) if one.event == "sent"]
        assert detail == [f"link {LINK}; 20 s, 1 resends (set by command {setting.id})"]
        rig.offset_us += 3 * 86_400_000_000
        rig.loop.steps(3600, 60)
        assert rig.keeper.registry.commands.get(refused.id) is None
        now_us = rig.now_us()
    with serving(tmp_path) as rig:
        rig.offset_us = now_us
        rig.connect()
        command = rig.ask("read-clock")
        rig.loop.steps(39, 0.25)
        assert (rig.record(command).state, rig.record(command).attempts) == ("sent", 2)
        rig.loop.steps(2, 0.25)
        assert rig.record(command).state == "timeout"
        rig.connect(OTHER_MN, OTHER_LINK)
        other = rig.ask("read-clock", OTHER_MN)
        assert rig.history(other)[-1].detail == f"link {OTHER_LINK}; 10 s, 3 resends (GPRS)"


def test_a_pause_between_two_commands(tmp_path: Path) -> None:
    """An instrument is left alone for a while after each command, whether or not the next one was
    there already; another instrument is not held up by it."""
    with serving(tmp_path, pause_ms=600) as rig:
        rig.connect()
        rig.connect(OTHER_MN, OTHER_LINK)
        rig.ask("read-clock")
        queued = rig.ask("read-realtime-interval")
        rig.say("9012", "ExeRtn=1")
        rig.ask("read-clock", OTHER_MN)
        rig.loop.steps(0.5, 0.25)
        assert [request.mn for _, request in rig.sent] == [MN, OTHER_MN]
        assert rig.record(queued).state == "queued"
        rig.loop.steps(0.5, 0.25)
        assert rig.record(queued).state == "sent"
        rig.say("9012", "ExeRtn=1")
        after = rig.ask("read-clock")
        assert rig.record(after).state == "queued"
        rig.loop.steps(0.75, 0.25)
        assert rig.record(after).state == "sent"


def test_of_2005_without_qn(rig: Rig) -> None:
    """QN inside CP counts as QN; without any the one command of the MN is meant, and counted."""
    rig.known.of[MN] = Facts(known=True, version="2005", st="32")
    command = rig.ask("set-realtime-interval", args={"RtdInterval": "60"})
    rig.say("9011", f"QN={rig.sent[-1][1].qn};QnRtn=1", qn="")
    rig.say("9012", "ExeRtn=1", qn="")
    assert rig.record(command).state == "done"
    assert "matched by MN" in rig.events(command)
    assert rig.service.status()["without_qn"] == 1
    rig.say("9012", "ExeRtn=1", qn="")
    assert rig.service.status()["unmatched"] == 1


def test_two_instruments_with_one_mn(rig: Rig) -> None:
    """The newest link gets it, and the record says that there are two."""
    rig.connect(MN, OTHER_LINK)
    command = rig.ask("read-clock")
    assert [link for link, _ in rig.sent] == [OTHER_LINK]
    assert "conflict" in rig.events(command)


def test_over_a_link(rig: Rig) -> None:
    """A command for what is on a link goes there, whatever the MN; a link that is gone ends it."""
    args = {"MN": "NEWMN1", "i23005-Info": "A1"}
    rig.known.of[""] = Facts(known=False, version="2025", st="31")
    command = rig.ask("set-mn", "", link=OTHER_LINK, args=args, origin="keys")
    ((link, request),) = rig.sent
    assert (link, request.mn) == (OTHER_LINK, "NEWMN1")
    rig.say("9012", "ExeRtn=1", mn="NEWMN1", link=OTHER_LINK)
    assert rig.record(command).state == "done"
    rig.why_not_sent = "no_link"
    gone = rig.ask("set-mn", "", link=OTHER_LINK, args=args, origin="keys")
    assert rig.record(gone).state == "failed"
    assert "no_link" in rig.record(gone).why


@pytest.mark.parametrize("name", ["set-key", "1014", "set-mn"])
def test_keys_and_mns_are_given_by_their_own_room(rig: Rig, name: str) -> None:
    """A key that the hub does not know of would make the device unreadable."""
    rig.known.of[MN] = Facts(known=True, version="2025", st="31")
    args = {"SKCreateTime": "20260301080000", "NewSK": "0" * 16}
    with pytest.raises(Refused, match=r"hj212d (keys|activation)"):
        rig.ask(name, args=args)


def test_a_frame_of_a_superior_platform(rig: Rig) -> None:
    """It goes out byte for byte, under its own QN; every answer is handed to who asked."""
    spec = find("read-clock", "2017")
    assert spec is not None
    raw = build_request(
        spec, version="2017", qn="20250101080000123", st="32", pw="654321", mn=MN, args={}
    )
    answers: list[tuple[str, str]] = []
    rig.service.heard.append(lambda record, heard: answers.append((record.name, heard.frame.cn)))
    command = rig.ask("", origin="forward:province", raw=raw)
    assert rig.raw == [raw]
    assert command.name == "read-clock"
    rig.say("9011", "QnRtn=1", qn="20250101080000123")
    rig.say("9012", "ExeRtn=1", qn="20250101080000123")
    assert answers == [("read-clock", "9011"), ("read-clock", "9012")]
    with pytest.raises(Refused, match="cannot be sent on"):
        rig.ask("", origin="forward:province", raw=b"##0000")


def test_secrets_are_sealed_and_not_shown(rig: Rig) -> None:
    """A new password leaves on the wire, and nowhere else."""
    command = rig.ask("set-password", args={"NewPW": "s3cret"})
    assert rig.sent[0][1].cp["NewPW"] == "s3cret"
    record = rig.record(command)
    assert record.args == {"NewPW": "***"}
    shown = msgspec.structs.replace(record, secret_args={}, raw=b"")
    assert "s3cret" not in str(shown)


@pytest.mark.parametrize(
    ("name", "args", "text"),
    [
        ("read-clok", {}, "did you mean read-clock"),
        ("read-alarm-limits", {}, "is a command of HJ 212-2005"),
        ("set-realtime-interval", {"RtdInterval": "5"}, "RtdInterval"),
        ("set-realtime-interval", {}, "RtdInterval"),
    ],
)
def test_wrong_wishes(rig: Rig, name: str, args: dict[str, str], text: str) -> None:
    """What is wrong with a wish is said in one sentence, and nothing is kept of it."""
    with pytest.raises(Refused, match=text):
        rig.ask(name, args=args)
    assert result(rig.service.find()) == []


def test_too_many_for_one_mn(tmp_path: Path) -> None:
    """The queue of an MN is bounded."""
    with serving(tmp_path, queue_per_mn=3) as rig:
        for _ in range(3):
            rig.ask("read-clock")
        with pytest.raises(Refused, match="3 commands"):
            rig.ask("read-clock")
        rig.ask("read-clock", OTHER_MN)


def test_watching_one(rig: Rig) -> None:
    """Each change is told until the end, or until told to stop."""
    command = rig.ask("read-clock", OTHER_MN)
    states: list[str] = []
    quiet: list[str] = []
    rig.service.watch(command.id, lambda record: states.append(record.state))
    rig.service.watch(command.id, lambda record: quiet.append(record.state))()
    rig.connect(OTHER_MN)
    rig.say("9011", "QnRtn=1", mn=OTHER_MN)
    rig.say("9012", "ExeRtn=1", mn=OTHER_MN)
    assert states == ["sent", "accepted", "done"]
    assert quiet == []


def test_a_notice(rig: Rig) -> None:
    """Stop of uploads is a notice: 9013 is its end."""
    command = rig.ask("stop-realtime")
    rig.say("9013")
    assert rig.record(command).state == "done"


def test_what_is_not_known_is_said(rig: Rig) -> None:
    """A version that nobody knows is assumed, and the record says so."""
    rig.known.of[MN] = Facts(known=True, version="2017", st="32", assumed="2017 is assumed")
    command = rig.ask("read-clock")
    assert [one.detail for one in rig.history(command) if one.event == "assumed"] == [
        "2017 is assumed"
    ]


def test_found_again(rig: Rig) -> None:
    """By MN and state, newest first, page by page."""
    commands = [rig.ask("read-clock", OTHER_MN) for _ in range(3)]
    result(rig.service.submit(NewCommand(mn=MN, name="1011", origin="api", who="page")))
    found = result(rig.service.find(OTHER_MN, ["queued"], 2))
    assert [one.id for one in found] == [commands[2].id, commands[1].id]
    rest = result(rig.service.find(OTHER_MN, None, 2, before_id=found[-1].id))
    assert [one.id for one in rest] == [commands[0].id]


def test_forgotten_in_the_end(tmp_path: Path) -> None:
    """Old commands that ended go, those that are open stay."""
    with serving(tmp_path, keep_days=1, expires_s=30 * 86400) as rig:
        rig.connect()
        done = rig.ask("read-clock")
        rig.say("9012", "ExeRtn=1")
        waiting = rig.ask("read-clock", OTHER_MN)
        rig.offset_us += 2 * 86_400_000_000
        rig.loop.steps(3600, 60)
        assert rig.keeper.registry.commands.get(done.id) is None
        assert rig.record(waiting).state == "queued"
