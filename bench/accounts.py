"""The end of a load bench: wait for the store, end the daemon, see that all numbers agree.

Counting is bench/reckoning.py's. Test: tests/bench/test_load_benches.py.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec

from bench.daemon import DaemonError
from bench.generator import Outcome
from bench.reckoning import reckon
from bench.rig import Rig


class Account(msgspec.Struct, frozen=True):
    """What became of the frames. ``counted_s``: from ``since`` until the store counted every
    acknowledged frame, which it does once a second; None: it never did."""

    counts: dict[str, Any]
    counted_s: float | None
    problems: list[str]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without the problems."""
        return {"counted_s": self.counted_s, "frames": self.counts}


def settle(rig: Rig, seen: Outcome, *, timeout_s: float, since: float) -> Account:
    """``since``: by ``time.monotonic``. Ends the daemon: only a store that is closed can be
    counted by somebody else."""
    at = rig.wait_stored(seen["acked"] + seen["flood_acked"], timeout_s)
    problems = seen.problems()
    if at is None:
        problems.append(f"not all frames were in the store {timeout_s:.0f} s after the load")
        said = rig.status().get("store", {}).get("error")
        problems += [f"the store says: {said}"] if said else []
    try:
        status = rig.daemon.terminate()
        problems += [f"serve ended with {status}"] if status else []
    except DaemonError as error:
        problems.append(str(error))
    found = reckon(rig.url, [seen], rig.began_s, time.time())
    return Account(
        found.as_dict(),
        None if at is None else round(max(0.0, at - since), 2),
        problems + found.problems,
    )
