"""The fleet: which stations there are, from a number and a seed. The same numbers, the same fleet.

A county's mix of stations and of versions of the standard; names and MN are invented and stable.
Test: tests/bench/test_instruments.py.
"""

from __future__ import annotations

from random import Random

import msgspec

from bench.instruments import content
from bench.instruments.station import Habit, Station

# Of 85 stations; larger fleets repeat the pattern.
_PATTERN = (
    ("air", 30),
    ("river", 15),
    ("sewage", 14),
    ("flue", 12),
    ("dust", 10),
    ("noise", 4),
)
_TOWNS = (
    *("云溪", "青岚", "柳河", "石桥", "白塔", "龙泉", "南坪", "枫林", "永安"),
    *("临江", "东湖", "松山", "望亭", "马渡", "清源", "安平", "双桥"),
)
_SITES = {
    "air": ["空气站", "第一中学", "政务中心", "体育公园", "工业园东", "环保大楼", "实验小学"],
    "river": ["河入境断面", "河出境断面", "水库坝前", "大桥断面", "取水口", "河口断面"],
    "sewage": ["污水处理厂排口", "印染废水排口", "食品厂排口", "电镀园区排口", "造纸厂排口"],
    "flue": ["热电1号炉", "热电2号炉", "水泥窑尾", "集中供热锅炉", "砖厂隧道窑", "焚烧1号炉"],
    "dust": ["安置房工地", "地铁三号口工地", "学府花园工地", "商贸城工地", "快速路扩建工地"],
    "noise": ["人民路功能区噪声", "商业街噪声", "居民区噪声", "铁路两侧噪声"],
}
_HABITS = (
    Habit.CRC_LOWER_CASE,
    Habit.TIME_MILLISECONDS,
    Habit.DTU_HEARTBEAT,
    Habit.TRAILING_SEPARATOR,
    Habit.NO_LINE_END,
    Habit.TEXT_GBK,
    Habit.REPLIES_AS_DATA,
)


def make(
    count: int, seed: int, *, interval_s: float = 60.0, odd_share: float = 0.1
) -> list[Station]:
    """``count`` stations.

    ``odd_share`` of them has a habit against the standard or a wrong clock; names and MN do not
    depend on it. Stations send within the first half of ``interval_s``.
    """
    kinds = [kind for kind, times in _PATTERN for _ in range(times)]
    Random(2122017).shuffle(kinds)  # so that a small fleet has something of each
    seen: dict[str, int] = {}
    odd = 0
    stations = []
    for index in range(count):
        kind = kinds[index % len(kinds)]
        place = seen[kind] = seen.get(kind, -1) + 1
        random = Random(f"{seed}/{index}")
        station = _station(kind, _name(kind, place), random, interval_s)
        if random.random() < odd_share:
            station = _odd(station, odd, random)
            odd += 1
        stations.append(station)
    return stations


def _name(kind: str, place: int) -> str:
    sites = _SITES[kind]
    town = _TOWNS[place % len(_TOWNS)]
    site = sites[place % len(sites)]
    # The number of towns is prime, so pairs repeat only after towns times sites.
    again = place // (len(_TOWNS) * len(sites))
    return f"{town}{site}" + (f"{again + 1}" if again else "")


def _station(kind: str, name: str, random: Random, interval_s: float) -> Station:
    version = _version(kind, random)
    if version == "2005":
        mn = f"3415{random.randrange(10**10):010d}"
    else:
        mn = f"{random.getrandbits(96):024X}"
    password = random.choice(["123456", f"{random.randrange(10**6):06d}"])
    seed = random.getrandbits(63)
    minutes = 1 if version == "2025" else random.choice([1, 5, 10])
    key = random.randbytes(16) if version == "2025" and random.random() < 0.6 else b""
    delay_s = round(random.uniform(0.05, 0.5 * min(interval_s, 60)), 3)
    offset_s = round(random.gauss(0, 1.5), 2)
    drift_ppm = round(random.gauss(0, 20), 1)
    silent = version == "2005" and random.random() < 0.3
    return Station(
        mn=mn,
        name=name,
        kind=kind,
        version=version,
        password=password,
        seed=seed,
        minutes=minutes,
        key=key,
        send_delay_s=delay_s,
        clock_offset_s=offset_s,
        clock_drift_ppm=drift_ppm,
        habits=frozenset([Habit.NO_QN] if silent else []),
        cp_limit=480 if random.random() < 0.15 else content.CP_LIMIT,
    )


def _odd(station: Station, number: int, random: Random) -> Station:
    """The station with a habit against the standard, each in turn; some have a wrong clock too."""
    habits = {*station.habits, _HABITS[number % len(_HABITS)]}
    offset_s = station.clock_offset_s
    if number % 4 == 3:
        offset_s = random.choice([-8 * 3600.0, 1500.0, -2400.0])
    return msgspec.structs.replace(station, habits=frozenset(habits), clock_offset_s=offset_s)


def _version(kind: str, random: Random) -> str:
    """Old loggers stand at outlets and stacks; those are also renewed first."""
    lot = random.random()
    if kind in ("sewage", "flue"):
        return "2005" if lot < 0.25 else "2025" if lot < 0.55 else "2017"
    return "2025" if lot < 0.3 else "2017"


def device_tables(stations: list[Station]) -> str:
    """The ``[[device]]`` tables that a daemon needs to know these stations by name and key."""
    lines = []
    for station in stations:
        lines += [
            "[[device]]",
            f'mn = "{station.mn}"',
            f'name = "{station.name}"',
            f'password = "{station.password}"',
        ]
        if station.key:
            lines.append(f'keys = ["{station.key.hex()}"]')
        lines.append("")
    return "\n".join(lines)
