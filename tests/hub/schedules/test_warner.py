"""Warnings by forecasts in a real store: raised, changed and cleared, or why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from by_hand import Now
from schedules_rig import Stage, beijing

from alerts.cases import Cases
from alerts.incidents import deeds
from alerts.incidents.terms import Terms
from alerts.notify.wording import render
from alerts.rules.book import all_records, rules_in_force
from alerts.schedules.settings import SchedulesSettings
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from hj212d.hub.quality.places_asked import NoSuchPlace
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.quality.tables import AQI_ROWS
from hj212d.hub.schedules.courses import NO_FORECAST, courses
from hj212d.hub.schedules.telling import Telling
from hj212d.hub.schedules.warner import NO_REGION, NO_RULE, NO_SKILL, TOO_SHORT, Warner
from store.duckdb_store import DuckDBStore
from store.means import FORECASTS
from store.registry.alert_records import AlarmRecord, PlanRecord
from store.registry.open import Registry

# 17:00 in Beijing: seven hours of that day and three days more.
ISSUED = datetime(2026, 11, 21, 9)
HORIZON = 7 + 72
CLEAN = {"a34002": 60.0, "a21026": 5.0, "a21004": 20.0, "a21005": 0.5, "a05024": 50.0}


class Regions:
    """Two with stations, one without."""

    def __call__(self, places: Sequence[str]) -> dict[str, bool]:
        """All of them, whatever is asked; none where nothing is."""
        if not places:
            raise NoSuchPlace("none")
        return {"330100": True, "330200": True, "999900": False}


class Measured:
    """Answers like `Quality` for hours before the forecast: PM2.5 of 30, or of ``dirty`` for the
    last ``hours``."""

    def __init__(self) -> None:
        self.hours = 0
        self.dirty = 280.0

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """Hours of the first region."""
        rows = []
        start = question.start
        while start < question.end:
            left = (question.end - start) // timedelta(hours=1)
            row = dict.fromkeys(AQI_ROWS.names)
            row.update(place="region:330100", start=start, pm10=60.0, so2=5.0, no2=20.0)
            row.update(co=0.5, o3=50.0, pm25=self.dirty if left <= self.hours else 30.0)
            rows.append(row)
            start += timedelta(hours=1)
        return pa.Table.from_pylist(rows, schema=AQI_ROWS)


class Office:
    """A warner with a registry, a store of forecasts and the keepers of incidents."""

    def __init__(self, stage: Stage, store: DuckDBStore) -> None:
        self.stage, self.store = stage, store
        self.measured = Measured()
        stage.now = beijing("2026-11-21T17:15")
        self.warner = self.make()

    def make(self, **settings: Any) -> Warner:
        """One, as after the start of a hub."""
        telling = Telling(None, self.stage, Now(), lambda: self.stage.now)
        self.warner = Warner(
            telling,
            self.store,
            self.measured,
            Regions(),
            self.take,
            msgspec.structs.replace(SchedulesSettings(), **settings),
        )
        return self.warner

    def take(self, registry: Registry, signals: Sequence[Signal], now: datetime) -> object:
        """As the hub does."""
        return deeds.take(registry, signals, self.terms(now))

    def terms(self, now: datetime) -> Terms:
        """By the rules of the registry."""
        rules = rules_in_force(self.stage.registry.rules.all())
        return Terms(
            now=now,
            rules={rule.key: rule for rule in rules},
            settings=AlertsSettings(),
            places=Places(),
            render=render,
            on_case=Cases(medium=lambda _: ""),
        )

    def forecast(
        self,
        pm25: np.ndarray,
        region: str = "330100",
        skill: float | None = 0.3,
        issued: datetime = ISSUED,
    ) -> None:
        """Hours from the issue on."""
        rows = [
            {
                "issued": issued,
                "model": "damped",
                "place": f"region:{region}",
                "factor": factor,
                "level": "hour",
                "start": issued + timedelta(hours=hour),
                "value": value,
                "rmse": 5.0,
                "skill": skill,
            }
            for hour, dirty in enumerate(pm25.tolist())
            for factor, value in {**CLEAN, "a34004": dirty}.items()
            if value == value
        ]
        self.store.put_forecasts(pa.Table.from_pylist(rows, schema=FORECASTS))

    def look(self, at: str | None = None) -> dict[str, Any]:
        """As after a forecast; what the status says."""
        if at is not None:
            self.stage.now = beijing(at)
        self.warner.wake()
        failures: list[object] = []
        self.warner.look().addErrback(failures.append)
        assert failures == []
        return self.warner.status

    def active(self) -> list[AlarmRecord]:
        """Warnings in force."""
        return list(self.stage.registry.alarms.active(rule="heavy-pollution"))


class Places:
    """Names of places for incidents."""

    def name(self, mn: str) -> str:
        """Its MN."""
        return mn

    def region(self, mn: str) -> str:  # noqa: ARG002
        """None."""
        return ""

    def stations_in(self, region: str) -> int:  # noqa: ARG002
        """Some."""
        return 10

    def region_name(self, code: str) -> str:
        """A name."""
        return f"R{code}"

    def position(self, mn: str) -> tuple[float, float] | None:  # noqa: ARG002
        """Nowhere."""
        return None


@pytest.fixture
def office(stage: Stage, tmp_path: Path) -> Iterator[Office]:
    """On a Saturday afternoon, after the forecast."""
    store = DuckDBStore(tmp_path / "store.duckdb")
    yield Office(stage, store)
    store.close()


def days(*pm25: float) -> np.ndarray:
    """The rest of today clean, then whole days of these."""
    return np.concatenate([np.full(7, 30.0), np.repeat(pm25, 24)])


def test_raised_once(office: Office) -> None:
    """With level, time, and the skill of the forecast; the same forecast again says nothing."""
    office.forecast(days(30, 280, 290))
    status = office.look()
    (alarm,) = office.active()
    assert (alarm.subject, alarm.severity, alarm.region) == ("region:330100", "severe", "330100")
    assert alarm.detail["level"] == "orange"
    assert alarm.detail["skill"] == 0.3
    assert alarm.began == ISSUED.replace(tzinfo=UTC)
    assert status["warned"] == ["330100 orange"]
    assert status["why"] == {NO_FORECAST: 1, NO_REGION: 1}
    office.make()
    office.look("2026-11-21T18:00")
    assert office.active() == [alarm]


def test_changed_and_cleared(office: Office) -> None:
    """By the forecast of the next day, and the one after."""
    office.forecast(days(30, 280, 290))
    office.look()
    tomorrow = ISSUED + timedelta(days=1)
    office.forecast(days(280, 290, 400), issued=tomorrow)
    office.look("2026-11-22T17:15")
    (alarm,) = office.active()
    assert (alarm.severity, alarm.detail["level"]) == ("critical", "red")
    assert alarm.began == ISSUED.replace(tzinfo=UTC)
    office.forecast(days(30, 30, 30), issued=tomorrow + timedelta(days=1))
    assert office.look("2026-11-23T17:15")["warned"] == []
    assert office.active() == []


def test_becomes_an_incident(office: Office) -> None:
    """Of the region, told to who subscribed; recovered when it is cleared."""
    li = office.stage.person("Li")
    office.stage.subscribe(li, "incidents", severity="warning")
    registry = office.stage.registry
    plan = PlanRecord(title="橙色响应", region="330000", level="II")
    code = registry.plans.put(plan, "t").code
    registry.plans.put(msgspec.structs.replace(plan, title="红色响应", level="I"), "t")
    office.forecast(days(30, 280, 290))
    office.look()
    later = office.stage.now + timedelta(minutes=2)
    deeds.tick(registry, office.terms(later))
    (incident,) = registry.incidents.list()
    assert (incident.place, incident.kind, incident.state) == (
        *("region:330100", "heavy_pollution"),
        "open",
    )
    (message,) = office.stage.told("incident:")
    assert "重污染" in message.subject
    assert "橙色预警条件：11-22 " in message.text
    assert f"预案：{code} 橙色响应\n" in message.text
    logged = [one.text for one in registry.incidents.entries(incident.id) if one.event == "plan"]
    assert logged == [f"{code} 橙色响应"]
    assert (
        "AQI 最高 340，首要污染物PM2.5（条件 AQI > 200 持续48小时，预报技巧 0.30）" in message.text
    )


def test_an_episode_that_goes_on(office: Office) -> None:
    """Measured days count with those to come: a level does not fall while it lasts."""
    office.measured.hours, office.measured.dirty = 48, 200.0
    office.forecast(np.concatenate([np.full(7 + 24, 200.0), np.full(48, 30.0)]))
    office.look()
    (alarm,) = office.active()
    assert alarm.detail["level"] == "orange"


def test_days_of_the_calendar(office: Office) -> None:
    """By the settings: noon to noon is no day then."""
    hours = np.full(HORIZON, 30.0)
    hours[7 + 12 : 7 + 36] = 250.0
    office.forecast(hours)
    office.make(warning_levels={"yellow": ["200 for 24 h"]}, warning_days="calendar")
    rule = office_rule(table="own")
    office.stage.registry.rules.put(rule, "t")
    office.look()
    assert office.active() == []
    office.make(warning_levels={"yellow": ["200 for 24 h"]})
    office.look()
    assert [one.detail["level"] for one in office.active()] == ["yellow"]


def office_rule(**params: Any) -> Any:
    """The rule with other params, or off."""
    (own,) = [one for one in all_records([]) if one.key == "heavy-pollution"]
    return msgspec.structs.replace(own, params=own.params | params)


@pytest.mark.parametrize(
    ("skill", "least", "why"),
    [(0.3, 0.3, NO_SKILL), (0.0, 0.0, NO_SKILL), (None, -1.0, NO_SKILL), (0.31, 0.3, "")],
)
def test_skill(office: Office, skill: float | None, least: float, why: str) -> None:
    """A forecast that is no better than asked for warns of nothing, and the status says why."""
    office.forecast(days(30, 280, 290), skill=skill)
    office.make(warning_least_skill=least)
    status = office.look()
    assert bool(office.active()) is (why == "")
    assert (why in status["why"]) is (why != "")


def test_why_nothing_can_be_said(office: Office) -> None:
    """No forecast, one that is too old or too short, no region, a rule that is off."""
    assert office.look()["why"] == {NO_FORECAST: 2, NO_REGION: 1}
    office.forecast(days(280, 290, 300)[:20])
    assert office.look()["why"][TOO_SHORT] == 1
    office.forecast(days(280, 290, 300), issued=ISSUED - timedelta(hours=40), region="330200")
    assert office.look()["why"] == {TOO_SHORT: 1, NO_FORECAST: 1, NO_REGION: 1}
    office.make(warning_places=[])
    assert office.look()["why"] == {NO_REGION: 1}
    office.stage.registry.rules.put(msgspec.structs.replace(office_rule(), on=False), "t")
    assert office.look()["why"] == {NO_RULE: 1}
    assert office.active() == []


def test_gaps_in_a_forecast_of_days(office: Office) -> None:
    """A day with too few hours breaks the row of days."""
    hours = days(280, 280, 280)
    hours[7 + 24 : 7 + 30] = np.nan
    office.forecast(hours)
    office.make(warning_days="calendar")
    office.look()
    (alarm,) = office.active()
    assert alarm.detail["level"] == "yellow"


def test_no_new_forecast(office: Office) -> None:
    """A warning stays until the time that it is for is over, then it ends by itself."""
    office.forecast(days(30, 280, 290))
    office.look()
    office.look("2026-11-24T12:00")
    assert len(office.active()) == 1
    office.stage.now = beijing("2026-11-25T00:30")
    office.warner.look()
    assert office.active() == []


def test_issues_of_different_hours(office: Office) -> None:
    """Each region by its own newest forecast; measured hours lead up to it."""
    office.forecast(days(30, 280, 290))
    office.forecast(days(30, 30, 30), region="330200", issued=ISSUED - timedelta(hours=5))
    since = ISSUED.replace(tzinfo=UTC) - timedelta(hours=36)
    found = list(courses(office.store, office.measured, ["330100", "330200"], since))
    assert [(one.regions, one.issued.hour) for one in found] == [(["330200"], 4), (["330100"], 9)]
    course = found[1].course
    pm25 = course.values["PM2.5"][0]
    assert len(pm25) == 96 + HORIZON
    assert (pm25[95], pm25[96], pm25[96 + 31]) == (30.0, 30.0, 280.0)
    assert np.isnan(course.skills["PM2.5"][0, :96]).all()
