"""From what is told to its words, in Chinese or English: pure and quick, by templates.

Templates are templates/LANGUAGE/*.txt: a sentence a kind (kind_offline.txt), a head a step
(step_reminder.txt), and around them subject.txt, text.txt and short.txt. A folder of the
operator's can take the place of any of them; a template of his that fails is passed over for ours.
Text from outside is made plain before a template sees it.
Tests: tests/alerts/notify/test_wording.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alerts.notify import figures
from alerts.notify.message import Message
from alerts.notify.plain import lines, plain
from alerts.warnings.words import warning_facts
from store.registry.alert_records import SEVERITIES, AlarmRecord, IncidentRecord

OWN = Path(__file__).with_name("templates")
LANGUAGES = ("zh", "en")
NAMED = 8  # stations of a group that a message names
LONGEST_SUBJECT = 120
LONGEST_SHORT = 300
_SHARES = ("completeness", "bad_frames", "disk")  # values of these kinds are shares of one

FactorName = Callable[[str, str], str]


class Whereabouts(Protocol):
    """What is asked about places."""

    def name(self, mn: str) -> str:
        """Name of a station, "" for none."""

    def region_name(self, code: str) -> str:
        """Name of a region, "" for none."""


class Telling(Protocol):
    """What is told: a step of an incident, in the language of who is told."""

    @property
    def step(self) -> str:
        """ "opened", "worse:2", "grown:1", "reminder:3", "escalated:1", "flapping", "recovered",
        "reopened:1"."""

    @property
    def incident(self) -> IncidentRecord:
        """As it is after the step."""

    @property
    def alarms(self) -> Sequence[AlarmRecord]:
        """Some of its alarms."""

    @property
    def language(self) -> str:
        """ "zh" or "en"."""

    @property
    def places(self) -> Whereabouts:
        """Names of places."""


class Wording:
    """The templates, read once. ``folder``: with zh/ and en/ of the operator's. ``factor_name``:
    (code, language) -> name, "" for none. ``link``: with {no}. ``faults``: how often a template of
    the operator's failed, ``fault``: how the last one did."""

    def __init__(
        self, folder: str = "", *, factor_name: FactorName | None = None, link: str = ""
    ) -> None:
        self.faults = 0
        self.fault = ""
        self._factor_name = factor_name or _code_only
        self._link = link
        self._own = {language: _environment(OWN / language) for language in LANGUAGES}
        self._chosen = self._own
        if folder:
            self._chosen = {
                language: _environment(Path(folder) / language, OWN / language)
                for language in LANGUAGES
            }

    def render(self, telling: Telling) -> Message:
        """Subject, text and facts of a step."""
        language = telling.language if telling.language in LANGUAGES else LANGUAGES[0]
        facts = facts_of(telling, language, self._factor_name, self._link)
        return self._message(language, facts)

    def digest(self, language: str, subjects: Sequence[str], more: int) -> Message:
        """One message in the place of many: their subjects, and how many ``more`` there are."""
        language = language if language in LANGUAGES else LANGUAGES[0]
        facts = {"subjects": [*subjects], "more": more, "count": len(subjects) + more}
        return self._filled(
            language, lambda environment: _digest(environment, facts), {"count": facts["count"]}
        )

    def _message(self, language: str, facts: Mapping[str, Any]) -> Message:
        return self._filled(language, lambda environment: _written(environment, facts), facts)

    def _filled(
        self,
        language: str,
        write: Callable[[jinja2.Environment], tuple[str, str, str]],
        facts: Mapping[str, Any],
    ) -> Message:
        try:
            subject, text, short = write(self._chosen[language])
        except (
            jinja2.TemplateError,
            TypeError,
            ValueError,
            ArithmeticError,
            LookupError,
        ) as fault:
            if self._chosen is self._own:
                raise
            self.faults += 1
            self.fault = f"a template of the operator's fails: {type(fault).__name__}: {fault}"
            subject, text, short = write(self._own[language])
        return Message(subject=subject, text=text, facts={**facts, "short": short})


