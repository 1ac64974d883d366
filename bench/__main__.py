"""``python -m bench NAME ...``: the instruments, load generators and long tests.

Each name is a module of this room with ``main``, a click command or a function of the arguments
that returns an exit status; it is imported only when it is called, and prints one JSON object with
``--json``. Test: tests/bench/test_dispatch.py.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

COMMANDS = {
    "demo": "the daemon and 85 simulated stations, until Ctrl-C (make run)",
    "simulate": "a fleet of believable instruments for any HJ 212 server",
    "crash": "kill -9, torn blocks, flipped bits, a full disk; an oracle judges",
    "soak": "many links for minutes: memory per link, CPU, growth",
    "fuzz": "random and mutated bytes into the protocol room",
    "weather": "store down, listener killed, bad frames, a flood; each with a verdict",
    "ingest": "journal to store, against the engine's own bulk load of the same rows",
    "forward": "journal to a superior platform, against a plain TCP copy into the same one",
    "report": "runs the benches and writes docs/benchmarks.md",
    "journal": "journal throughput by sync policy and block size",
    "store": "a store's commits, bytes a value and query times, by engine",
    "codec": "the compiled wire against its pure-Python twin",
    "pace": "closed loop: frames a second of a core, against a C server",
    "steady": "open loop: latency of answers and CPU at a given rate",
    "connect": "many links held at once: lost ones, memory a link, CPU",
    "burst": "many frames at once: first byte to last row in a query",
    "forwards": "three platforms, one dead, one flapping, while the hub is killed",
    "storm": "all links break and come back at once",
    "memory": "memory a link: silent, after a frame, idle, gone",
    "commanding": "a command to each of many instruments at once, beside a load",
    "aqi": "AQI of a year of hours of 2,000 stations, against a plain NumPy pass",
    "rollup": "means of an hour of 36,000 stations, and of late data of a few",
    "alerts": "labelled faults and real pollution: precision, recall and delay of alarms",
    "alerts-outage": "messages and cost of an outage of 5,000 of 36,000 stations, and of all",
    "alerts-live": "delay from frame to alarm and what alerts cost, beside a load",
    "rivals": "servers as they are commonly written, ours, and the least one in C",
}
# The module, where it is not called like the command.
MODULES = {
    "steady": "steady_load",
    "rivals": "rivals.compare",
    "forward": "forwarding",
    "fuzz": "fuzz_command",
    "aqi": "index",
    "alerts-outage": "alerts_outage",
    "alerts-live": "alerts_live",
}


def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status, or 2 with the list of names when there is none."""
    if not argv or argv[0] not in COMMANDS:
        unknown = bool(argv) and argv[0] not in ("-h", "--help", "help")
        print("usage: python -m bench NAME [OPTIONS]; NAME is one of", file=sys.stderr)
        for name, text in COMMANDS.items():
            print(f"  {name:10} {text}", file=sys.stderr)
        if unknown:
            print(f"no such name: {argv[0]}", file=sys.stderr)
        return 2 if unknown or not argv else 0
    name = MODULES.get(argv[0], argv[0])
    entry = importlib.import_module(f"bench.{name}").main
    if isinstance(entry, click.Command):
        entry.main(list(argv[1:]), prog_name=f"python -m bench {argv[0]}")
        return 0
    status: int | None = entry(list(argv[1:]))
    return status or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
