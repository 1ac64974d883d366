"""Which alarms are one incident: of a region, of the platform, of no region but many, or single.

Pure. Regions are looked at from the widest down: the highest in which enough stations are
concerned is taken, but not one whose trouble lies in a single region below it. Fewer stations make
an outage when they come at once and are far more than usual (`crowding.py`).
Tests: tests/alerts/incidents/test_grouping.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from alerts.incidents.crowding import NOWHERE, crowded
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
    as they are not those of the alarms. ``gathers``: single incidents of before belong to it."""

    place: str
    factor: str
    region: str
    alarms: list[AlarmRecord]
    stations: int
    regions: frozenset[str] = frozenset()
    gathers: bool = False


class Surroundings(Protocol):
    """What is known of a rule besides the alarms that wait."""

    def recent(self) -> Iterable[tuple[str, str]]:
        """MN and region of active alarms that were noticed shortly before, wherever they stand,
        but what is left of an outage that has recovered and what is being maintained; they count
        with those that wait."""

    def usual(self) -> Mapping[str, float]:
        """Region -> how many alarms stand for themselves in such a time as a rule."""

    def standing(self) -> Mapping[str, int]:
        """Places of groups that are open, each with how many of its alarms last."""

    def is_left(self, alarm: AlarmRecord) -> bool:
        """Whether an alarm is what is left of an outage that has recovered."""


def grouped(
    waiting: Sequence[AlarmRecord],
    around: Surroundings,
    stations_in: StationsIn,
    settings: AlertsSettings,
    factor: str = "",
) -> list[Group]:
    """Alarms of one rule that wait, as groups; what is left over is single (`singles`).

    ``factor``: of all of them, "" for any. What belongs to an open group joins it as long as that
    spreads.
    """
    recent = {mn: region for mn, region in around.recent() if mn}
    groups: list[Group] = []
    standing = set(_spreading(waiting, recent, around, stations_in, settings))
    rest = _join_standing(list(waiting), standing, groups, factor)
    concerned = {**recent, **{alarm.mn: alarm.region for alarm in rest if alarm.mn}}
    if not rest:
        return groups
    kind = rest[0].kind
    if kind in OF_THE_PLATFORM and _everywhere(concerned, stations_in, settings):
        taken = [alarm for alarm in rest if alarm.mn]
        regions = frozenset(concerned.values())
        groups.append(Group(HUB, factor, "", taken, len(concerned), regions, gathers=True))
        rest = [alarm for alarm in rest if not alarm.mn]
    found = _regions(concerned, stations_in, settings)
    rest = _in_regions(rest, found, groups, factor)
    explained = {*found, *_stems(standing)}
    fresh = {mn: region for mn, region in concerned.items() if explained.isdisjoint(chain(region))}
    for alarm in rest:
        if alarm.mn and around.is_left(alarm):
            fresh.pop(alarm.mn, None)
    if len(fresh) >= crowd(kind, settings):
        crowds = crowded(fresh.values(), around.usual(), crowd(kind, settings))
        joining = [alarm for alarm in rest if alarm.mn in fresh]
        others = _in_regions(joining, crowds, groups, factor)
        gone = {alarm.id for alarm in joining} - {alarm.id for alarm in others}
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


def crowd(kind: str, settings: AlertsSettings) -> int:
    """So many stations at once are a crowd. What is measured concerns each owner, so that more of
    it is told one by one."""
    return settings.group_many if kind in OF_THE_PLATFORM else settings.most_single + 1


def _spreading(
    waiting: Sequence[AlarmRecord],
    recent: Mapping[str, str],
    around: Surroundings,
    stations_in: StationsIn,
    settings: AlertsSettings,
) -> Iterator[str]:
    """Places of open groups that take in what belongs there: of which half of what makes one
    lasts, or came within a short time. Else who fails by itself would not be told of."""
    now: Counter[str] = Counter()
    for code in {**recent, **{alarm.mn: alarm.region for alarm in waiting}}.values():
        now.update(chain(code))
    for place, active in around.standing().items():
        if place == HUB:
            if 4 * active > stations_in(""):
                yield place
            continue
        code = place.removeprefix(REGION)
        much = 2 * active >= settings.group_share * stations_in(code)
        if much or 2 * now[stem(code)] >= crowd(waiting[0].kind, settings):
            yield place


def _in_regions(
    rest: list[AlarmRecord], found: Mapping[str, int], groups: list[Group], factor: str
) -> list[AlarmRecord]:
    """Make groups of what lies in some regions; what lies in none."""
    for region, stations in found.items():
        taken = [
            alarm
            for alarm in rest
            if alarm.mn and (region == NOWHERE or region in chain(alarm.region))
        ]
        if taken:
            code = written(region) if region else written(common(one.region for one in taken))
            place = REGION + code if region else MANY
            groups.append(Group(place, factor, code, taken, stations, gathers=True))
            gone = {alarm.id for alarm in taken}
            rest = [alarm for alarm in rest if alarm.id not in gone]
    return rest


def _stems(places: Iterable[str]) -> set[str]:
    """Of places that are regions."""
    return {stem(place.removeprefix(REGION)) for place in places if REGION in place}


def _join_standing(
    waiting: list[AlarmRecord], standing: Collection[str], groups: list[Group], factor: str
) -> list[AlarmRecord]:
    """Give what belongs to an open group to the narrowest; what belongs to none."""
    regions = _stems(standing)
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
