"""Whether a request leaves encrypted, and with which key. Pure.

HJ 212-2025, 6.4.4 has data commands (2xxx), 1014 and 3020 encrypted; which CN that are is in the
code tables (:class:`hj212d.wire.requests.RequestSpec`), how a device is to be treated in its
record. Tests: tests/hub/keys/test_key_policy.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.registry.records import KeyRecord

SET_KEY = "1014"


class NoKey(Exception):
    """The request must be encrypted, and there is no key; the text is one sentence."""


def request_key(
    *, encrypted: bool, version: str, encrypt: str, keys: Sequence[KeyRecord], cn: str = ""
) -> bytes | None:
    """The key for a request, None: it leaves in plain.

    ``encrypted``: whether the standard has this CN encrypted; ``version``: of the device;
    ``encrypt``: policy of its record; ``keys``: all of its records. "auto" encrypts for a 2025
    device whose key is proven; "always" takes an unproven one too and raises NoKey without any.
    The current key alone is used: a pending one may never have reached the device. A new key
    (``cn`` 1014) leaves under the current one or not at all, whatever the policy.
    """
    current = next((key for key in keys if key.state == "current"), None)
    if cn == SET_KEY:
        if current is None:
            raise NoKey("a new key leaves under the old one only, and there is none")
        return current.key
    if not encrypted or encrypt == "never":
        return None
    if encrypt == "always":
        if current is None:
            raise NoKey("requests to this device must be encrypted, and it has no key")
        return current.key
    if version != "2025" or current is None or current.proven_at is None:
        return None
    return current.key
