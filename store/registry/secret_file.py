"""The file of the key that the registry's secrets are sealed with: 32 random bytes, mode 0600.

Made at the first start, never over sealed secrets. While the secret is exchanged the new key lies
beside it as ``FILE.new``; the registry itself says which of both holds.
Tests: tests/store/registry/test_sealing.py.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from store.registry.errors import RegistryUnavailable
from store.registry.secrets import KEY_BYTES


def read(path: Path) -> bytes | None:
    """The key; None when there is no file. RegistryUnavailable when it cannot be read."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise RegistryUnavailable(
            f"the registry's key {path} cannot be read: {problem.strerror}"
        ) from problem
    if len(key) != KEY_BYTES:
        raise RegistryUnavailable(
            f"the registry's key {path} has {len(key)} bytes, not {KEY_BYTES}: it is damaged"
        )
    return key


def make(path: Path) -> bytes:
    """Make a key where there is none, and return the one that is there then: of two processes
    that start at once both get the same. RegistryUnavailable when it cannot be written."""
    key = os.urandom(KEY_BYTES)
    beside = path.with_name(f"{path.name}.{os.getpid()}.{key[:4].hex()}")
    try:
        write(beside, key)
        try:
            os.link(beside, path)
        except FileExistsError:
            return read(path) or key
        finally:
            beside.unlink()
        _sync_folder(path.parent)
    except OSError as problem:
        raise RegistryUnavailable(
            f"the registry's key {path} cannot be made: {problem.strerror}"
        ) from problem
    return key


def new_place(path: Path) -> Path:
    """Where the next key lies until it holds."""
    return path.with_name(f"{path.name}.new")


def write(path: Path, key: bytes) -> None:
    """Write a key, readable by us alone, onto the disk; OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, key)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _sync_folder(path.parent)


def take_over(path: Path) -> None:
    """Let the new key be the key; OSError."""
    os.replace(new_place(path), path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
