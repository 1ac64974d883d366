"""A month of frames of four stations becomes a ranking: from the daemon, the API, and the store
that it leaves; each figure held against a reckoning from what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from running_daemon import WITH_API, WITHIN_S, Daemon, configured, serving
from waiting import wait_until

from hj212d.wire.build import frame

BEIJING = timezone(timedelta(hours=8))
CODES = {
    "PM2.5": "a34004",
    "PM10": "a34002",
    "SO2": "a21026",
    "NO2": "a21004",
    "CO": "a21005",
    "O3": "a05024",
}
LEVELS = {"PM2.5": 30.0, "PM10": 60.0, "SO2": 9.0, "NO2": 25.0, "CO": 0.7, "O3": 80.0}
STATIONS = {"HZ1": "330106", "HZ2": "330108", "HZC": "330108", "NB1": "330205"}
CONFIG = f"""{WITH_API}[means]
every_s = 1
late_every_s = 1
first_days = 70
[completeness]
fill = false
[quality.regions]
"330100" = "杭州市"
""" + "".join(
    f'[[site]]\nmn = "{mn}"\nregion = "{region}"\nmedium = "air"\n'
    + ('role = "control"\n' if mn == "HZC" else "")
    for mn, region in STATIONS.items()
)

Days = Mapping[str, Sequence[Fraction]]


def last_month() -> tuple[datetime, int]:
    """The first day of the last whole month, Beijing time, and its number of days."""
    over = datetime.now(BEIJING).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    first = (over - timedelta(days=1)).replace(day=1)
    return first, (over - first).days


FIRST, DAYS = last_month()
SPAN = (FIRST.date().isoformat(), (FIRST + timedelta(days=DAYS)).date().isoformat())


def sent(mn: str, pollutant: str, day: int, hour: int) -> str:
    """What a station says of an hour."""
    shift = list(STATIONS).index(mn)
    share = (day * 7 + hour * 5 + shift * 13 + len(pollutant)) % 23
    value = LEVELS[pollutant] * (0.4 + share / 20 + shift / 10)
    return f"{value:.2f}" if pollutant == "CO" else f"{value:.1f}"


def frames(mn: str) -> Iterator[bytes]:
    """A frame of CN 2061 for every hour of the month."""
    for day in range(DAYS):
        for hour in range(24):
            at = FIRST + timedelta(days=day, hours=hour)
            values = ";".join(
                f"{code}-Avg={sent(mn, pollutant, day, hour)},{code}-Flag=N"
                for pollutant, code in CODES.items()
            )
            yield frame(
                f"QN={at + timedelta(hours=1):%Y%m%d%H%M%S}000;ST=22;CN=2061;PW=123456;MN={mn};"
                f"Flag=5;CP=&&DataTime={at:%Y%m%d%H%M%S};{values}&&".encode()
            )


# The reckoning: fractions of the texts that were sent.


def mean(values: Sequence[Fraction]) -> Fraction:
    """Their mean."""
    return sum(values, Fraction(0)) / len(values)


def days_of(mn: str) -> dict[str, list[Fraction]]:
    """24 h means, of ozone the greatest of the 8 h means that end 08:00 to 24:00."""
    found: dict[str, list[Fraction]] = {name: [] for name in CODES}
    for pollutant, its in found.items():
        for day in range(DAYS):
            hours = [Fraction(sent(mn, pollutant, day, hour)) for hour in range(24)]
            windows = [mean(hours[end - 8 : end]) for end in range(8, 25)]
            its.append(max(windows) if pollutant == "O3" else mean(hours))
    return found


def city(*mns: str) -> dict[str, list[Fraction]]:
    """Day by day the mean of stations."""
    each = [days_of(mn) for mn in mns]
    return {
        name: [mean(day) for day in zip(*(one[name] for one in each), strict=True)]
        for name in CODES
    }


def percentile(values: Sequence[Fraction], p: int) -> Fraction:
    """HJ 663, appendix A."""
    ordered = sorted(values)
    k = 1 + Fraction((len(ordered) - 1) * p, 100)
    s = int(k)
    return ordered[s - 1] + (ordered[min(s, len(ordered) - 1)] - ordered[s - 1]) * (k - s)


def index(days: Days) -> float:
    """The ranking rule of 2014 by the limits of 2012."""
    items = [
        Fraction(round(mean(days["PM2.5"])), 35),
        Fraction(round(mean(days["PM10"])), 70),
        Fraction(round(mean(days["SO2"])), 60),
        Fraction(round(mean(days["NO2"])), 40),
        Fraction(round(percentile(days["CO"], 95) * 10), 40),
        Fraction(round(percentile(days["O3"], 90)), 160),
    ]
    return sum(round(item * 100) for item in items) / 100


def ranked(daemon: Daemon, *places: str, **asked: Any) -> list[dict[str, Any]]:
    """Rows over the control socket."""
    table = daemon.client.table(
        "rank", places=places, start=SPAN[0], end=SPAN[1], compare=False, **asked
    )
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One that has made its means of the month."""
    with serving(configured(tmp_path_factory.mktemp("air") / "data", CONFIG)) as running:
        for mn in STATIONS:
            running.send(*frames(mn))

        def complete() -> bool:
            return all(row["n"] == DAYS for row in ranked(running, *STATIONS))

        wait_until(complete, "a month of days", WITHIN_S)
        yield running


def test_stations_in_order(daemon: Daemon) -> None:
    """Index, concentrations and rank of each station by what it sent."""
    rows = ranked(daemon, "stations:*", standards=("old",))
    expected = {mn: index(days_of(mn)) for mn in STATIONS}
    assert {row["place"]: row["value"] for row in rows} == expected
    order = sorted(expected.values())
    assert [row["rank"] for row in rows] == [order.index(row["value"]) + 1 for row in rows]
    pm25 = {row["place"]: row["pm25"] for row in rows}
    assert pm25 == {mn: float(round(mean(days_of(mn)["PM2.5"]))) for mn in STATIONS}


def test_cities_from_socket_api_and_store(daemon: Daemon) -> None:
    """The same rows from all three, the control site left out; last, when the daemon is gone,
    from the store itself."""
    expected = {"region:330100": index(city("HZ1", "HZ2")), "region:330200": index(city("NB1"))}
    rows = ranked(daemon, "region:*", standards=("old",))
    assert {row["place"]: row["value"] for row in rows} == expected
    assert {row["name"] for row in rows} == {"杭州市", "330200"}
    bounds = {"from": SPAN[0], "to": SPAN[1]}
    asked = {"places": "region:*", "standard": "old", "compare": "no", **bounds}
    over_http = daemon.get("rank", **asked)["rows"]
    words = ("rank", "region:*", "--standard", "old", "--no-compare", "--months", "1", "--json")
    running = daemon.lines(*words)
    assert over_http == running
    assert [row["value"] for row in running] == [row["value"] for row in rows]
    daemon.stop()
    assert daemon.lines(*words) == running
    days = daemon.lines("airquality", "region:330100", "--months", "1", "--json")
    assert len(days) == DAYS
    assert days[0]["pm25"] == pytest.approx(float(city("HZ1", "HZ2")["PM2.5"][0]), abs=1e-6)
    begun = datetime.fromisoformat(days[0]["start"])
    assert begun.astimezone(UTC) == FIRST.astimezone(UTC)
