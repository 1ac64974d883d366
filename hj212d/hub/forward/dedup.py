"""The frames that were seen lately, by hash: what is the same bytes is forwarded once.

Bounded: the oldest is forgotten. Hashes of 64 bits decide alone; that two of a million differing
frames share one happens once in some 30 million such millions. Twin: _bales.pyx.
Tests: tests/hub/forward/test_dedup.py.
"""

from __future__ import annotations

REMEMBERED = 1 << 18  # frames; 8 MB in the twin


class Recent:
    """The last ``size`` different hashes."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._hashes: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, digest: int) -> bool:
        return digest in self._hashes

    def add(self, digest: int) -> bool:
        """Remember a hash; whether it is a new one. One that is known keeps its age."""
        if digest in self._hashes:
            return False
        if len(self._hashes) >= self._size:
            del self._hashes[next(iter(self._hashes))]
        self._hashes[digest] = None
        return True
