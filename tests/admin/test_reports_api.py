"""The API's routes for reports, exports and maps over a fake room."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Blueprint, Flask, g
from flask.testing import FlaskClient

from admin.api_answers import Said, problem_answer
from admin.commands import Declined
from admin.jobs import TooMany
from admin.reports_api import routes
from admin.source import Row

ID = "0" * 32


class FakeJobs:
    """One job, done."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[Any] = []
        self.path = folder / "result.pdf"
        self.path.write_bytes(b"%PDF")
        self.row: Row = {"id": ID, "kind": "report", "state": "done", "title": "杭州月报"}
        self.problem: Exception | None = None

    def submit(self, kind: str, said: dict[str, Any], who: str) -> Row:
        """The job."""
        self.asked.append((kind, said, who))
        if self.problem:
            raise self.problem
        return self.row

    def find(self, kind: str) -> list[Row]:
        """It, where it is a report."""
        return [self.row] if kind == "report" else []

    def get(self, kind: str, name: str) -> Row | None:
        """By kind and id."""
        return self.row if (kind, name) == ("report", ID) else None

    def file(self, kind: str, name: str) -> tuple[Row, Path] | None:
        """Once it is done."""
        row = self.get(kind, name)
        return (row, self.path) if row and row["state"] == "done" else None

    def remove(self, kind: str, name: str) -> Row | None:
        """Say which."""
        self.asked.append(("remove", kind, name))
        return self.get(kind, name)

    def templates(self) -> list[Row]:
        """One."""
        return [{"name": "air-day"}]


@pytest.fixture
def jobs(tmp_path: Path) -> FakeJobs:
    """A room with one report."""
    return FakeJobs(tmp_path)


@pytest.fixture
def client(jobs: FakeJobs) -> FlaskClient:
    """The routes, with the errors of the API."""
    app = Flask("api")
    pages = Blueprint("api", __name__, url_prefix="/api")
    pages.before_request(lambda: setattr(g, "who", "me"))
    pages.errorhandler(Said)(lambda said: problem_answer(said.code, str(said), said.field))
    pages.errorhandler(Declined)(lambda said: problem_answer(400, str(said), said.field))
    routes(jobs)(pages)
    app.register_blueprint(pages)
    return app.test_client()


def test_a_report(client: FlaskClient, jobs: FakeJobs) -> None:
    """Accepted with its address; seen, listed, fetched under its title, removed."""
    answer = client.post("/api/reports", json={"kind": "month"})
    assert (answer.status_code, answer.json) == (202, jobs.row)
    assert answer.headers["Location"] == f"/api/reports/{ID}"
    assert jobs.asked == [("report", {"kind": "month"}, "me")]
    assert client.get(f"/api/reports/{ID}").json == jobs.row
    assert client.get("/api/reports").json == {"reports": [jobs.row]}
    file = client.get(f"/api/reports/{ID}/file")
    assert file.data == b"%PDF"
    name = file.headers["Content-Disposition"].rpartition("''")[2]
    assert unquote(name) == "杭州月报.pdf"
    file.close()
    assert client.delete(f"/api/reports/{ID}").json == jobs.row


def test_the_other_kinds(client: FlaskClient, jobs: FakeJobs) -> None:
    """Exports and maps have the same routes; an id of one kind is none of another."""
    assert client.post("/api/exports", json={"what": "means"}).status_code == 202
    assert client.post("/api/maps", json={}).status_code == 202
    assert [kind for kind, *_ in jobs.asked] == ["export", "map"]
    assert client.get(f"/api/exports/{ID}").status_code == 404
    assert client.get("/api/reports/templates").json == {"templates": [{"name": "air-day"}]}


def test_what_is_not_there_yet(client: FlaskClient, jobs: FakeJobs) -> None:
    """No file before the end, none of a job that is not known."""
    jobs.row["state"] = "running"
    answer = client.get(f"/api/reports/{ID}/file")
    assert (answer.status_code, answer.json["error"]) == (409, "this report has no file: it is "
                                                          "running")  # fmt: skip
    assert client.get("/api/reports/x/file").status_code == 404
    assert client.delete("/api/reports/x").status_code == 404


def test_refused(client: FlaskClient, jobs: FakeJobs) -> None:
    """A wrong field is named; a full room says when to come again."""
    jobs.problem = Declined("kind: it is needed", "kind")
    answer = client.post("/api/reports", json={})
    assert (answer.status_code, answer.json["field"]) == (400, "kind")
    jobs.problem = TooMany("20 jobs wait already")
    answer = client.post("/api/reports", json={})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert client.post("/api/reports", data="x").status_code == 415
