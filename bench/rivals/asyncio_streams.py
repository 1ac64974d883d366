"""asyncio streams, a coroutine for each connection; answers at once, stores later, from memory.

The way of gateways in newer Python, such as that of coco830/EcoMind-AI (which takes one read for
one frame; this one reads lines). What waits in memory is lost when it dies, although it was
acknowledged. Test: tests/bench/test_rivals.py.
"""

from __future__ import annotations

import asyncio
from collections import deque

from bench.rivals.reading import ADDRESS, Values, answer, read, ready, until_input_ends

KEPT = 100_000  # frames that wait to be stored

_later: deque[Values] = deque(maxlen=KEPT)


async def serve_link(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, until it ends."""
    try:
        while line := await reader.readline():
            frame = read(line.rstrip(b"\r\n"))
            if frame is not None:
                writer.write(answer(frame))
                await writer.drain()
                _later.append(frame)
    except ConnectionError:
        pass  # peers go as they like
    finally:
        writer.close()


async def main() -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    host, port = ADDRESS
    server = await asyncio.start_server(serve_link, host, port, backlog=4096)
    ready(server.sockets[0].getsockname()[1])
    until_input_ends(lambda: loop.call_soon_threadsafe(ended.set))
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(main())
