"""One pass of the ear: what it finds in the journal's bytes, and what it never reads as frames."""

from __future__ import annotations

from pathlib import Path

import pytest
from hub_rig import MN, OTHER_MN, append, bad, good, lane, sealed, upload

from hj212d.hub.commands.ear_pass import EarPass, wanted
from hj212d.hub.reread import Rereader
from hj212d.journal.record import Kind, Record
from hj212d.wire import build
from hj212d.wire.frame import Device
from hj212d.wire.reasons import Reason

KEY = bytes(range(16))
NOTHING_KNOWN = Device()


def said(cn: str, cp: str = "", mn: str = MN) -> bytes:
    """A frame of 2017 with this CN."""
    segment = build.segment(
        qn="20260101080000001", st="91", cn=cn, pw="123456", mn=mn, flag=4, cp=cp
    )
    return build.frame(segment).removesuffix(b"\r\n")


def ear(tmp_path: Path, device: Device = NOTHING_KNOWN) -> EarPass:
    """A pass from the beginning of the journal."""
    return EarPass(tmp_path / "journal", {}, Rereader(lambda _: device))


def test_answers_and_notices_are_found_among_uploads(tmp_path: Path) -> None:
    """Of a block full of uploads only what may answer a command is read as frames."""
    with lane(tmp_path) as writer:
        uploads = [good(upload(rtd=str(n))) for n in range(50)]
        replies = [good(said(cn)) for cn in ("9011", "9012", "9013", "1011", "3020", "1013")]
        append(writer, uploads + replies + uploads + [good(said("9014"))])
        listening = ear(tmp_path)
        heard, more = listening.read(wanted(()))
    assert [one.frame.cn for one in heard] == ["9011", "9012", "9013", "1011", "3020", "1013"]
    assert listening.candidates == 6
    assert not more
    listening.close()


def test_all_frames_of_a_watched_mn(tmp_path: Path) -> None:
    """While a command is open every frame of its MN is heard, in order, once."""
    with lane(tmp_path) as writer:
        append(
            writer,
            [good(upload(OTHER_MN)), good(upload(rtd="1")), good(said("9012")), good(upload())],
        )
        listening = ear(tmp_path)
        heard, _ = listening.read(wanted({MN}))
    assert [one.frame.cn for one in heard] == ["2011", "9012", "2011"]
    assert len({one.position for one in heard}) == 3
    listening.close()


def test_patterns_of_others(tmp_path: Path) -> None:
    """Somebody's own bytes are searched for literally."""
    with lane(tmp_path) as writer:
        append(writer, [good(upload(rtd="1.50")), good(upload(rtd="1450"))])
        listening = ear(tmp_path)
        heard, _ = listening.read(wanted((), [b"Rtd=1.50"]))
    assert [one.frame.factors["w01018"]["Rtd"] for one in heard] == ["1.50"]
    listening.close()


def test_an_encrypted_frame_is_found_and_read(tmp_path: Path) -> None:
    """Header fields are in clear: the frame is found by its MN and decrypted with the keys."""
    with lane(tmp_path) as writer:
        append(writer, [good(sealed(KEY))])
        listening = ear(tmp_path, Device(keys=(KEY,)))
        (heard,), _ = listening.read(wanted({MN}))
    assert heard.frame.ok
    assert heard.frame.factors["a01011"]["Rtd"] == "1.35"
    listening.close()


def test_a_bad_frame_keeps_its_verdict(tmp_path: Path) -> None:
    """What the listener refused is heard with its reason; what is no frame is not."""
    with lane(tmp_path) as writer:
        append(
            writer,
            [
                bad(said("9012"), Reason.PW_WRONG),
                Record(Kind.LINK_IDENTIFIED, 1, 1, meta=b'{"mn":"CN=9012;"}'),
            ],
        )
        listening = ear(tmp_path)
        (heard,), _ = listening.read(wanted(()))
    assert heard.frame.reason is Reason.PW_WRONG
    listening.close()


def test_every_lane_and_new_ones(tmp_path: Path) -> None:
    """A lane that appears is read from its beginning; one that is known from its position on."""
    listening = ear(tmp_path)
    with lane(tmp_path) as writer, lane(tmp_path, "1") as other:
        append(writer, [good(said("9011"), link=7)])
        assert [(one.lane, one.link) for one in listening.read(wanted(()))[0]] == [("0", 7)]
        append(other, [good(said("9012"), link=8)])
        append(writer, [good(upload())])
        assert [(one.lane, one.link) for one in listening.read(wanted(()))[0]] == [("1", 8)]
        positions = listening.positions
    listening.close()
    again = EarPass(tmp_path / "journal", positions, Rereader(lambda _: Device()))
    assert again.read(wanted({MN})) == ([], False)
    again.close()


def test_more_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass is bounded: it says that more waits, and how much."""
    monkeypatch.setattr("hj212d.hub.commands.ear_pass.PASS_BYTES", 1000)
    with lane(tmp_path) as writer:
        for _ in range(10):
            append(writer, [good(said("9011"))] * 3)
        listening = ear(tmp_path)
        heard, more = listening.read(wanted(()))
        assert more
        assert listening.lag_bytes() > 0
        while more:
            further, more = listening.read(wanted(()))
            heard += further
    assert len(heard) == 30
    listening.close()
