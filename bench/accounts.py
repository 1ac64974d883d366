"""Frames sent, acknowledged and stored: do they agree? Asked at the end of a load bench.

Ends the daemon, because only a store that is closed can be counted by somebody else.
Test: tests/bench/test_steady_load.py.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bench.daemon import DaemonError
from bench.generator import Outcome
from bench.rig import FACTORS, Rig


class Account(msgspec.Struct, frozen=True):
    """The numbers and what is wrong with them. ``seconds``: from ``since`` until the store
    counted every acknowledged frame; None: it never did."""

    sent: int
    acked: int
    stored: int
    doubled: int
    quarantined: int
    samples: int
    seconds: float | None
    problems: list[str]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without the problems."""
        found = msgspec.to_builtins(self)
        del found["problems"]
        return {f"frames_{name}" if name != "samples" else name: n for name, n in found.items()}


def settle(rig: Rig, seen: Outcome, *, timeout_s: float, since: float) -> Account:
    """Wait for the store, end the daemon, count. ``since``: by ``time.monotonic``."""
    acked = seen["acked"] + seen["flood_acked"]
    sent = seen["sent"] + seen["flood_sent"]
    at = rig.wait_stored(acked, timeout_s)
    problems = seen.problems()
    if at is None:
        problems.append(f"not all frames were in the store {timeout_s:.0f} s after the load")
    totals = rig.status().get("store", {})
    if totals.get("error"):
        problems.append(f"the store says: {totals['error']}")
    try:
        status = rig.daemon.terminate()
        if status:
            problems.append(f"serve ended with {status}")
    except DaemonError as error:
        problems.append(str(error))
    stored = rig.stored()
    good = (totals.get("frames") or 0) - (totals.get("frames_bad") or 0)
    samples, doubled, bad = totals.get("samples") or 0, 0, totals.get("frames_bad") or 0
    if stored is not None:
        good, samples = stored.frames - stored.bad, stored.samples
        doubled, bad = stored.doubled, stored.bad
    if good < acked:
        problems.append(f"{acked} frames acknowledged, {good} stored")
    if good > sent:
        problems.append(f"{sent} frames sent, {good} stored")
    if doubled:
        problems.append(f"{doubled} frames stored twice")
    if samples != FACTORS * good:
        problems.append(f"{good} frames of {FACTORS} values stored, but {samples} values")
    seconds = None if at is None else round(max(0.0, at - since), 2)
    return Account(sent, acked, good, doubled, bad, samples, seconds, problems)
