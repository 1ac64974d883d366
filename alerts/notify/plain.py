"""Text that others wrote made fit for a message: one line, no control characters, not too long.

Names of stations come from instruments and people; they must break neither a header nor a line.
Tests: tests/alerts/notify/test_plain_text.py.
"""

from __future__ import annotations

import unicodedata

MORE = "…"
# Marks of direction and width nothing: they would show a name as another one.
_UNSEEN = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)


def plain(text: str, most: int = 80) -> str:
    """One line of at most ``most`` characters; control characters and line ends become blanks."""
    seen = text
    if not text.isprintable():  # of what is nothing has to go
        seen = "".join(
            " " if unicodedata.category(letter) in _BREAKING else letter
            for letter in text.translate(_UNSEEN)
        )
    return cut(" ".join(seen.split()), most)


_BREAKING = frozenset(("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))


def lines(text: str) -> str:
    """The same for a text of several lines, whose ends stay."""
    return "\n".join(plain(line, len(line)) if line else "" for line in text.splitlines())


def cut(text: str, most: int) -> str:
    """At most ``most`` characters, the last one "…" when something is missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + MORE


def cut_bytes(text: str, most: int) -> str:
    """At most ``most`` bytes of UTF-8, cut between characters, "…" at the end when something is
    missing."""
    coded = text.encode()
    if len(coded) <= most:
        return text
    room = most - len(MORE.encode())
    return coded[:room].decode(errors="ignore").rstrip() + MORE
