"""The job room as the API sees it: :class:`admin.jobs.Jobs` in the page threads.

Tests: tests/hub/jobs/test_jobs_api.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from twisted.internet.defer import succeed

from admin.commands import Declined
from admin.jobs import TooMany
from admin.reports.template import BadTemplate, load, names
from admin.source import Row
from hj212d.hub.jobs.job import Job
from hj212d.hub.jobs.room import Full, JobRoom
from hj212d.hub.jobs.wishes import ExportWish, ReportWish
from hj212d.hub.loop_call import ask_loop
from hj212d.hub.maps.wish import MapWish

MOST_LISTED = 200
_FIELD = re.compile(r" - at `\$\.?([a-z_]*)[^`]*`$")


T = TypeVar("T")

# Kind of job -> its wish: a struct with `format`, the suffix of the file, and `argv()`.
WISHES: dict[str, type[Any]] = {"report": ReportWish, "export": ExportWish, "map": MapWish}


class ApiWindow:
    """What the API may do with jobs."""

    def __init__(self, reactor: Any, room: JobRoom, wishes: dict[str, type[Any]]) -> None:
        self._reactor = reactor
        self._room = room
        self._wishes = wishes

    def submit(self, kind: str, said: dict[str, Any], who: str) -> Row:
        """A new job."""
        wish = self._wish(kind, said)
        if isinstance(wish, ReportWish):
            self._check(wish)

        def begin() -> Row:
            job = self._room.submit(kind, wish.argv(), wish.format, said, who)
            return job.row(self._room.ahead(job))

        try:
            return self._on_loop(begin)
        except Full as full:
            raise TooMany(str(full)) from full

    def find(self, kind: str) -> list[Row]:
        """Jobs of a kind, newest first."""

        def rows() -> list[Row]:
            some = [job for job in self._room.jobs.values() if job.kind == kind]
            return [job.row(self._room.ahead(job)) for job in some[: -MOST_LISTED - 1 : -1]]

        return self._on_loop(rows)

    def get(self, kind: str, name: str) -> Row | None:
        """A job by its id."""
        return self._with(kind, name, lambda job: job.row(self._room.ahead(job)))

    def file(self, kind: str, name: str) -> tuple[Row, Path] | None:
        """A job that is done, and its file."""

        def found(job: Job) -> tuple[Row, Path] | None:
            path = self._room.result(job)
            return None if path is None else (job.row(), path)

        return self._with(kind, name, found)

    def remove(self, kind: str, name: str) -> Row | None:
        """Give a job up, or forget what came of it."""

        def gone(job: Job) -> Row:
            self._room.remove(job)
            return job.row()

        return self._with(kind, name, gone)

    def templates(self) -> list[Row]:
        """Templates of reports; one that cannot be used says why."""
        folder = self._room.settings.templates
        rows = []
        try:
            known = names(folder)
        except BadTemplate as problem:
            raise Declined(str(problem)) from problem
        for name, home in known.items():
            row: Row = {"name": name, "origin": "own" if home else "shipped"}
            try:
                template = load(name, folder).template
                row |= {"kinds": list(template.kinds), "about": template.about}
            except BadTemplate as problem:
                row |= {"kinds": [], "error": str(problem)}
            rows.append(row)
        return rows

    def _wish(self, kind: str, said: dict[str, Any]) -> Any:
        if kind not in self._wishes:
            raise Declined(f"no {kind} can be made here")
        try:
            return msgspec.convert(said, self._wishes[kind])
        except msgspec.ValidationError as fault:
            place = _FIELD.search(str(fault))
            field = place[1] if place else ""
            sentence = _FIELD.sub("", str(fault))
            words = f"{field}: {sentence}" if field else sentence
            raise Declined(words, field or "body") from fault

    def _check(self, wish: ReportWish) -> None:
        """What the asker should hear at once, not from a job that failed."""
        if wish.template is None:
            return
        try:
            kinds = load(wish.template, self._room.settings.templates).template.kinds
        except BadTemplate as problem:
            raise Declined(str(problem), "template") from problem
        if wish.kind not in kinds:
            raise Declined(f"template {wish.template} is for {', '.join(kinds)}", "template")

    def _with(self, kind: str, name: str, do: Callable[[Job], T | None]) -> T | None:
        def found() -> T | None:
            job = self._room.jobs.get(name)
            return None if job is None or job.kind != kind else do(job)

        return self._on_loop(found)

    def _on_loop(self, do: Callable[[], T]) -> T:
        return ask_loop(self._reactor, lambda: succeed(do()))
