"""Messages within the platform, and those by apprise."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from notify_rig import HttpRig, Said, parcel

from alerts.notify.channels.app import App
from alerts.notify.channels.apprise_channel import AppriseChannel
from alerts.notify.parcel import NotNow, Refused


def test_within_the_platform() -> None:
    """It is there at once."""
    assert App().send(parcel()).text == "kept for reading"


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
def test_apprise() -> None:
    """By a real request; true and false are all that it says."""
    with HttpRig() as rig:
        channel = AppriseChannel()
        address = f"json://127.0.0.1:{rig.port}/in"
        assert "went well" in channel.send(parcel(address=address)).text
        assert json.loads(rig.asked[0].body)["title"] == parcel().subject
        rig.answer = lambda _: Said(500)
        with pytest.raises(NotNow, match="does not say why"):
            channel.send(parcel(address=address))
        with pytest.raises(Refused, match="no service"):
            channel.send(parcel(address="nothing://x"))


def test_apprise_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence names the extra."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(NotNow, match=r"pip install 'hj212d\[notify\]'"):
        AppriseChannel().send(parcel(address="json://x"))
