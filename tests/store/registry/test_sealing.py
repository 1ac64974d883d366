"""Secrets at rest, the file of their key, and the exchange of that key."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from turned_clock import START

from store.registry import secret_file
from store.registry.errors import RegistryUnavailable, SecretsUnreadable
from store.registry.open import Registry, open_registry
from store.registry.records import CommandRecord, DeviceRecord, KeyRecord
from store.registry.secrets import KEY_BYTES, SecretBox, key_id

KEY, OTHER = b"k" * KEY_BYTES, b"o" * KEY_BYTES


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens(secret: bytes, about: str) -> None:
    """With its key and what it is about; each time it looks different."""
    box = SecretBox(KEY)
    sealed = box.seal(secret, about)
    assert box.open(sealed, about) == secret
    assert not secret or box.seal(secret, about) != sealed
    assert len(secret) < 8 or secret not in sealed


def test_any_changed_byte_is_noticed() -> None:
    """Form, key id, cipher, tag, and what it is about."""
    box = SecretBox(KEY)
    sealed = box.seal(b"secret", "A")
    for place in range(len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(RegistryUnavailable):
            box.open(bytes(broken), "A")
    with pytest.raises(SecretsUnreadable):
        box.open(sealed, "B")
    with pytest.raises(SecretsUnreadable):
        box.open(sealed[:10], "A")


def test_keys_can_be_exchanged() -> None:
    """The new one seals, the old one still opens; without it the sentence names it."""
    sealed = SecretBox(KEY).seal(b"secret")
    both = SecretBox(KEY).with_new(OTHER)
    assert both.open(sealed) == b"secret"
    assert SecretBox(OTHER).open(both.seal(b"new")) == b"new"
    with pytest.raises(RegistryUnavailable, match=key_id(KEY).hex()):
        SecretBox(OTHER).open(sealed)
    with pytest.raises(ValueError, match="32 bytes, not 5"):
        SecretBox(b"short")


def test_the_key_file_is_ours_alone(tmp_path: Path) -> None:
    """Mode 0600; who makes it second gets the first one's."""
    path = tmp_path / "deep" / "registry.key"
    key = secret_file.make(path)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_file.make(path) == key
    assert os.listdir(path.parent) == ["registry.key"]


def test_a_damaged_key_file_is_told(tmp_path: Path) -> None:
    """A short one, and one that is a folder."""
    short = tmp_path / "short"
    short.write_bytes(b"abc")
    with pytest.raises(RegistryUnavailable, match="has 3 bytes, not 32"):
        secret_file.read(short)
    with pytest.raises(RegistryUnavailable, match="cannot be read"):
        secret_file.read(tmp_path)


def fill(registry: Registry) -> None:
    """Some secrets."""
    registry.devices.put_all([DeviceRecord("A", password="pa"), DeviceRecord("B")], "test")
    registry.keys.add(KeyRecord("A", b"1" * 16, "current", START))
    registry.commands.add(
        CommandRecord(
            mn="A",
            name="set-password",
            cn="1072",
            created_at=START,
            expires_at=START,
            raw=b"frame",
            secret_args={"NewPW": "x"},
        )
    )


def secrets_of(registry: Registry) -> list[object]:
    """All of them, opened."""
    (command,) = registry.commands.find()
    passwords = [device.password for device in registry.devices.all()]
    return [passwords, registry.keys.of("A")[0].key, command.raw, command.secret_args]


ALL = [["pa", ""], b"1" * 16, b"frame", {"NewPW": "x"}]


def test_without_its_key_a_registry_is_refused(
    registry: Registry, url: str, key_file: Path, tmp_path: Path
) -> None:
    """Missing or another one: never a new key over what is sealed."""
    fill(registry)
    os.rename(key_file, tmp_path / "kept")
    with pytest.raises(RegistryUnavailable, match=r"registry\.key is missing.*put that file back"):
        open_registry(url, key_file)
    assert not key_file.exists()
    key_file.write_bytes(OTHER)
    with pytest.raises(RegistryUnavailable, match="is not the key of this registry"):
        open_registry(url, key_file)
    assert key_file.read_bytes() == OTHER
    os.replace(tmp_path / "kept", key_file)
    again = open_registry(url, key_file)
    assert secrets_of(again) == ALL
    again.close()


def test_the_key_is_exchanged(registry: Registry, url: str, key_file: Path) -> None:
    """All secrets open with the new one alone; the registry that did it goes on."""
    fill(registry)
    before = key_file.read_bytes()
    assert registry.rekey() == 4
    assert key_file.read_bytes() != before
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert secrets_of(registry) == ALL
    assert registry.rekey() == 4
    again = open_registry(url, key_file)
    assert secrets_of(again) == ALL
    again.close()
    assert os.listdir(key_file.parent).count("registry.key.new") == 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_the_key_is_exchanged(
    registry: Registry, url: str, key_file: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Before the registry says so the old key holds, after it the new one: the next start finds
    the right one of the two files."""
    fill(registry)
    before = key_file.read_bytes()

    class Killed(BaseException):
        """Nobody catches it."""

    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(
        *(
            ("store.registry.sealing._seal_anew", killed)
            if when == "before"
            else ("store.registry.secret_file.take_over", killed)
        )
    )
    with pytest.raises(Killed):
        registry.rekey()
    monkeypatch.undo()
    assert key_file.read_bytes() == before
    again = open_registry(url, key_file)
    assert secrets_of(again) == ALL
    assert (key_file.read_bytes() == before) == (when == "before")
    assert again.rekey() == 4
    assert secrets_of(again) == ALL
    again.close()


def test_nobody_seals_with_a_key_that_was_exchanged(
    registry: Registry, url: str, key_file: Path
) -> None:
    """A process that has the old one in memory is refused until it opens the registry again."""
    fill(registry)
    other = open_registry(url, key_file)
    other.rekey()
    other.close()
    with pytest.raises(RegistryUnavailable, match="another process has exchanged"):
        registry.devices.put(DeviceRecord("B", password="pb"), "test")
    with pytest.raises(RegistryUnavailable, match="another process has exchanged"):
        registry.rekey()
    with pytest.raises(RegistryUnavailable, match="which is not here"):
        registry.devices.get("A")
    again = open_registry(url, key_file)
    assert secrets_of(again) == ALL
    again.close()
