"""A batch on which the store fails, by a fault of ours, not because it does not serve.

It goes in by halves and halves of halves until the record that the store fails on is alone; that
one goes in as its bytes. Everything else is stored as ever, in the same order.
Tests: tests/hub/test_ingest_faults.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from hj212d.hub.assemble import Entry
from hj212d.journal.reader import Piece
from store.timeseries import Batch, StoreUnavailable

log = logging.getLogger(__name__)

_LOGGED_BYTES = 200

Make = Callable[[Sequence[Entry], dict[str, int], dict[str, int]], Batch]  # of, since, cursors


def commit_in_parts(
    entries: Sequence[Entry],
    since: Mapping[str, int],
    cursors: Mapping[str, int],
    *,
    make: Make,
    make_unread: Make,
    commit: Callable[[Batch, int], None],
) -> None:
    """Commit the records of ``entries``, which begin at ``since`` and end at ``cursors``.

    ``commit`` gets a batch and its number of records. What it raises over a single record that
    goes in as bytes comes out, as do StoreUnavailable and OSError; all parts before are stored.
    """
    position = dict(since)
    parts = [[(lane, one) for lane, piece in entries for one in _single(piece)]]
    while parts:
        part = parts.pop()
        ends = {lane: piece.position + len(piece.body) for lane, piece in part}
        if not parts:
            ends |= cursors
        starts = {lane: position[lane] for lane in ends}
        try:
            commit(make(part, starts, ends), len(part))
        except (StoreUnavailable, OSError):
            raise
        except Exception:
            if len(part) > 1:
                half = len(part) // 2
                parts += [part[half:], part[:half]]
                continue
            log.exception("event=record_isolated %s", _described(*part[0]))
            commit(make_unread(part, starts, ends), 1)
        position |= ends


def _single(piece: Piece) -> list[Piece]:
    """The records of a piece, each as one of its own."""
    starts = [position for position, _ in piece.records()]
    stops = [*starts[1:], piece.position + len(piece.body)]
    origin = piece.position
    return [
        Piece(start, 1, piece.body[start - origin : stop - origin])
        for start, stop in zip(starts, stops, strict=True)
    ]


def _described(lane: str, piece: Piece) -> str:
    [(position, record)] = piece.records()
    return (
        f"lane={lane} position={position} kind={record.kind} verdict={record.verdict} "
        f"raw={record.raw[:_LOGGED_BYTES]!r}"
    )
