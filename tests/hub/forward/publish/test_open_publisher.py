"""From settings to a publisher."""

from __future__ import annotations

import pytest
from publishing import settings
from reactor_thread import RunningReactor

from hj212d.hub.forward.publish import open as opening
from hj212d.wire.frame import Device


@pytest.mark.parametrize(
    ("kind", "url"),
    [("mqtt", "mqtt://127.0.0.1"), ("kafka", "kafka://127.0.0.1"), ("http", "http://127.0.0.1/")],
)
def test_each_kind_has_its_publisher(kind: str, url: str, reactor: RunningReactor) -> None:
    """What the settings allow can be opened."""
    made = opening.open_publisher(settings(kind, url), reactor.reactor, lambda _: Device())
    assert made.kind == kind


@pytest.mark.parametrize(
    ("kind", "url", "more", "word"),
    [
        ("mqtt", "http://127.0.0.1", {}, "mqtt://"),
        ("mqtt", "mqtt://127.0.0.1?version=4", {}, "version"),
        ("mqtt", "mqtt://127.0.0.1", {"topic": "{x}"}, "{x}"),
        ("kafka", "kafka://u:p@127.0.0.1?sasl=NTLM", {}, "sasl"),
        ("http", "http://127.0.0.1/", {"topic": "x"}, "topic: "),
    ],
)
def test_what_cannot_be_is_said(
    kind: str, url: str, more: dict[str, object], word: str, reactor: RunningReactor
) -> None:
    """One sentence that names the key."""
    with pytest.raises(ValueError) as refused:
        opening.open_publisher(settings(kind, url, **more), reactor.reactor, lambda _: Device())
    assert word in str(refused.value)


def test_a_missing_client_is_said(
    monkeypatch: pytest.MonkeyPatch, reactor: RunningReactor
) -> None:
    """With the command that installs it."""
    monkeypatch.setattr(opening, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"pip install 'hj212d\[mqtt\]'"):
        opening.open_publisher(
            settings("mqtt", "mqtt://127.0.0.1"), reactor.reactor, lambda _: Device()
        )
