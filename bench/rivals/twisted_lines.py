"""A Twisted LineReceiver, each line parsed in Python; answers at once, stores later, from memory.

The way of graphite's carbon for its plain-text metrics; cutting HJ 212 at the line end is also
what IceCoffee.HJ212 and caoyiliang's HJ212_Server do. What waits in memory is lost when it dies,
although it was acknowledged. Test: tests/bench/test_rivals.py.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineReceiver

from bench.rivals.reading import ADDRESS, Values, answer, read, ready, until_input_ends

KEPT = 100_000  # frames that wait to be stored

reactor: Any = _reactor
_later: deque[Values] = deque(maxlen=KEPT)


class Link(LineReceiver):
    """One connection."""

    transport: Any

    def lineReceived(self, line: bytes) -> None:
        """A frame without its line end."""
        frame = read(line)
        if frame is not None:
            self.transport.write(answer(frame))
            _later.append(frame)


def main() -> None:
    """Serve until standard input ends."""
    host, port = ADDRESS
    listening = reactor.listenTCP(port, Factory.forProtocol(Link), backlog=4096, interface=host)
    ready(listening.getHost().port)
    until_input_ends(lambda: reactor.callFromThread(reactor.stop))
    reactor.run()


if __name__ == "__main__":
    main()
