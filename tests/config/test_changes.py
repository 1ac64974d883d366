"""What a reload puts in force and what must wait."""

from __future__ import annotations

from hj212d.config.changes import changed_keys, reloaded, restart_line
from hj212d.config.model import Config
from hj212d.hub.settings import HubSettings
from hj212d.link.settings import LinkSettings, ProfileSettings
from hj212d.wire.settings import DeviceSettings

OLD = Config(
    link=LinkSettings(listen=["127.0.0.1:1 old"], idle_timeout_s=5),
    profiles=[ProfileSettings(name="old"), ProfileSettings(name="unused")],
)


def test_nothing_changed() -> None:
    """Then nothing is said."""
    assert changed_keys(OLD, OLD) == []
    assert restart_line(OLD, OLD) == ""
    assert reloaded(OLD, OLD) == OLD


def test_keys_that_need_a_restart_are_named_in_one_line() -> None:
    """Those that a reload puts in force are not."""
    new = Config(link=LinkSettings(idle_timeout_s=6), hub=HubSettings(http=""))
    changed = {"link.listen", "link.idle_timeout_s", "hub.http", "profile.name"}
    assert changed <= {key.dotted for key in changed_keys(OLD, new)}
    assert restart_line(OLD, new) == (
        "changed, in force only after a restart: link.listen, hub.http"
    )


def test_a_reload_keeps_what_needs_a_restart() -> None:
    """Addresses stay with their profile even when the file forgot it; timeouts and devices come
    from the new file."""
    new = Config(link=LinkSettings(idle_timeout_s=6), devices=[DeviceSettings(mn="A")])
    merged = reloaded(OLD, new)
    assert merged.link.listen == OLD.link.listen
    assert merged.link.idle_timeout_s == 6
    assert merged.devices == new.devices
    assert [profile.name for profile in merged.profiles] == ["old"]
