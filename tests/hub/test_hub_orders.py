"""Lines on standard input: halves, floods, the end."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from hj212d.hub import orders
from hj212d.hub.orders import Orders, lines, parse, watch


def test_places_follow_from_the_data_folder() -> None:
    """What the settings leave empty lies in the data folder."""
    found = parse(b'{"data_dir": "/d"}')
    assert found.journal_dir == Path("/d/journal")
    assert found.control_path == Path("/d/control.sock")
    assert found.store_url == "duckdb:////d/hj212d.duckdb"
    text = b'{"data_dir":"/d","hub":{"control":"/c"},"journal":{"dir":"/j"},"store":{"url":"duckdb:///x"}}'
    found = parse(text)
    assert (found.journal_dir, found.control_path) == (Path("/j"), Path("/c"))
    assert found.store_url == "duckdb:///x"


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"data_dir": 1}', b"\xff"])
def test_what_is_no_order(text: bytes) -> None:
    """A ValueError, so that a running hub keeps its settings."""
    with pytest.raises(ValueError):
        parse(text)


def test_lines_in_any_pieces() -> None:
    """Lines come whole however the bytes are cut; an unfinished last one does not come."""
    reading, writing = os.pipe()
    pieces = [b"a", b"bc\n", b"\n", b"x" * 200_000, b"\nlast"]

    def write() -> None:
        for piece in pieces:
            os.write(writing, piece)
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    assert list(lines(reading)) == [b"abc", b"", b"x" * 200_000]
    thread.join()
    os.close(reading)


def test_endless_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded."""
    monkeypatch.setattr(orders, "LINE_LIMIT", 10)
    reading, writing = os.pipe()
    os.write(writing, b"x" * 100)
    os.close(writing)
    with pytest.raises(ValueError, match="more than 10 bytes"):
        list(lines(reading))
    os.close(reading)


def test_watch_tells_all_three() -> None:
    """Orders, faults and the end each have their callable."""
    seen: list[object] = []
    source = iter([b'{"data_dir": "/a"}', b"junk", b'{"data_dir": "/b"}'])
    faults: list[str] = []
    watch(source, seen.append, faults.append, lambda: seen.append("end")).join()
    found = [one.data_dir if isinstance(one, Orders) else one for one in seen]
    assert found == ["/a", "/b", "end"]
    assert len(faults) == 1
