"""Where the fleet stands: an invented county of 17 towns, and what each station is as a site.

The rows are what `hj212d site import` takes. Names and MN are roster.py's.
Test: tests/bench/test_county.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from random import Random

from bench.instruments.outlets import section_m2
from bench.instruments.station import Station

COUNTY = "341599"  # of no real county: 99 is not given out
KM_PER_DEGREE = 111.32
COS_LATITUDE = 0.85

# Town -> longitude and latitude of its middle, WGS 84; the county town first, hills in the west.
TOWNS = {
    "云溪": (116.5020, 31.7350),
    "青岚": (116.2310, 31.6120),
    "柳河": (116.5710, 31.6480),
    "石桥": (116.4260, 31.6790),
    "白塔": (116.6330, 31.7610),
    "龙泉": (116.2880, 31.7480),
    "南坪": (116.4690, 31.5530),
    "枫林": (116.3370, 31.5480),
    "永安": (116.5470, 31.8240),
    "临江": (116.7020, 31.8510),
    "东湖": (116.7410, 31.7040),
    "松山": (116.3540, 31.8230),
    "望亭": (116.6480, 31.5830),
    "马渡": (116.7230, 31.6150),
    "清源": (116.2240, 31.8460),
    "安平": (116.4480, 31.8760),
    "双桥": (116.3760, 31.7210),
}
FIRST_TOWN = 100  # its code is the county's and 100, then 101 and so on
COUNTY_NAME = "云溪县"

# Part of a name -> what such a site is.
_OUTLETS = {
    "热电": {"reference_o2": "6", "outlet": "table=GB13223-2011/coal/new;fuel=coal"},
    "供热锅炉": {"reference_o2": "9", "outlet": "table=GB13271-2014/coal/new;fuel=coal"},
    "水泥窑": {"reference_o2": "10"},
    "砖厂": {"reference_o2": "18"},
    "焚烧": {"reference_o2": "11"},
    "污水处理厂": {"outlet": "table=GB18918-2002/1A"},
    "断面": {"water": "body=river;target=III;river=柳源河"},
    "大桥": {"water": "body=river;target=III;river=柳源河"},
    "取水口": {"water": "body=river;target=II;river=清溪"},
    "水库": {"water": "body=lake;target=II"},
    "功能区": {"noise_zone": "2"},
    "商业街": {"noise_zone": "2"},
    "居民区": {"noise_zone": "1"},
    "铁路": {"noise_zone": "4b"},
}
_AWAY_KM = {"air": 3.0, "river": 5.0, "sewage": 6.0, "flue": 6.0, "dust": 3.0, "noise": 2.0}
_CONTROL, _INDUSTRY = "清源", "工业园"


def regions() -> list[tuple[str, str]]:
    """Codes and names: the county, then its towns."""
    towns = [(f"{COUNTY}{FIRST_TOWN + n}", f"{name}镇") for n, name in enumerate(TOWNS)]
    return [(COUNTY, COUNTY_NAME), *towns]


def sites(stations: Iterable[Station]) -> Iterator[dict[str, str]]:
    """The fields of each station's site; the same station, the same place."""
    for station in stations:
        town = next(name for name in TOWNS if station.name.startswith(name))
        longitude, latitude = _place(station, town)
        yield {
            "mn": station.mn,
            "name": station.name,
            "region": f"{COUNTY}{FIRST_TOWN + list(TOWNS).index(town)}",
            "longitude": f"{longitude:.5f}",
            "latitude": f"{latitude:.5f}",
            **_what(station, town),
        }


def as_csv(stations: Iterable[Station]) -> str:
    """A file for `hj212d site import`."""
    rows = list(sites(stations))
    text = io.StringIO()
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(text, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _place(station: Station, town: str) -> tuple[float, float]:
    """In its town, or a few kilometres from there."""
    random = Random(f"place/{station.mn}")
    away = _AWAY_KM[station.kind] / KM_PER_DEGREE
    longitude, latitude = TOWNS[town]
    return (
        longitude + random.uniform(-away, away) / COS_LATITUDE,
        latitude + random.uniform(-away, away),
    )


def _what(station: Station, town: str) -> dict[str, str]:
    if station.kind == "air":
        if town == _CONTROL:
            return {"role": "control"}
        return {"role": "other" if _INDUSTRY in station.name else "assessed"}
    said: dict[str, str] = {}
    for part, fields in _OUTLETS.items():
        if part in station.name:
            said |= fields
    if station.kind == "flue":
        said["stack_area_m2"] = f"{section_m2(station.seed):.2f}"
    return said
