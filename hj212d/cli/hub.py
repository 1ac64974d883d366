"""Entry of the hub process: `python -m hj212d.cli.hub`, started by the supervisor.

Orders come as lines on standard input, `ready` goes to standard output, the log to standard
error. SIGTERM, or the end of standard input (the supervisor is gone), means an orderly end: the
journal is brought into the store first. Tests: tests/hub/test_hub_process.py.
"""

from __future__ import annotations

import logging
import sys

import uvloop
from twisted.internet import asyncioreactor

_log = logging.getLogger("hj212d.hub")


class _NoPandas:
    """pyarrow looks for pandas when it makes its first array, though nobody asks for it: where it
    is installed, for maps and forecasts, that would be 40 MB and a third of a second of a hub."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        """As a finder of modules: this one is not there."""
        if name == "pandas":
            raise ModuleNotFoundError("the hub does without pandas", name=name)


def main() -> int:
    """Run the hub; its exit status: 0 after an orderly end, 1 when it could not start."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    from hj212d.hub.orders import lines, parse

    source = lines(sys.stdin.fileno())
    first = next(source, None)
    if first is None:
        return 0
    orders = parse(first)
    sys.meta_path.insert(0, _NoPandas())
    # Before anything imports twisted.internet.reactor: the first import decides which one it is.
    asyncioreactor.install(uvloop.new_event_loop())
    from hj212d.hub.run import run

    return run(orders, source)


if __name__ == "__main__":
    sys.exit(main())
