"""A process that ingests until it kills itself with -9 at a random moment; run by tests, by path.

Arguments: data folder, longest life in seconds after the imports, seed. A thread does the
killing, so that it strikes inside the store's commits as well. Ends by itself when nothing is
left to read.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

from hj212d.hub.ingest import Ingest
from hj212d.wire.frame import Device
from store.duckdb_store import DuckDBStore
from store.settings import StoreSettings


def main() -> None:
    """Ingest in small batches, against the clock."""
    data, life_s, seed = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    end = threading.Timer(
        random.Random(seed).uniform(0.005, life_s), os.kill, (os.getpid(), signal.SIGKILL)
    )
    end.start()
    store = DuckDBStore(data / "store.duckdb")
    settings = StoreSettings(batch_bytes=65536)
    ingest = Ingest(data / "journal", store, lambda _: Device(), settings, time.time)
    while ingest.step().records or ingest.state != "ok":
        pass
    end.cancel()
    ingest.close()
    store.close()


if __name__ == "__main__":
    main()
