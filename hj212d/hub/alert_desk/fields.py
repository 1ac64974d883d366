"""Fields of alerts as people write them: how long, which stations, which regions, whom.

Each refusal is one sentence that names field and value. An MN or a region that nobody knows is
taken, because instruments come later than their owners' names, and a warning says so.
Tests: tests/hub/alert_desk/test_desk_fields.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, get_args

from hj212d.hub.decisions.deeds import Unknown, one_of, shown, text, texts
from hj212d.hub.device_changes import mn_of
from hj212d.hub.quality import region_codes
from hj212d.hub.site import Site
from hj212d.hub.site_book import SiteBook
from store.registry.alert_records import SEVERITIES, ContactRecord, RuleKind
from store.registry.open import Registry

KINDS: tuple[str, ...] = get_args(RuleKind)
_SPAN = re.compile(r"(\d{1,5})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_SHOWN = 5


def span(name: str, wanted: Any) -> timedelta:
    """30m, 2h, 7d; ValueError names the field."""
    found = _SPAN.fullmatch(wanted.strip()) if isinstance(wanted, str) else None
    if not found or not int(found[1]):
        raise ValueError(f"{name} = {shown(wanted)}: expected a time such as 30m, 2h or 7d")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def clock(name: str, wanted: Any) -> str:
    """22:00, or "" for none."""
    if wanted in ("", None):
        return ""
    if not isinstance(wanted, str) or not _CLOCK.fullmatch(wanted):
        raise ValueError(f"{name} = {shown(wanted)}: expected a time of day such as 22:00")
    return wanted


def severity(name: str, wanted: Any) -> Any:
    """notice, warning, severe or critical."""
    return one_of(name, wanted, SEVERITIES)


def kinds(name: str, wanted: Any) -> list[str]:
    """Kinds of rules."""
    return [one_of(name, kind, KINDS) for kind in texts(name, wanted)]


def mns(name: str, wanted: Any) -> list[str]:
    """MNs, none twice."""
    found = texts(name, wanted)
    for mn in found:
        try:
            mn_of(mn)
        except ValueError as problem:
            raise ValueError(f"{name} = {shown(mn)}: {problem}") from None
    return found


def regions(name: str, wanted: Any) -> list[str]:
    """Codes of regions."""
    return [region(name, code) for code in texts(name, wanted)]


def region(name: str, code: str) -> str:
    """A code of 2, 4, 6, 9 or 12 digits."""
    if not _region(code):
        raise ValueError(
            f"{name} = {shown(code)}: expected the code of a region, 2, 4, 6, 9 or 12 digits"
        )
    return code


def place(name: str, wanted: Any) -> str:
    """ "mn:MN" or "region:CODE", as people write it, too: an MN, or region:CODE."""
    said = text(name, wanted, 80)
    what, colon, rest = said.partition(":")
    if colon and what == "region":
        return f"region:{region(name, rest)}"
    return f"mn:{mn_of(rest if colon and what == 'mn' else said)}"


def _region(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) in region_codes.LEVELS


def warnings(sites: SiteBook, mns: Iterable[str], regions: Sequence[str]) -> list[str]:
    """What is strange about MNs and regions, though it may be right tomorrow."""
    strange = [mn for mn in mns if sites.site(mn) == Site(mn=mn)]
    said = []
    if strange:
        more = f" and {len(strange) - _SHOWN} more" if len(strange) > _SHOWN else ""
        said.append(f"nobody knows {', '.join(strange[:_SHOWN])}{more} yet")
        said += [f"{mn} looks like a region: write region:{mn}" for mn in strange if _region(mn)]
    if regions:
        known = {site.region for site in sites.sites() if site.region}
        said += [
            f"no station is in region {code} yet"
            for code in regions
            if not any(one.startswith(region_codes.stem(code)) for one in known)
        ]
    return said


def contact(registry: Registry, wanted: int | str) -> ContactRecord:
    """A contact by number, or by name or account where one alone has it. Unknown; ValueError when
    several have that name."""
    if isinstance(wanted, int) or wanted.isdigit():
        found = registry.contacts.get(int(wanted))
        if found is None:
            raise Unknown(f"there is no contact {wanted}")
        return found
    named = [one for one in registry.contacts.all() if wanted in (one.name, one.login)]
    if not named:
        raise Unknown(f"there is no contact {wanted}")
    if len(named) > 1:
        numbers = ", ".join(str(one.id) for one in named)
        raise ValueError(f"contact = {shown(wanted)}: is the name of {numbers}, say which")
    return named[0]


def yes(name: str, wanted: Any) -> bool:
    """true or false."""
    if not isinstance(wanted, bool):
        raise ValueError(f"{name} = {shown(wanted)}: expected true or false")
    return wanted
