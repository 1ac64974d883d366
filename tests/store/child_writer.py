"""A process that commits to a store until it is killed; run by tests, by path.

Arguments: file, batches ("0": no end). Each batch holds its number as a frame; after each commit
the number is printed.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from batches import batch, frame, sample

from store.duckdb_store import DuckDBStore


def main() -> None:
    """Commit, print, and so on; then wait for the end of standard input."""
    path, most = Path(sys.argv[1]), int(sys.argv[2])
    store = DuckDBStore(path)
    start = store.cursors().get("0", 0)
    for number in itertools.count(start) if most == 0 else range(start, start + most):
        one = frame(number)
        store.commit(
            batch(
                [one], [sample(one, float(number), factor=f"f{number}")], cursors={"0": number + 1}
            )
        )
        print(number, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
