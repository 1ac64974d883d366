"""hj212d/link/log.py: readable, limited, without secrets."""

import logging

import pytest

from hj212d.link.log import RAW_BYTES, LimitedLog, line, masked


class Clock:
    """A clock that stands until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_line_has_the_mn_first_and_quotes_what_needs_it() -> None:
    """Lines are key=value; texts with blanks are quoted, control characters escaped."""
    text = line("rejected", {"link": 7, "mn": "M1", "raw": b"a b\r\n", "peer": "", "why": None})
    assert text == 'mn=M1 event=rejected link=7 raw="a b\\r\\n"'


def test_raw_text_is_cut_and_a_log_line_stays_one_line() -> None:
    """Of a long piece 200 bytes are shown; nothing a peer sends can begin a new line."""
    text = line("rejected", {"raw": b"x" * 500 + b"\nFAKE event"})
    assert text.count("x") == RAW_BYTES
    assert "\n" not in line("rejected", {"raw": b'\n" mn=\x85\xe2\x80\xa8'})


@pytest.mark.parametrize(
    "raw",
    [
        b"##0087QN=1;ST=21;CN=2011;PW=s3cret;MN=A",
        b"##0012PW=s3cret;MN=A",
        b"CP=&&NewPW=s3cret;x=1&&",
        b"CP=&&SKCreateTime=1,NewSK=s3cret&&",
        b"ST=21,PW = s3cret",
    ],
)
def test_secrets_are_blanked(raw: bytes) -> None:
    """Passwords and keys in raw text do not reach the log, wherever they stand."""
    assert b"s3cret" not in masked(raw)
    assert b"***" in masked(raw)


def test_flood_is_held_back_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """Of one event so many lines pass in a period; the next that passes says what was held."""
    clock = Clock()
    log = LimitedLog(logging.getLogger("t"), clock, burst=2, period_s=10.0)
    with caplog.at_level(logging.INFO, "t"):
        for n in range(100):
            log(logging.INFO, "flood", n=n)
        log(logging.INFO, "other")
        clock.now = 10.0
        log(logging.INFO, "flood", n=100)
    assert caplog.messages == [
        "event=flood n=0",
        "event=flood n=1",
        "event=other",
        "event=flood n=100 held_back=98",
    ]
