"""Keys of the section [store]."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

RESTART = {"apply": "restart"}
RELOAD = {"apply": "reload"}

MEMORY_LIMIT = "512MB"


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where readings go."""

    url: Annotated[
        str,
        Meta(
            description="duckdb:///path/to/file; empty: duckdb in DATA/hj212d.duckdb.",
            extra=RESTART,
        ),
    ] = ""
    batch_interval_s: Annotated[
        float,
        Meta(gt=0, description="Pause between two batches into the store.", extra=RELOAD),
    ] = 1.0
    batch_bytes: Annotated[
        int,
        Meta(ge=65536, description="Journal bytes in one batch at the most.", extra=RELOAD),
    ] = 8 * 1024 * 1024
    memory_limit: Annotated[
        str,
        Meta(
            description="What DuckDB may use: it keeps what it read until this is full. The hub "
            "itself takes about 200 MB more.",
            extra=RESTART,
        ),
    ] = MEMORY_LIMIT
