"""The fleet: stable names and numbers, a realistic mix, TOML that the daemon reads."""

from __future__ import annotations

import re
import tomllib
from collections import Counter

from bench.instruments import roster
from bench.instruments.station import Habit


def test_a_larger_fleet_begins_with_the_smaller_one() -> None:
    """Names and numbers are stable when stations are added; no two are alike."""
    small, large = roster.make(85, 1), roster.make(1000, 1)
    assert large[:85] == small
    assert len({each.mn for each in large}) == 1000
    assert len({each.name for each in large}) == 1000


def test_a_county_has_every_kind_and_version() -> None:
    """85 stations are a realistic mix, some encrypted, some odd in each of the known ways."""
    fleet = roster.make(85, 1)
    assert Counter(each.kind for each in fleet) == {
        "air": 30, "river": 15, "sewage": 14, "flue": 12, "dust": 10, "noise": 4,
    }  # fmt: skip
    versions = Counter(each.version for each in fleet)
    assert versions["2017"] > versions["2025"] > versions["2005"] > 0
    keyed = [each for each in fleet if each.key]
    assert 0 < len(keyed) < versions["2025"]
    assert all(each.version == "2025" for each in keyed)
    for each in fleet:
        length = 14 if each.version == "2005" else 24
        assert re.fullmatch(f"[0-9A-F]{{{length}}}", each.mn)
    odd = {habit for each in roster.make(300, 1, odd_share=0.2) for habit in each.habits}
    assert odd == set(Habit)


def test_odd_stations_keep_their_names_and_numbers() -> None:
    """The share of faults changes habits and clocks only."""
    plain, odd = roster.make(85, 1, odd_share=0.0), roster.make(85, 1, odd_share=1.0)
    for one, two in zip(plain, odd, strict=True):
        assert (one.mn, one.name, one.seed, one.version) == (
            two.mn,
            two.name,
            two.seed,
            two.version,
        )
        assert two.habits - {Habit.NO_QN}


def test_device_tables_are_what_the_daemon_reads() -> None:
    """Names, passwords and keys as TOML, one table a station."""
    fleet = roster.make(30, 3)
    known = tomllib.loads(roster.device_tables(fleet))["device"]
    assert [each["mn"] for each in known] == [each.mn for each in fleet]
    assert [each["name"] for each in known] == [each.name for each in fleet]
    assert [bytes.fromhex(each["keys"][0]) if "keys" in each else b"" for each in known] == [
        each.key for each in fleet
    ]
