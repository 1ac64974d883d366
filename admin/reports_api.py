"""Routes of the API for what is made as a file: reports, exports, maps.

POST gives an id, GET says how far it is, GET …/file is the file, DELETE gives it up or forgets it.
Tests: tests/admin/test_reports_api.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, g, send_file

from admin.api_answers import Said, body_as, json_answer, problem_answer
from admin.jobs import Jobs, TooMany
from admin.source import Row

KINDS = {"reports": "report", "exports": "export", "maps": "map"}
BODY_BYTES = 512 * 1024  # a list of some thousand MNs


def routes(jobs: Jobs) -> Callable[[Blueprint], None]:
    """What adds the routes to the API's blueprint."""

    def add(pages: Blueprint) -> None:
        @pages.errorhandler(TooMany)
        def too_many(problem: TooMany) -> Response:
            return problem_answer(503, str(problem), headers={"Retry-After": "60"})

        @pages.get("/reports/templates")
        def templates() -> Response:
            return json_answer({"templates": jobs.templates()})

        for name, kind in KINDS.items():
            _of_kind(pages, jobs, name, kind)

    return add


def _of_kind(pages: Blueprint, jobs: Jobs, name: str, kind: str) -> None:
    @pages.post(f"/{name}", endpoint=f"{name}_new")
    def submit() -> Response:
        row = jobs.submit(kind, body_as(dict, BODY_BYTES), g.who)
        return json_answer(row, 202, {"Location": f"/api/{name}/{row['id']}"})

    @pages.get(f"/{name}", endpoint=f"{name}_list")
    def listed() -> Response:
        return json_answer({name: jobs.find(kind)})

    @pages.get(f"/{name}/<job>", endpoint=f"{name}_one")
    def one(job: str) -> Response:
        return json_answer(_there(jobs.get(kind, job), kind))

    @pages.delete(f"/{name}/<job>", endpoint=f"{name}_remove")
    def remove(job: str) -> Response:
        return json_answer(_there(jobs.remove(kind, job), kind))

    @pages.get(f"/{name}/<job>/file", endpoint=f"{name}_file")
    def file(job: str) -> Response:
        found = jobs.file(kind, job)
        if found is None:
            row = _there(jobs.get(kind, job), kind)
            raise Said(409, f"this {kind} has no file: it is {row['state']}")
        return _download(*found)


def _download(row: Row, path: Path) -> Response:
    """As an attachment under its title; browsers get the Chinese by RFC 5987."""
    answer = send_file(path, as_attachment=True, download_name=f"{row['kind']}{path.suffix}")
    title = row["title"] or row["kind"]
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="{row["kind"]}{path.suffix}"; '
        f"filename*=UTF-8''{quote(title + path.suffix)}"
    )
    return answer


def _there(row: Row | None, kind: str) -> Row:
    if row is None:
        raise Said(404, f"there is no such {kind}")
    return row
