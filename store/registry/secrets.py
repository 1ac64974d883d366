"""Secrets at rest: AES-256-GCM, with the key's id in front so that keys can be exchanged.

A sealed secret is a byte for the form, 8 bytes of key id, 12 random bytes, cipher and tag. What
the secret is about (a device, a command) is bound to it: moved to another row it does not open.
Where the key lies is the business of secret_file.py. Tests: tests/store/registry/test_sealing.py.
"""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.registry.errors import RegistryUnavailable, SecretsUnreadable

KEY_BYTES = 32
ID_BYTES = 8

_FORM = b"\x01"
_NONCE_BYTES = 12
_HEAD_BYTES = 1 + ID_BYTES + _NONCE_BYTES


def key_id(key: bytes) -> bytes:
    """The name of a key; tells nothing of the key."""
    return hashlib.sha256(b"hj212d registry key\0" + key).digest()[:ID_BYTES]


# What a secret is about.
FRAME = "frame of a command"
ARGUMENTS = "arguments of a command"


def password_of(mn: str) -> str:
    """What the password of a device is about."""
    return f"password of {mn}"


def sm4_key_of(mn: str) -> str:
    """What an SM4 key of a device is about."""
    return f"SM4 key of {mn}"


def ways_of(contact: int) -> str:
    """What the addresses of a contact are about."""
    return f"ways of contact {contact}"


class SecretBox:
    """Seals with one key, opens with any of those it was given."""

    def __init__(self, key: bytes, *older: bytes) -> None:
        """Keys of 32 bytes; the first one seals."""
        for one in (key, *older):
            if len(one) != KEY_BYTES:
                raise ValueError(f"a key of the registry has {KEY_BYTES} bytes, not {len(one)}")
        self.id = key_id(key)
        self._ciphers = {key_id(one): AESGCM(one) for one in (key, *older)}
        self._cipher = self._ciphers[self.id]
        self._keys = (key, *older)
        self._front = _FORM + self.id

    def with_new(self, key: bytes) -> SecretBox:
        """A box that seals with a new key and opens with all of these, too."""
        return SecretBox(key, *self._keys)

    def seal(self, secret: bytes, about: str = "") -> bytes:
        """The sealed secret; an empty one stays empty."""
        if not secret:
            return b""
        nonce = os.urandom(_NONCE_BYTES)
        return self._front + nonce + self._cipher.encrypt(nonce, secret, about.encode())

    def open(self, sealed: bytes, about: str = "") -> bytes:
        """The secret. RegistryUnavailable when a key sealed it that is not here,
        SecretsUnreadable when it is damaged."""
        if not sealed:
            return b""
        if sealed[:1] != _FORM or len(sealed) <= _HEAD_BYTES:
            raise SecretsUnreadable("a secret of the registry is damaged: it has no key id")
        name = sealed[1 : 1 + ID_BYTES]
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise RegistryUnavailable(
                f"a secret of the registry is sealed with key {name.hex()}, which is not here"
            )
        nonce = sealed[1 + ID_BYTES : _HEAD_BYTES]
        try:
            return cipher.decrypt(nonce, sealed[_HEAD_BYTES:], about.encode())
        except InvalidTag:
            raise SecretsUnreadable(
                f"a secret of the registry was changed after it was sealed ({about})"
            ) from None
