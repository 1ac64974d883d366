"""From wishes to records."""

from __future__ import annotations

import pytest
from command_rig import START_US
from hub_rig import MN, upload

from hj212d.hub.commands.book import microseconds
from hj212d.hub.commands.drawing_up import at_sending, chosen, drawn_up, read, spec_of
from hj212d.hub.commands.facts import Facts
from hj212d.hub.commands.new_command import NewCommand, Refused
from hj212d.wire import build

FACTS = Facts(known=True, version="2017", st="32")


def test_times_and_defaults() -> None:
    """When it was made and when it expires, to the microsecond."""
    wish = NewCommand(mn=MN, name="1011", origin="cli", who="wang", priority=2)
    record, spec = drawn_up(wish, FACTS, START_US + 5, 1.5)
    assert spec.name == record.name == "read-clock"
    assert microseconds(record.created_at) == START_US + 5
    assert microseconds(record.expires_at) == START_US + 1_500_005
    assert (record.state, record.origin, record.who, record.priority) == (
        "queued",
        "cli",
        "wang",
        2,
    )


def test_nobody_is_meant() -> None:
    """Without an MN and without a link there is nobody to ask."""
    with pytest.raises(Refused, match="an MN is needed"):
        drawn_up(NewCommand(mn="", name="1011", origin="cli"), FACTS, START_US, 1)


def test_of_another_version() -> None:
    """What only other versions have is said with their names."""
    with pytest.raises(Refused, match="HJ 212-2025; A speaks 2017") as refused:
        chosen("set-mn", "2017", "A")
    assert refused.value.field == "name"


def test_the_time_of_a_clock_setting() -> None:
    """Left out it is that of the sending; given it stays."""
    spec = chosen("set-clock", "2017", MN)
    assert at_sending(spec, {}, START_US) == {"SystemTime": "20260101080000"}
    assert at_sending(spec, {"SystemTime": "1"}, START_US) == {"SystemTime": "1"}


@pytest.mark.parametrize("raw", [b"", b"hello", upload() + b"x" + upload(), upload()[:-2]])
def test_what_cannot_be_sent_on(raw: bytes) -> None:
    """Only one whole frame goes on as it is."""
    with pytest.raises(Refused):
        read(raw)


def test_a_cn_that_is_in_no_table() -> None:
    """A superior platform may ask for what we do not know: it counts as a request without data."""
    segment = build.segment(qn="1", st="32", cn="3999", pw="1", mn=MN, flag=5, cp="")
    spec = spec_of(read(build.frame(segment)))
    assert (spec.name, spec.kind, spec.results) == ("3999", "request", "")
