"""What others say of a failure, without the addresses and secrets that they repeat in it.

Tests: tests/alerts/notify/test_scrubbing.py.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from alerts.notify.parcel import Parcel
from alerts.notify.plain import plain

MOST = 200
STARS = "***"
_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_MAIL = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")
_SHORTEST = 4  # what is shorter is no secret worth the harm to the words around it


def scrubbed(text: str, parcel: Parcel) -> str:
    """One line of at most 200 characters."""
    text = _MAIL.sub(STARS, _URL.sub(STARS, text))
    for secret in sorted(_secrets(parcel), key=len, reverse=True):
        text = text.replace(secret, STARS)
    return plain(text, MOST)


def _secrets(parcel: Parcel) -> set[str]:
    found = {parcel.address, parcel.secret, unquote(parcel.address)}
    if "://" in parcel.address:
        parts = urlsplit(parcel.address)
        found |= {parts.netloc, parts.path.rpartition("/")[2]}
        found |= {pair.partition("=")[2] for pair in parts.query.split("&")}
    return {one for one in found if len(one) >= _SHORTEST}
