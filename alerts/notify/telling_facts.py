"""What templates are filled from: the facts of a step, as numbers and as people write them.

Names and reasons come from outside: they are made plain here, so that nothing breaks a line.
Tests: tests/alerts/notify/test_wording.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from alerts.incidents.terms import Places, Telling
from alerts.notify import figures
from alerts.notify.plain import plain
from alerts.warnings.words import warning_facts
from store.registry.alert_records import SEVERITIES, AlarmRecord, IncidentRecord

NAMED = 8  # stations of a group that a message names
_SHARES = ("completeness", "bad_frames", "disk")  # values of these kinds are shares of one
_SPANS = ("clock", "forward", "store_lag")  # of these they are seconds
_DAYS = {"zh": "天", "en": "d"}

FactorName = Callable[[str, str], str]  # (code, language) -> name, "" for none


def facts_of(
    telling: Telling, language: str, factor_name: FactorName, link: str = ""
) -> dict[str, Any]:
    """``shown_...``: as people write it, "" for what is not known. A webhook gets all of it."""
    incident, places = telling.incident, telling.places
    group = not incident.place.startswith("mn:") and incident.count > 1
    detail = {} if group else _detail(telling)
    index = getattr(getattr(telling.rule, "params", None), "by", "") == "aqi"
    value, limit = _shown(incident, language)
    over = incident.recovered_at if telling.kind == "recovered" else None
    lasted = (over or telling.now) - incident.began
    return {
        "step": telling.kind,
        "number": telling.number,
        "no": plain(incident.no),
        "rule": plain(incident.rule),
        "kind": incident.kind,
        "severity": incident.severity,
        "state": incident.state,
        "place": plain(incident.place),
        "shown_place": _place_name(incident, places),
        "mn": plain(incident.mn),
        "region": plain(incident.region),
        "region_name": plain(places.region_name(incident.region)) if incident.region else "",
        "factor": plain(incident.factor),
        "shown_factor": _factor(incident.factor, language, factor_name, index=index),
        "period": plain(str(detail.get("period", ""))),
        "value": incident.value,
        "limit": incident.limit,
        "unit": plain(incident.unit, 20),
        "shown_value": value,
        "shown_limit": limit,
        "side": _side(incident, telling.kind),
        "group": group,
        "count": incident.count,
        "active": incident.active,
        "stations": _stations(telling) if group else [],
        "began": incident.began.isoformat(),
        "shown_began": figures.moment(incident.began),
        "recovered": over.isoformat() if over else "",
        "shown_recovered": figures.moment(over) if over else "",
        "shown_lasted": figures.span(lasted.total_seconds(), language),
        "shown_last_seen": _moment(detail.get("last_seen")),
        "connection": plain(str(detail.get("link", ""))),
        "clock": plain(str(detail.get("clock", ""))),
        "warning": _warning(telling, language),
        "plans": _plans(telling),
        "flaps": incident.flaps,
        "level": incident.level,
        "acknowledged_by": plain(incident.acknowledged_by),
        "case_no": plain(incident.case_no),
        "why": plain(telling.why),
        "link": link.replace("{no}", plain(incident.no)) if incident.no else "",
    }


def _detail(telling: Telling) -> Mapping[str, Any]:
    """The evidence of the alarm that it is about."""
    own: AlarmRecord | None = next(
        (one for one in telling.alarms if one.factor == telling.incident.factor), None
    )
    return {} if own is None else own.detail


def _factor(code: str, language: str, factor_name: FactorName, *, index: bool) -> str:
    if index and not code:
        return "AQI"
    return plain(factor_name(code, language)) or plain(code) if code else ""


def _shown(incident: IncidentRecord, language: str) -> tuple[str, str]:
    """Value and limit with their unit."""
    value, limit, unit = incident.value, incident.limit, figures.unit(plain(incident.unit, 20))
    if incident.kind in _SPANS and unit == "s":
        return _span(value, language), _span(limit, language)
    if incident.kind == "drift" and value is not None:  # how many times what it was
        return f"{100 * (value - 1):+.0f}%", ""
    if incident.kind in _SHARES and unit == "":
        value = None if value is None else 100 * value
        limit = None if limit is None else 100 * limit
        unit = "%"
    if value is not None and limit is not None:
        texts = figures.told_apart(value, limit)
    else:
        texts = (_number(value), _number(limit))
    unit = _DAYS[language] if unit == "d" else unit
    behind = unit if unit in ("", "%") else f" {unit}"
    shown = [f"{text}{behind}" if text else "" for text in texts]
    return shown[0], shown[1]


def _number(value: float | None) -> str:
    return "" if value is None else figures.number(value)


def _span(seconds: float | None, language: str) -> str:
    return "" if seconds is None else figures.span(abs(seconds), language)


def _side(incident: IncidentRecord, step: str) -> str:
    """ "below" its limit, else "above"; of what is over the last value says nothing of that."""
    value, limit = incident.value, incident.limit
    known = value is not None and limit is not None and step != "recovered"
    return "below" if known and value < limit else "above"  # type: ignore[operator]


def _place_name(incident: IncidentRecord, places: Places) -> str:
    what, _, which = incident.place.partition(":")
    if what == "mn":
        return plain(places.name(which)) or plain(which)
    if what == "region":
        return plain(places.region_name(which)) or plain(which)
    return plain(which)


def _stations(telling: Telling) -> list[str]:
    """Names of the first stations of a group."""
    mns = dict.fromkeys(alarm.mn for alarm in telling.alarms if alarm.mn)
    return [plain(telling.places.name(mn)) or plain(mn) for mn in list(mns)[:NAMED]]


def _moment(text: Any) -> str:
    try:
        return figures.moment(datetime.fromisoformat(text))
    except (TypeError, ValueError):
        return ""


def _plans(telling: Telling) -> list[dict[str, str]]:
    """Emergency plans that fit; not every telling has any."""
    return [
        {"code": plain(plan.code), "level": plan.level, "title": plain(plan.title)}
        for plan in getattr(telling, "plans", ())
    ]


def _warning(telling: Telling, language: str) -> dict[str, Any]:
    """What the gravest of its warnings by the forecast says; {} of other kinds."""
    if telling.incident.kind != "heavy_pollution" or not telling.alarms:
        return {}
    gravest = max(telling.alarms, key=lambda alarm: SEVERITIES.index(alarm.severity))
    return {
        name: plain(value, 200) if isinstance(value, str) else value
        for name, value in warning_facts(gravest.detail, language).items()
    }
