"""Routes of the API about cases that came of alerts. Tests: tests/admin/test_alerts_api.py."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from admin.alert_answers import asking, fields, listed
from admin.decisions import Decisions


def routes(desk: Decisions) -> Callable[[Blueprint], None]:
    """What adds the routes to the API's blueprint."""
    ask = asking(desk)

    def add(pages: Blueprint) -> None:
        @pages.get("/cases")
        def cases() -> Response:
            return ask("cases", listed(dict(request.args), "state"))

        @pages.get("/cases/verify")
        def verify() -> Response:
            return ask("case_verify", dict(request.args))

        @pages.get("/cases/<no>")
        def case(no: str) -> Response:
            return ask("case_get", {"no": no})

        @pages.post("/incidents/<no>/case")
        def open_case(no: str) -> Response:
            return ask("case_open", {**fields(), "incident": no}, 201)

        @pages.post("/cases/<no>/void")
        def void(no: str) -> Response:
            return ask("case_void", {**fields(), "no": no})

    return add
