"""URLs of ClickHouse stores."""

from __future__ import annotations

import pytest

from store.clickhouse_place import place


def test_a_server() -> None:
    """All parts of a URL, and what is taken where one is left out."""
    full = place("clickhouse://me:ge%40heim@ch.example:9000/air?cluster=county&secure=1")
    assert (full.host, full.port, full.user, full.password) == (
        "ch.example",
        9000,
        "me",
        "ge@heim",
    )
    assert (full.database, full.cluster, full.secure, full.folder) == ("air", "county", True, "")
    bare = place("clickhouse://ch")
    assert (bare.host, bare.port, bare.user, bare.database) == ("ch", 8123, "default", "hj212d")
    assert (bare.cluster, bare.secure) == ("", False)
    assert place("clickhouse://ch?secure=1").port == 8443


def test_the_password_is_not_shown() -> None:
    """Neither in what is shown nor in what Python prints."""
    found = place("clickhouse://me:geheim@[::1]:8123/air?cluster=c")
    assert found.shown == "clickhouse://me@[::1]:8123/air?cluster=c"
    assert "geheim" not in repr(found)


def test_a_folder() -> None:
    """Three slashes and a path, relative or absolute."""
    assert place("chdb:////var/lib/air").folder == "/var/lib/air"
    assert place("chdb:///air").folder.endswith("/air")
    assert place("chdb:///air").shown.startswith("chdb:////")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("clickhouse://", "needs a host"),
        ("clickhouse:///air", "needs a host"),
        ("clickhouse://h:99999/air", "ort"),
        ("clickhouse://h/a-b", "no name"),
        ("clickhouse://me:geheim@h/air?cluster=a'b", "no name"),
        ("clickhouse://me:geheim@h/air?secure=yes", "0 or 1"),
        ("clickhouse://me:geheim@h/air?tls=1", "unknown option 'tls'"),
        ("chdb:///", "FOLDER"),
        ("http://h:8123", "clickhouse://HOST"),
    ],
)
def test_what_is_no_place_is_refused(url: str, says: str) -> None:
    """One sentence, without the password."""
    with pytest.raises(ValueError, match=says) as told:
        place(url)
    assert "geheim" not in str(told.value)
