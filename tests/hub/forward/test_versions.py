"""What another version of the standard has words for."""

from __future__ import annotations

import pytest
from feed_rig import frame, received

from hj212d.hub.forward.versions import CannotRewrite, qn_of, recoded
from hj212d.hub.reread import Rereader
from hj212d.wire.frame import Device, Frame


def read(raw: bytes) -> Frame:
    """The frame as the feed reads it."""
    return Rereader(lambda _: Device()).as_recorded(received(raw))


def test_factors_change_their_codes_with_2005() -> None:
    """Back and forth; plain fields stay."""
    old = read(frame(qn="", flag=0, cp="DataTime=20260601120000;011-Rtd=1,011-Flag=N"))
    new = read(frame(cp="DataTime=20260601120000;w01018-Rtd=1,w01018-Flag=N"))
    assert recoded(old, "2017") == new.items
    assert recoded(new, "2005") == old.items


def test_2017_and_2025_share_their_words() -> None:
    """Nothing changes in CP."""
    one = read(frame())
    assert recoded(one, "2025") == one.items


@pytest.mark.parametrize(
    ("raw", "version", "why"),
    [
        (
            frame(cp="DataTime=20260601120000;w01006-Rtd=1"),
            "2005",
            "factor w01006 has no code in the version of 2005",
        ),
        (
            frame(qn="", flag=0, cp="DataTime=20260601120000;ZZ9-Rtd=1"),
            "2025",
            "factor ZZ9 has no code in the version of 2025",
        ),
        (
            frame(cn="2052", flag=9, cp="DataTime=20260601120000;L-Data=1"),
            "2017",
            "CN 2052 does not exist in the version of 2017",
        ),
        (frame(cn="2999"), "2005", "CN 2999 does not exist in the version of 2005"),
    ],
)
def test_what_a_version_has_no_word_for_is_refused(raw: bytes, version: str, why: str) -> None:
    """With a sentence for the operator."""
    with pytest.raises(CannotRewrite, match=f"^{why}$"):
        recoded(read(raw), version)


def test_a_qn_of_a_moment_is_beijing_time() -> None:
    """To the millisecond."""
    assert qn_of(1_780_286_400_123_999) == "20260601120000123"
