"""hj212d decode: text, HEX, raw streams; keys, tolerances; JSON keys and status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Hj212d, process

from hj212d.wire import build, sm4

KEY = b"0" * 16
MN = "010000A8900016F000169DC0"
CONTRACT = [
    "ok", "reason", "offset", "declared_length", "length", "crc", "crc_expected", "version", "qn",
    "st", "cn", "mn", "flag", "pnum", "pno", "cp", "factors", "repairs", "warnings",
]  # fmt: skip


def segment(cp: str, *, cn: str = "2011", flag: int = 5, mn: str = MN) -> bytes:
    """A data segment of a water station."""
    return build.segment(
        qn="20240520210700000", st="32", cn=cn, pw="123456", mn=mn, flag=flag, cp=cp
    )


GOOD = build.frame(segment("DataTime=20240520210600;w01018-Rtd=40.1,w01018-Flag=D"))
REPLY = build.frame(segment("", cn="9014", flag=4))
WRONG_CRC = GOOD[:-6] + b"FFFF\r\n"


def cipher_frame() -> bytes:
    """An encrypted frame: length and CRC are those of the plain one (HJ 212-2025, A.2)."""
    plain = segment("DataTime=20240520210600;w01018-Min=1,w01018-Avg=2", cn="2051", flag=9)
    framed = build.frame(plain)
    return framed[:6] + sm4.encrypt_cp(plain, KEY) + framed[6 + len(plain) :]


def decoded(stdin: bytes, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """Status and objects of ``decode --json`` for these bytes."""
    done = process("decode", "--json", *words, "-", stdin=stdin)
    assert done.stderr == b""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_a_frame_as_an_object() -> None:
    """The keys of the contract in their order, ours behind them, texts as they came."""
    status, (found,) = decoded(GOOD)
    assert status == 0
    assert list(found)[: len(CONTRACT)] == CONTRACT
    assert found == {
        "ok": True,
        "reason": "ok",
        "offset": 0,
        "declared_length": 140,
        "length": 140,
        "crc": GOOD[-6:-2].decode(),
        "crc_expected": GOOD[-6:-2].decode(),
        "version": "2017",
        "qn": "20240520210700000",
        "st": "32",
        "cn": "2011",
        "mn": MN,
        "flag": 5,
        "pnum": None,
        "pno": None,
        "cp": {"DataTime": "20240520210600"},
        "factors": {"w01018": {"Rtd": "40.1", "Flag": "D"}},
        "repairs": [],
        "warnings": [],
        "line": 1,
        "rf": False,
        "encrypted": False,
        "data_time": "2024-05-20T21:06:00+08:00",
        "help": "a good frame",
    }


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_lines_of_text(newline: bytes) -> None:
    """Comments and blank lines are skipped; HEX lines, glued frames and junk are read; a broken
    line costs only itself."""
    lines = [
        b"\xef\xbb\xbf# version=2017 | a comment",
        b"#",
        b"",
        GOOD.strip(),
        b"HEX:" + GOOD.hex().encode(),
        b"HEX: " + GOOD.strip().hex(" ").encode().upper(),
        GOOD[:60],
        b"junk of a DTU" + GOOD.strip() + REPLY.strip(),
        b"HEX:0g",
        WRONG_CRC.strip(),
        b"  " + GOOD.strip() + b"  ",
    ]
    status, found = decoded(newline.join(lines) + newline)
    assert status == 1
    assert [(one["line"], one["reason"], one["cn"]) for one in found] == [
        (4, "ok", "2011"),
        (5, "ok", "2011"),
        (6, "ok", "2011"),
        (7, "truncated", "2011"),
        (8, "junk", ""),
        (8, "ok", "2011"),
        (8, "ok", "9014"),
        (9, "junk", ""),
        (10, "crc_wrong", "2011"),
        (11, "ok", "2011"),
    ]
    assert found[5]["offset"] == 13
    assert found[8]["crc_expected"] == GOOD[-6:-2].decode()


def test_a_raw_stream_is_noticed_and_cut_as_a_link_would() -> None:
    """Binary content and frames without line ends: one stream, offsets in it."""
    stream = b"\x00\x01" + GOOD + cipher_frame() + REPLY.strip() + GOOD[:40]
    status, found = decoded(stream, "--key", KEY.hex())
    assert status == 1
    assert [(one["line"], one["reason"]) for one in found] == [
        (None, "junk"),
        (None, "ok"),
        (None, "ok"),
        (None, "ok"),
        (None, "truncated"),
    ]
    offsets = [one["offset"] for one in found]
    assert stream[offsets[1] :].startswith(GOOD[:20])
    assert stream[offsets[3] :].startswith(REPLY[:20])


def test_raw_is_forced() -> None:
    """What looks like a comment is junk in a byte stream."""
    text = b"# a comment\n" + GOOD
    assert [one["reason"] for one in decoded(text)[1]] == ["ok"]
    status, found = decoded(text, "--raw")
    assert (status, [one["reason"] for one in found]) == (1, ["junk", "ok"])


def test_a_long_capture_without_line_ends_is_a_stream() -> None:
    """A thousand frames glued together: all of them, across the borders of reading."""
    status, found = decoded(GOOD.strip() * 1000)
    assert status == 0
    assert [one["offset"] for one in found] == [n * len(GOOD.strip()) for n in range(1000)]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "key_missing"),
        (["--key", "1" * 16], "key_wrong"),
        (["--key", KEY.decode()], "ok"),
        (["--key", "1" * 32, "--key", KEY.hex()], "ok"),
    ],
)
def test_an_encrypted_frame_needs_its_key(words: list[str], reason: str) -> None:
    """As 32 digits or 16 characters; several may be tried."""
    status, (found,) = decoded(b"HEX:" + cipher_frame().hex().encode(), *words)
    assert (status, found["reason"]) == (0 if reason == "ok" else 1, reason)
    if reason == "ok":
        assert found["encrypted"] is True
        assert found["factors"] == {"w01018": {"Min": "1", "Avg": "2"}}


def test_tolerances_on_the_desk() -> None:
    """Wrong lengths are read through, CRCs only when asked."""
    body = GOOD[6:].strip()
    wrong_length = b"##0137" + body
    short_length = b"##140" + body
    no_crc = GOOD[:-6] + b"0000"
    text = b"\n".join([wrong_length, short_length, no_crc])
    status, found = decoded(text)
    assert status == 1
    assert [(one["ok"], one["repairs"]) for one in found] == [
        (True, ["length_off"]),
        (True, ["length_short"]),
        (False, []),
    ]
    status, found = decoded(text, "--tolerate", "crc_absent")
    assert (status, found[2]["repairs"]) == (0, ["crc_absent"])


def test_a_length_field_that_no_link_would_wait_for() -> None:
    """Is broken, unless the device is known for it."""
    text = b"##9999" + GOOD[6:] + GOOD
    assert [one["reason"] for one in decoded(text)[1]] == ["length_over_limit", "ok"]
    found = decoded(text, "--tolerate", "length_off")[1]
    assert [one["repairs"] for one in found] == [["length_off"], []]


def test_what_is_configured_for_a_device_counts(tmp_path: Path) -> None:
    """Keys and tolerances of [[device]] are used for its frames only."""
    config = tmp_path / "c.toml"
    config.write_text(
        f'[[device]]\nmn = "{MN}"\nkeys = ["{KEY.hex()}"]\ntolerate = ["crc_absent"]\n'
    )
    other = build.frame(segment("DataTime=20240520210600", mn="OTHER"))[:-6] + b"0000"
    text = b"HEX:" + cipher_frame().hex().encode() + b"\n" + GOOD[:-6] + b"0000\n" + other
    _, found = decoded(text, "--config", str(config))
    assert [one["ok"] for one in found] == [True, True, False]


def test_people_get_names_units_and_a_summary(hj212d: Hj212d, tmp_path: Path) -> None:
    """Command, system, factor, mark and reason in words; control characters spelled out."""
    file = tmp_path / "frames.txt"
    file.write_bytes(GOOD + WRONG_CRC + b"\x1b[31mred\n")
    done = hj212d("decode", file)
    assert done.status == 1
    assert "ok  2017  CN 2011 (Upload real-time data" in done.out
    assert "ST 32 (Surface water pollution source" in done.out
    assert "QN 20240520210700000 (2024-05-20 21:07:00)" in done.out
    assert "DataTime 20240520210600 (2024-05-20 21:06:00)" in done.out
    assert "化学需氧量" in done.out
    assert "Rtd 40.1  Flag D (Instrument fault)" in done.out
    assert "BAD crc_wrong: the CRC does not fit the data segment" in done.out
    assert f"CRC FFFF, expected {GOOD[-6:-2].decode()}" in done.out
    assert "\x1b" not in done.out
    assert "3 frames: 1 good, 2 bad; crc_wrong 1, junk 1" in done.out


def test_return_codes_packets_and_resends_in_words(hj212d: Hj212d, tmp_path: Path) -> None:
    """QnRtn is explained; PNUM, PNO and RF are told; vendor codes have no name."""
    answer = segment("QnRtn=3", cn="9011", flag=4)
    packet = build.segment(
        qn="", st="X9", cn="2061", pw="", mn="A", flag=10, pnum=2, pno=1, rf=True,
        cp="DataTime=20240520210000;zz9-Avg=1",
    )  # fmt: skip
    file = tmp_path / "frames.txt"
    file.write_bytes(build.frame(answer) + build.frame(packet))
    done = hj212d("decode", file)
    assert done.status == 0
    assert "QnRtn 3 (" in done.out
    assert "packet 1 of 2" in done.out
    assert "RF 1 (sent again)" in done.out
    assert "zz9" in done.out
    assert "2 frames: 2 good, 0 bad" in done.out


def test_nothing_to_read_is_no_error(hj212d: Hj212d, tmp_path: Path) -> None:
    """An empty file has no bad frames."""
    file = tmp_path / "empty"
    file.touch()
    assert hj212d("decode", file) == (0, "0 frames: 0 good, 0 bad\n", "")
    assert hj212d("decode", "--json", file) == (0, "", "")
