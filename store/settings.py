"""Keys of the section [store]."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

RESTART = {"apply": "restart"}
RELOAD = {"apply": "reload"}

MEMORY_LIMIT = "512MB"
TIMEOUT_S = 30.0
CLOSE_AFTER_H = 2.0


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where readings go."""

    url: Annotated[
        str,
        Meta(
            description="duckdb:///path/to/file, "
            "clickhouse://[user:password@]host:8123/database[?cluster=NAME&secure=1], or "
            "chdb:///path/to/folder; empty: duckdb in DATA/hj212d.duckdb.",
            extra=RESTART,
        ),
    ] = ""
    node: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9_.-]{0,64}$",
            description="ClickHouse: the name of this daemon among those that share the store; "
            "empty: a name that was made for the journal and is kept in it.",
            extra=RESTART,
        ),
    ] = ""
    timeout_s: Annotated[
        float,
        Meta(ge=1, description="ClickHouse: the longest wait for an answer.", extra=RESTART),
    ] = TIMEOUT_S
    frames_days: Annotated[
        int,
        Meta(
            ge=0,
            le=5000,
            description="ClickHouse: days that raw frames and link events stay in the store; 0: "
            "for ever. Takes effect with `hj212d store migrate`.",
            extra=RESTART,
        ),
    ] = 0
    samples_days: Annotated[
        int,
        Meta(
            ge=0,
            le=5000,
            description="ClickHouse: days that samples stay in the store; 0: for ever. Takes "
            "effect with `hj212d store migrate`.",
            extra=RESTART,
        ),
    ] = 0
    batch_interval_s: Annotated[
        float,
        Meta(gt=0, description="Pause between two batches into the store.", extra=RELOAD),
    ] = 1.0
    batch_bytes: Annotated[
        int,
        Meta(
            ge=65536,
            le=128 * 1024 * 1024,
            description="Journal bytes in one batch at the most.",
            extra=RELOAD,
        ),
    ] = 16 * 1024 * 1024
    memory_limit: Annotated[
        str,
        Meta(
            description="What DuckDB may use: it keeps what it read until this is full. The hub "
            "itself takes about 200 MB more.",
            extra=RESTART,
        ),
    ] = MEMORY_LIMIT
    close_after_h: Annotated[
        float,
        Meta(
            ge=0,
            description="DuckDB: hours after the end of a Beijing day until its samples are "
            "rewritten in order of station, factor and time. Later data are stored all the same.",
            extra=RESTART,
        ),
    ] = CLOSE_AFTER_H
