"""Marks of people in a running daemon: each touches its hours, their day, its city and what was
published of them, and nothing else; revoked, all is as it was, under a new revision."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from running_daemon import WITHIN_S, Daemon
from test_bulletins_of_a_hub import book, daemon, hour_frame
from waiting import wait_until

from hj212d.hub.times import BEIJING

__all__ = ["daemon"]

HOUR = timedelta(hours=1)
PM25 = "a34004"
CITY = "region:330100"
Versions = dict[tuple[str, ...], tuple[Any, ...]]


class Yesterday:
    """A day of two stations, as the daemon tells it."""

    def __init__(self, daemon: Daemon) -> None:
        today = datetime.now(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        self.start = today - timedelta(days=1)
        self.day = f"{self.start:%Y-%m-%d}"
        self.span = {"start": self.day, "end": f"{today:%Y-%m-%d}"}
        self._daemon = daemon

    def send(self) -> None:
        """All hours of both."""
        begun = self.start.astimezone(UTC).replace(tzinfo=None)
        for mn, low in (("HZ1", 20.0), ("NB1", 30.0)):
            hours = (hour_frame(mn, begun + n * HOUR, low + n) for n in range(24))
            self._daemon.send(*hours)

    def versions(self) -> Versions:
        """Of each mean and each AQI what it says, its revision and its as_of."""
        found: Versions = {}
        end = f"{self.start + 24 * HOUR:%Y-%m-%dT%H:%M}"
        for level in ("hour", "day"):
            asked = f"level={level}&from={self.day}&to={end}"
            for row in self._daemon.get(f"means?{asked}&mn=HZ1&mn=NB1")["means"]:
                key = (level, row["mn"], row["start"][11:13], row["factor"], row["stat"])
                found[key] = (row["value"], row["mark"], row["revision"], row["as_of"])
            for row in self._daemon.get(f"aqi?{asked}&places=HZ1,NB1,{CITY}")["rows"]:
                key = (level, row["place"], row["start"][11:13], "aqi", "")
                found[key] = (row["aqi"], row["mark"], row["revision"], row["as_of"])
        return found

    def hour(self, number: int) -> str:
        """The beginning of an hour, as people write it."""
        return f"{self.start + number * HOUR:%Y-%m-%dT%H:%M}"

    def mark(self, first: int, behind: int, factor: str = "") -> int:
        """Take hours of HZ1 out; the number of the mark."""
        said = {
            "mn": "HZ1",
            "factor": factor,
            "start": self.hour(first),
            "end": self.hour(behind),
            "reason": "power",
        }
        return int(self._post("reviews", said)["reviews"][0]["id"])

    def revoke(self, number: int) -> None:
        """Lift a mark."""
        self._post(f"reviews/{number}/revoke", {})

    def after(self, deed: Callable[[], Any], before: Versions, day: Any) -> set[tuple[str, ...]]:
        """Keys of what is other once the day's PM2.5 says ``day`` (value and mark)."""
        deed()
        key = ("day", "HZ1", "00", PM25, "mean")
        wait_until(lambda: self.versions()[key][:2] == day, f"a day of {day}", WITHIN_S)
        now = self.versions()
        return {key for key in now.keys() | before.keys() if now.get(key) != before.get(key)}

    def _post(self, path: str, said: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._daemon.api(path, said))
        return found


def about(hours: range, factors: set[str] | None = None) -> Callable[[tuple[str, ...]], bool]:
    """Whether a key is of these hours of HZ1 and its city, or of their day."""

    def touched(key: tuple[str, ...]) -> bool:
        level, place, hour, factor, _ = key
        its = place in ("HZ1", CITY) and (factor == "aqi" or not factors or factor in factors)
        return its and (level == "day" or int(hour) in hours)

    return touched


def test_marks_touch_what_they_are_of(daemon: Daemon) -> None:
    """Some hours of one factor, hours of all that overlap them, a whole day; then none."""
    day = Yesterday(daemon)
    day.send()
    words = ("--from", day.span["start"], "--to", day.span["end"])
    daemon.say("means", "recompute", *words)  # rather than wait until late data are looked for
    made = ("day", "NB1", "00", PM25, "mean")
    wait_until(lambda: day.versions().get(made, "")[:2] == (41.5, ""), "the day", WITHIN_S)
    daemon.client.call("bulletin_publish", kind="day", **day.span)
    first = day.versions()
    assert {row[2] for row in first.values()} == {1}
    assert all(row[3] for row in first.values())

    mine = day.mark(5, 7, "PM2.5")
    mean = round((sum(range(20, 44)) - 25 - 26) / 22, 9)
    changed = day.after(lambda: None, first, (mean, ""))
    assert changed == set(filter(about(range(5, 7), {PM25}), first))
    one = day.versions()
    assert {one[key][2] for key in changed} == {2}

    other = day.mark(6, 9)
    mean = round((sum(range(20, 44)) - 25 - 26 - 27 - 28) / 20, 9)
    changed = day.after(lambda: None, one, (mean, ""))
    two = day.versions()
    assert changed <= set(filter(about(range(6, 9)), one))
    assert ("hour", "HZ1", "06", PM25, "mean") not in changed  # says what it said
    assert ("hour", "HZ1", "06", "a21026", "mean") in changed
    assert two["hour", "HZ1", "07", PM25, "mean"][:3] == (None, "review", 2)

    changed = day.after(lambda: day.revoke(mine), two, (round(mean * 20 / 21 + 25 / 21, 9), ""))
    three = day.versions()
    assert changed <= set(filter(about(range(5, 7), {PM25}), two))
    assert three["hour", "HZ1", "05", PM25, "mean"][:3] == (25.0, "", 3)
    assert three["hour", "HZ1", "06", PM25, "mean"][:3] == (None, "review", 2)

    whole = day.mark(0, 24)
    changed = day.after(lambda: None, three, (None, "review"))
    assert changed <= set(filter(about(range(24)), three))
    assert day.versions()["day", CITY, "00", "aqi", ""][0] is None
    daemon.client.call("bulletin_publish", kind="day", **day.span)

    day.revoke(other)
    changed = day.after(lambda: day.revoke(whole), three, (31.5, ""))
    last = day.versions()
    assert {key: row[:2] for key, row in last.items()} == {
        key: row[:2] for key, row in first.items()
    }
    assert all(last[key] == first[key] for key in last if key[1] == "NB1")
    assert all(last[key][2] > first[key][2] for key in last if key[1] == "HZ1")
    assert all(last[key][3] > first[key][3] for key in last if key[1] in ("HZ1", CITY))

    daemon.client.call("bulletin_publish", kind="day", **day.span)
    rows = book(daemon, kind="day", **day.span)
    for place in ("NB1", "region:330200"):
        assert [row["version"] for row in rows if row["place"] == place] == [1]
    for place in ("HZ1", CITY):
        found = sorted(
            (row for row in rows if row["place"] == place), key=lambda row: row["version"]
        )
        assert [row["correction"] for row in found] == [False] + [True] * (len(found) - 1)
        assert "NA" in {row["content"]["aqi"] for row in found}
        assert found[0]["content"] == found[-1]["content"]
        assert found[0]["as_of"] < found[-1]["as_of"]
