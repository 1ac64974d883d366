"""Memory that allocators keep for later goes back to the system.

After a backlog they hold what its batches took: without this the hub stays 100 MB larger than it
was, until the next backlog. Tests: tests/hub/test_ingest.py.
"""

from __future__ import annotations

import ctypes

import pyarrow as pa


def give_back() -> None:
    """Return what nobody uses; tens of milliseconds, other threads wait for some of them."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU C library only
    if trim is not None:
        trim(0)
