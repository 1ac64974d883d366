"""What the API lets through: values that mean something, each behind its own option."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hj212d.hub.jobs.wishes import ExportWish, ReportWish


def test_a_report() -> None:
    """Every field is an argument of its own."""
    wish = msgspec.convert(
        {
            "kind": "month",
            "places": ["region:330100", "stations:*"],
            "period": "2026-10",
            "template": "own-1",
            "format": "pdf",
            "bom": False,
        },
        ReportWish,
    )
    assert wish.argv() == [
        "report", "month", "--format=pdf", "--standard=auto", "--events=with", "--no-bom",
        "--template=own-1", "--place=region:330100", "--place=stations:*", "--period=2026-10",
    ]  # fmt: skip


def test_an_export() -> None:
    """From and to by the names that the API has."""
    said = {"what": "means", "level": "hour", "from": "2026-10-01", "to": "2026-10-02T08:00+08:00"}
    assert msgspec.convert(said, ExportWish).argv() == [
        "export", "means", "--format=csv", "--level=hour",
        "--from=2026-10-01", "--to=2026-10-02T08:00+08:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"places": ["--output=/etc/passwd", "a b"]},
        {"places": ["a b"]},
        {"places": ["x" * 65]},
        {"places": ["a\nb"]},
        {"places": ["$(id)"]},
        {"template": "../secret"},
        {"template": "/etc/x"},
        {"template": ".."},
        {"period": "; rm -rf /"},
        {"from": "now; ls"},
        {"factors": ["a34004 b"]},
        {"format": "exe"},
        {"kind": "decade"},
        {"output": "/tmp/x"},
        {"config": "x"},
    ],
)
def test_what_is_refused(wrong: dict[str, Any]) -> None:
    """Nothing that could name a file, an option or a command."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "month", **wrong}, ReportWish)


def test_a_dash_in_front_is_a_value() -> None:
    """An MN may begin with anything: it stays behind its option."""
    argv = msgspec.convert({"kind": "day", "places": ["-x"]}, ReportWish).argv()
    assert "--place=-x" in argv
