"""Steps in the registry: what a start settles, and keys that people or the configuration bring."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from keys_rig import KEY, MN, START, Registrar

from hj212d.hub.keys import keyring
from hj212d.hub.keys.rotation import wire_time
from store.registry.open import Registry
from store.registry.records import CommandRecord, KeyRecord

NEW = b"n" * 16
LATER = START + timedelta(days=1)


def registry_in(folder: Path) -> Registry:
    """An empty registry."""
    return Registrar(folder).registry


def command(key: KeyRecord, state: str) -> CommandRecord:
    """A 1014 that carried a key."""
    return CommandRecord(
        mn=MN, name="set-key", cn="1014", args={"SKCreateTime": wire_time(key.created_at)},
        created_at=START, expires_at=LATER, state=state,
    )  # fmt: skip


def states(registry: Registry) -> list[tuple[bytes, str]]:
    """Key and state, newest first."""
    return [(key.key, key.state) for key in registry.keys.of(MN)]


def test_keys_of_the_configuration_are_taken_over_once(tmp_path: Path):
    """The first is the current one; what the registry has learned since stays."""
    registry = registry_in(tmp_path)
    configured = {MN: [NEW, KEY]}
    keyring.open_rings(registry, configured, START)
    assert states(registry) == [(NEW, "current"), (KEY, "previous")]
    keyring.set_current(registry, MN, b"x" * 16, LATER, "", "me")
    keyring.open_rings(registry, configured, LATER)
    assert states(registry)[0] == (b"x" * 16, "current")
    assert len(states(registry)) == 3


def test_a_key_that_comes_new_into_the_configuration_is_believed(tmp_path: Path):
    """Somebody wrote it there because the device has it now."""
    registry = registry_in(tmp_path)
    keyring.open_rings(registry, {MN: [KEY]}, START)
    opened = keyring.open_rings(registry, {MN: [NEW, KEY]}, LATER)
    assert states(registry) == [(NEW, "current"), (KEY, "previous")]
    assert opened.rings[MN].current.key == NEW


def test_a_start_settles_what_a_pending_key_came_to(tmp_path: Path):
    """Done: it is current. Under way: it is waited for. Ended otherwise: it was tried."""
    registry = registry_in(tmp_path)
    keyring.set_current(registry, MN, KEY, START, "", "me")
    keyring.add_pending(registry, MN, "text", lambda n: bytes(range(n)), LATER, "", "me")
    pending = registry.keys.of(MN)[0]
    assert keyring.open_rings(registry, {}, LATER).pending[MN] == keyring.Pending()
    registry.commands.add(command(pending, "timeout"))
    assert keyring.open_rings(registry, {}, LATER).pending[MN].tried == 1
    under_way = registry.commands.add(command(pending, "sent"))
    assert keyring.open_rings(registry, {}, LATER).pending[MN].open_id == under_way.id
    registry.commands.update(under_way.id, state="done")
    opened = keyring.open_rings(registry, {}, LATER)
    assert opened.pending == {}
    assert [state for _, state in states(registry)] == ["current", "previous"]


def test_a_start_leaves_one_current_key(tmp_path: Path):
    """However a registry was written by hand."""
    registry = registry_in(tmp_path)
    registry.keys.add(KeyRecord(MN, KEY, "current", START))
    registry.keys.add(KeyRecord(MN, NEW, "current", LATER))
    keyring.open_rings(registry, {}, LATER)
    assert states(registry) == [(NEW, "current"), (KEY, "previous")]


def test_a_key_that_is_set_again_keeps_its_date(tmp_path: Path):
    """The date is what the device knows it by."""
    registry = registry_in(tmp_path)
    keyring.set_current(registry, MN, KEY, START, "", "me")
    keyring.set_current(registry, MN, NEW, START, "", "me")
    ring = keyring.set_current(registry, MN, KEY, LATER, "", "me")
    assert ring.current is not None
    assert (ring.current.key, ring.current.created_at) == (KEY, START)
    assert states(registry) == [(NEW, "previous"), (KEY, "current")]