def facts_of(
    telling: Telling, language: str, factor_name: FactorName, link: str = ""
) -> dict[str, Any]:
    """What templates are filled from, and a webhook gets: numbers as numbers, and as people write
    them under "shown_..."; nothing that could break a line."""
    incident, places = telling.incident, telling.places
    step, _, number = telling.step.partition(":")
    group = not incident.place.startswith("mn:") and incident.count > 1
    factor = plain(factor_name(incident.factor, language) if incident.factor else "")
    value, limit = _shown(incident)
    began = incident.began
    over = incident.recovered_at
    return {
        "step": step,
        "number": int(number) if number.isdecimal() else 0,
        "no": plain(incident.no),
        "rule": plain(incident.rule),
        "kind": incident.kind,
        "severity": incident.severity,
        "state": incident.state,
        "place": incident.place,
        "shown_place": _place_name(incident, places),
        "mn": plain(incident.mn),
        "region": plain(incident.region),
        "region_name": plain(places.region_name(incident.region)) if incident.region else "",
        "factor": plain(incident.factor),
        "shown_factor": factor or plain(incident.factor),
        "value": incident.value,
        "limit": incident.limit,
        "unit": plain(incident.unit, 20),
        "shown_value": value,
        "shown_limit": limit,
        "group": group,
        "count": incident.count,
        "active": incident.active,
        "stations": _stations(telling) if group else [],
        "began": began.isoformat(),
        "shown_began": figures.moment(began),
        "recovered": over.isoformat() if over else "",
        "shown_recovered": figures.moment(over) if over else "",
        "lasted": figures.span((over - began).total_seconds(), language) if over else "",
        "flaps": incident.flaps,
        "level": incident.level,
        "acknowledged_by": plain(incident.acknowledged_by),
        "case_no": plain(incident.case_no),
        "warning": _warning(telling, language),
        "link": link.replace("{no}", plain(incident.no)) if link and incident.no else "",
    }


def _shown(incident: IncidentRecord) -> tuple[str, str]:
    """Value and limit with their unit; "" for what is not known."""
    value, limit, unit = incident.value, incident.limit, figures.unit(plain(incident.unit, 20))
    if incident.kind in _SHARES and unit in ("", "%"):
        scale = 100.0 if unit == "" else 1.0
        value = None if value is None else value * scale
        limit = None if limit is None else limit * scale
        unit = "%"
    if value is not None and limit is not None:
        texts = figures.told_apart(value, limit)
    else:
        texts = (
            "" if value is None else figures.number(value),
            "" if limit is None else figures.number(limit),
        )
    behind = unit if unit in ("", "%") else f" {unit}"
    shown = [f"{text}{behind}" if text else "" for text in texts]
    return shown[0], shown[1]


def _place_name(incident: IncidentRecord, places: Whereabouts) -> str:
    what, _, which = incident.place.partition(":")
    if what == "mn":
        return plain(places.name(which)) or plain(which)
    if what == "region":
        return plain(places.region_name(which)) or plain(which)
    return plain(which) if which else ""


def _warning(telling: Telling, language: str) -> dict[str, Any]:
    """What the gravest of its warnings by the forecast says; {} of other kinds."""
    if telling.incident.kind != "heavy_pollution" or not telling.alarms:
        return {}
    gravest = max(telling.alarms, key=lambda alarm: SEVERITIES.index(alarm.severity))
    return warning_facts(gravest.detail, language)


def _stations(telling: Telling) -> list[str]:
    """Names of the first stations of a group."""
    mns = dict.fromkeys(alarm.mn for alarm in telling.alarms if alarm.mn)
    return [plain(telling.places.name(mn)) or plain(mn) for mn in list(mns)[:NAMED]]


def _written(environment: jinja2.Environment, facts: Mapping[str, Any]) -> tuple[str, str, str]:
    """Subject, text, and all in one line."""
    what = plain(_fill(environment, f"kind_{facts['kind']}", facts, "kind_other"), 200)
    head = plain(_fill(environment, f"step_{facts['step']}", facts, "step_other"), 200)
    words = {**facts, "what": what, "head": head}
    subject = plain(_fill(environment, "subject", words), LONGEST_SUBJECT)
    text = _fill(environment, "text", words)
    short = plain(_fill(environment, "short", words), LONGEST_SHORT)
    return _whole(subject, text, short)


def _digest(environment: jinja2.Environment, facts: Mapping[str, Any]) -> tuple[str, str, str]:
    subject = plain(_fill(environment, "digest_subject", facts), LONGEST_SUBJECT)
    return _whole(subject, _fill(environment, "digest", facts), subject)


def _whole(subject: str, text: str, short: str) -> tuple[str, str, str]:
    text = lines(text).strip()
    if not subject or not text or not short:
        raise ValueError("it leaves the message empty")
    return subject, text, short


def _fill(
    environment: jinja2.Environment, name: str, facts: Mapping[str, Any], instead: str = ""
) -> str:
    names = [f"{name}.txt", f"{instead}.txt"] if instead else [f"{name}.txt"]
    return environment.select_template(names).render(facts)


def _environment(*folders: Path) -> jinja2.Environment:
    # Plain text: nothing is escaped here, a channel does that where it has a markup.
    return ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _code_only(_code: str, _language: str) -> str:
    return ""


@cache
def _default() -> Wording:
    return Wording()


def render(telling: Telling) -> Message:
    """With our own templates and codes for the names of factors."""
    return _default().render(telling)
