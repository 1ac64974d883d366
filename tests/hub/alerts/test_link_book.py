"""Links of MNs come and go as the journal says, and as a killed worker leaves them."""

from __future__ import annotations

import pyarrow as pa

from hj212d.hub.alerts.link_book import GRACE_US, LinkBook, LinkEvent
from store.timeseries import LINKS

T = 1_780_286_400_000_000
LINK = T << 8


def links(*rows: tuple[int, int, str, str]) -> pa.Table:
    """Of moment, link, event and MN."""
    return pa.Table.from_pylist(
        [
            {"at": at, "lane": "0", "position": 0, "link": link, "event": event, "mn": mn}
            for at, link, event, mn in rows
        ],
        schema=LINKS,
    )


def test_a_link_and_its_mns() -> None:
    """One link may carry several; the journal names them only as they begin."""
    book = LinkBook()
    found = book.read(
        links(
            (T, LINK, "opened", ""),
            (T + 1, LINK, "identified", "A"),
            (T + 2, LINK, "identified", "B"),
            (T + 3, LINK, "identified", "A"),
            (T + 4, LINK, "closed", ""),
            (T + 5, LINK, "closed", ""),
        )
    )
    assert found == [
        LinkEvent("A", LINK, "up", T + 1),
        LinkEvent("B", LINK, "up", T + 2),
        LinkEvent("A", LINK, "down", T + 4),
        LinkEvent("B", LINK, "down", T + 4),
    ]


def test_it_outlasts_the_process() -> None:
    """A link that was open before the start closes under the name of its MN."""
    book = LinkBook()
    book.read(links((T, LINK, "identified", "A")))
    again = LinkBook(book.kept())
    assert again.read(links((T + 9, LINK, "closed", ""))) == [LinkEvent("A", LINK, "down", T + 9)]


def test_a_worker_that_is_gone() -> None:
    """Its links are down from then on, unless it is found to have them still."""
    book = LinkBook()
    other = LINK + 1
    book.read(links((T, LINK, "identified", "A"), (T, other, "identified", "B")))
    book.lost([LINK, other, 77], T + 5)
    book.found([other])
    assert book.settled(T + 5 + GRACE_US) == []
    assert book.settled(T + 6 + GRACE_US) == [LinkEvent("A", LINK, "down", T + 5)]
    assert book.settled(T + 7 + GRACE_US) == []
    assert len(book) == 1


def test_nobody_listened() -> None:
    """Links of before are gone, those that were opened since are not."""
    book = LinkBook()
    new = (T + 100) << 8
    book.read(links((T, LINK, "identified", "A"), (T + 101, new, "identified", "B")))
    assert book.begun_anew(T + 100) == [LinkEvent("A", LINK, "down", T + 100)]
    assert len(book) == 1
