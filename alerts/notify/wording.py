"""From what is told to its words, in Chinese or English: pure and quick, by templates.

Templates are templates/LANGUAGE/*.txt: a sentence a kind (kind_offline.txt), a head a step
(step_reminder.txt), and around them subject.txt, text.txt and short.txt. A folder of the
operator's can take the place of any of them; a template of his that fails, or does not come to an
end soon, is passed over for ours: what waits for its words is a transaction of the registry.
Text from outside is made plain before a template sees it.
Tests: tests/alerts/notify/test_wording.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alerts.incidents.terms import Telling
from alerts.notify.message import Message
from alerts.notify.plain import lines, plain
from alerts.notify.telling_facts import FactorName, facts_of

OWN = Path(__file__).with_name("templates")
LANGUAGES = ("zh", "en")
LONGEST_SUBJECT = 120
MOST_TEXT = 100_000
MOST_ROUNDS = 100  # of one loop over numbers
LONGEST_SHORT = 300


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
        except Exception as fault:  # a template is a program of its own
            if self._chosen is self._own:
                raise
            self.faults += 1
            self.fault = f"a template of the operator's fails: {type(fault).__name__}: {fault}"
            subject, text, short = write(self._own[language])
        return Message(subject=subject, text=text, facts={**facts, "short": short})


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
    pieces: list[str] = []
    length = 0
    for piece in environment.select_template(names).generate(facts):
        length += len(piece)
        if length > MOST_TEXT:
            raise ValueError(f"{name} makes more than {MOST_TEXT} characters")
        pieces.append(piece)
    return "".join(pieces)


def _environment(*folders: Path) -> jinja2.Environment:
    # Plain text: nothing is escaped here, a channel does that where it has a markup.
    made = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["range"] = _few  # three loops within each other are quick still
    return made


def _few(*bounds: int) -> range:
    found = range(*bounds)
    if len(found) > MOST_ROUNDS:
        raise ValueError(f"range: more than {MOST_ROUNDS} rounds")
    return found


def _code_only(_code: str, _language: str) -> str:
    return ""


@cache
def _default() -> Wording:
    return Wording()


def render(telling: Telling) -> Message:
    """With our own templates and codes for the names of factors."""
    return _default().render(telling)
