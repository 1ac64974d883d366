"""Which alarms are one incident: of a region, of the platform, of no region but many, or single.

Pure. Regions are looked at from the widest down: the highest in which enough stations are
concerned is taken, but not one whose trouble lies in a single region below it.
Tests: tests/alerts/incidents/test_grouping.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from alerts.incidents.standing import HUB, MANY, REGION
from alerts.rules.regions import chain, stem, written
from alerts.settings import AlertsSettings
from store.registry.alert_records import AlarmRecord

# What all stations lose at once is the platform's own line or side; polluted air is not.
OF_THE_PLATFORM = frozenset({"offline", "bad_frames", "clock", "completeness", "stuck"})
# Several factors of a station that go wrong together are one trouble; limits are each their own.
ONE_TROUBLE = frozenset({"offline", "stuck", "swing", "drift", "clock", "completeness"})
_EXPLAINED = 0.9

StationsIn = Callable[[str], int]
Place = tuple[str, str]  # place, factor


class Group(msgspec.Struct, frozen=True):
    """Alarms that belong together. ``place`` and ``factor``: of the incident. ``stations``: how
    many are concerned, also such whose alarm stands elsewhere already; ``regions``: theirs, as far
    as they are not those of the alarms."""

    place: str
    factor: str
    region: str
    alarms: list[AlarmRecord]
    stations: int
    regions: frozenset[str] = frozenset()


def grouped(
    waiting: Sequence[AlarmRecord],
    recent: Callable[[], Iterable[tuple[str, str]]],
    standing: Collection[str],
    stations_in: StationsIn,
    settings: AlertsSettings,
    factor: str = "",
) -> list[Group]:
    """Alarms of one rule that wait, as groups; what is left over is single (`singles`).

    ``factor``: of all of them, "" for any. ``recent``: MN and region of alarms of this rule that
    opened incidents shortly before; they count with the others. ``standing``: places of groups of
    this rule that are open, which what belongs there joins.
    """
    rest = list(waiting)
    groups: list[Group] = []
    rest = _join_standing(rest, standing, groups, factor)
    concerned = {alarm.mn: alarm.region for alarm in rest if alarm.mn}
    if not rest:
        return groups
    for mn, region in recent():
        if mn:
            concerned.setdefault(mn, region)
    kind = rest[0].kind
    if kind in OF_THE_PLATFORM and _everywhere(concerned, stations_in, settings):
        taken = [alarm for alarm in rest if alarm.mn]
        regions = frozenset(concerned.values())
        groups.append(Group(HUB, factor, "", taken, len(concerned), regions))
        rest = [alarm for alarm in rest if not alarm.mn]
    for region, stations in _regions(concerned, stations_in, settings).items():
        taken = [alarm for alarm in rest if alarm.mn and region in chain(alarm.region)]
        if taken:
            place = REGION + written(region)
            groups.append(Group(place, factor, written(region), taken, stations))
            gone = {alarm.id for alarm in taken}
            rest = [alarm for alarm in rest if alarm.id not in gone]
    left = [alarm for alarm in rest if alarm.mn]
    if len({alarm.mn for alarm in left}) > settings.most_single:
        region = written(common([alarm.region for alarm in left]))
        groups.append(Group(MANY, factor, region, left, len({alarm.mn for alarm in left})))
    return groups


def singles(alarms: Sequence[AlarmRecord], kind: str) -> list[Group]:
    """Alarms that stand for themselves, a group each; several factors of a station that make one
    trouble together."""
    found: dict[Place, list[AlarmRecord]] = defaultdict(list)
    together = kind in ONE_TROUBLE
    factors: dict[str, set[str]] = defaultdict(set)
    for alarm in alarms:
        factors[alarm.subject].add(alarm.factor)
    for alarm in alarms:
        one = together and len(factors[alarm.subject]) > 1
        found[place_of(alarm.subject), "" if one else alarm.factor].append(alarm)
    return [
        Group(place, factor, some[0].region, some, len(some))
        for (place, factor), some in found.items()
    ]


def place_of(subject: str) -> str:
    """The place of an alarm that stands for itself: a key is its station's."""
    return f"mn:{subject[4:]}" if subject.startswith("key:") else subject


def common(codes: Iterable[str]) -> str:
    """The stem of the smallest region that holds all; "" when there is none."""
    chains = [chain(code) for code in set(codes)]
    shared = set(chains[0]).intersection(*chains[1:]) if chains else set()
    return max(shared, key=len, default="")


def _join_standing(
    waiting: list[AlarmRecord], standing: Collection[str], groups: list[Group], factor: str
) -> list[AlarmRecord]:
    """Give what belongs to an open group to the narrowest; what belongs to none."""
    regions = {stem(place.removeprefix(REGION)) for place in standing if REGION in place}
    found: dict[str, list[AlarmRecord]] = defaultdict(list)
    rest = []
    for alarm in waiting:
        home = next((one for one in reversed(chain(alarm.region)) if one in regions), "")
        if home and alarm.mn:
            found[REGION + written(home)].append(alarm)
        elif HUB in standing and alarm.mn:
            found[HUB].append(alarm)
        else:
            rest.append(alarm)
    for place, some in found.items():
        groups.append(
            Group(place, factor, place.removeprefix(REGION).replace(HUB, ""), some, len(some))
        )
    return rest


def _everywhere(
    concerned: Mapping[str, str], stations_in: StationsIn, settings: AlertsSettings
) -> bool:
    return len(concerned) >= settings.group_least and 2 * len(concerned) > stations_in("")


def _regions(
    concerned: Mapping[str, str], stations_in: StationsIn, settings: AlertsSettings
) -> dict[str, int]:
    """Stem -> stations concerned, of the regions that explain them; none holds another."""
    counts: Counter[str] = Counter()
    below: dict[str, set[str]] = defaultdict(set)
    for code, many in Counter(concerned.values()).items():
        above = ""
        for one in chain(code):
            counts[one] += many
            below[above].add(one)
            above = one

    def enough(region: str) -> bool:
        many = counts[region]
        return many >= settings.group_least and many >= settings.group_share * stations_in(
            written(region)
        )

    found: dict[str, int] = {}
    looked = sorted(below[""])
    while looked:
        region = looked.pop()
        inner = sorted(below[region])
        if not enough(region):
            looked += inner
            continue
        cause = [
            one for one in inner if enough(one) and counts[one] >= _EXPLAINED * counts[region]
        ]
        if cause:
            looked += cause
        else:
            found[region] = counts[region]
    return found
