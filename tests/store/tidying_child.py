"""A process that tidies a store step by step until it is killed; run by tests, by path.

Arguments: file, now in ISO 8601. Each step prints a line when it begins.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from store import duckdb_tidy
from store.duckdb_store import DuckDBStore


def main() -> None:
    """Small steps until nothing is left; then wait for the end of standard input."""
    duckdb_tidy.SLICE_ROWS = 2000
    store = DuckDBStore(Path(sys.argv[1]))
    now = datetime.fromisoformat(sys.argv[2])
    more = True
    while more:
        print("step", flush=True)
        more = store.tidy(now)
    print("done", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
