"""The words with which a site describes its outlet: switches and numbers, as people write them.

Tests: tests/hub/media/test_outlet_words.py.
"""

from __future__ import annotations

from math import isfinite

from hj212d.hub.site import Site

_NO = ("", "0", "false", "no", "off", "none")


def switched(site: Site, word: str) -> bool:
    """Whether the outlet says so: true, "true", "yes", 1; not "false", "no", "0"."""
    return str(site.outlet.get(word, "")).strip().lower() not in _NO


def number(site: Site, word: str, otherwise: float | None = None) -> float | None:
    """The outlet's number, ``otherwise`` where it says none. ValueError: it is no number."""
    said = site.outlet.get(word)
    if said is None or said == "":
        return otherwise
    try:
        found = float(said)
    except (TypeError, ValueError):
        found = float("nan")
    if not isfinite(found):
        raise ValueError(f"site {site.mn}: outlet {word} is {said!r}, not a number")
    return found
