"""What the API lets through to `hj212d map`, and that the command takes it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hj212d.cli.commands.map import command
from hj212d.hub.maps.wish import MapWish


def test_one_map() -> None:
    """Every field is an argument of its own."""
    wish = msgspec.convert(
        {
            "factor": "PM2.5",
            "at": "2026-10-10T08:00",
            "places": ["region:330100"],
            "method": "kriging",
            "log": True,
            "cell_m": 500,
            "title": "杭州市 PM2.5",
            "format": "geojson",
        },
        MapWish,
    )
    assert wish.argv() == [
        "map", "--factor=PM2.5", "--level=hour", "--method=kriging", "--plane=utm",
        "--style=levels", "--standard=auto", "--events=with", "--log", "--title=杭州市 PM2.5",
        "--format=geojson", "--place=region:330100", "--at=2026-10-10T08:00", "--cell-m=500.0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"format": "gif", "from": "2026-10-10", "to": "2026-10-11", "frame_ms": 200},
        {"at": "2026-10-10", "level": "day", "buffer_m": 5000, "style": "smooth"},
    ],
)
def test_the_command_knows_its_options(said: dict[str, Any]) -> None:
    """What the API writes the command reads."""
    arguments = msgspec.convert(said, MapWish).argv()
    context = command.make_context("map", [*arguments[1:], "--output=x", "--progress-json"])
    assert context.params["frames"] == ("format" in said)
    assert context.params["progress_json"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"places": ["--output=/etc/passwd", "a b"]},
        {"factor": "aqi; ls"},
        {"title": "a\nb"},
        {"at": "now; ls"},
        {"cell_m": -1},
        {"format": "exe"},
        {"output": "/tmp/x"},
        {"borders": "/etc/passwd"},
        {"format": "gif"},
        {"format": "gif", "at": "2026-10-10", "from": "2026-10-10", "to": "2026-10-11"},
        {"format": "png", "from": "2026-10-10"},
    ],
)
def test_what_is_refused(wrong: dict[str, Any]) -> None:
    """Other options, files, bounds that do not fit."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, MapWish)
