"""Words of what the clock tells, by templates in Chinese and English.

templates/LANGUAGE/NAME.txt: the first line is the subject, the last one the short form for an SMS,
between them stands the text. The folder of [notify] templates may hold others of the same name.
Tests: tests/alerts/schedules/test_schedules_wording.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alerts.notify import figures
from alerts.notify.message import Message
from alerts.notify.plain import lines, plain
from alerts.notify.telling_facts import FactorName

OWN = Path(__file__).with_name("templates")
LANGUAGES = ("zh", "en")
LONGEST_SUBJECT = 120
LONGEST_SHORT = 300


class Words:
    """The templates. ``folder``: with zh/ and en/ of the operator's, "" for none. ``factor_name``:
    what a code is called in a language, "" for an unknown one. ``fault``: how the last one of his
    failed; ours is taken then."""

    def __init__(self, folder: str = "", factor_name: FactorName | None = None) -> None:
        self.fault = ""
        self._own = {one: _environment(one, factor_name, OWN) for one in LANGUAGES}
        self._chosen = self._own
        if folder:
            his = Path(folder)
            self._chosen = {one: _environment(one, factor_name, his, OWN) for one in LANGUAGES}

    def message(self, name: str, language: str, facts: Mapping[str, Any]) -> Message:
        """A message of a template: "ranking", "missing", "summary", "review"."""
        language = language if language in LANGUAGES else LANGUAGES[0]
        try:
            return _written(self._chosen[language], name, facts)
        except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as bad:
            if self._chosen is self._own:
                raise
            self.fault = f"the operator's template {name} fails: {type(bad).__name__}: {bad}"
            return _written(self._own[language], name, facts)


def _written(environment: jinja2.Environment, name: str, facts: Mapping[str, Any]) -> Message:
    filled = environment.get_template(f"{name}.txt").render(facts).strip().splitlines()
    if len(filled) < 3:
        raise ValueError("it has fewer than three lines")
    subject, short = plain(filled[0], LONGEST_SUBJECT), plain(filled[-1], LONGEST_SHORT)
    text = lines("\n".join(filled[1:-1])).strip()
    if not (subject and text and short):
        raise ValueError("it leaves the message empty")
    return Message(subject=subject, text=text, facts={**facts, "short": short})


def _environment(
    language: str, factor_name: FactorName | None, *folders: Path
) -> jinja2.Environment:
    made = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader([str(folder / language) for folder in folders]),
        autoescape=False,  # plain text: a channel escapes for its own markup
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["signed"] = _signed
    made.filters["plain"] = plain
    made.filters["figure"] = figures.number
    made.filters["unit"] = figures.unit

    def factor(code: str) -> str:
        return (factor_name(code, language) if factor_name else "") or code

    made.filters["factor"] = factor
    return made


def _signed(value: float, decimals: int = 2) -> str:
    """+0.12, -0.30, 0.00: never -0.00."""
    text = f"{value:+.{decimals}f}"
    return f"{0:.{decimals}f}" if float(text) == 0 else text
