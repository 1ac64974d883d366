"""Routes of the API about emergency plans: /api/plans.

Tests: tests/admin/test_plans_api.py.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from admin.alert_answers import asking, fields
from admin.decisions import Decisions


def routes(desk: Decisions) -> Callable[[Blueprint], None]:
    """What adds the routes to the API's blueprint. Bodies are the fields of the command line's
    options."""
    ask = asking(desk)

    def add(pages: Blueprint) -> None:
        @pages.get("/plans")
        def plans() -> Response:
            return ask("plans", dict(request.args))

        @pages.post("/plans")
        def add_plan() -> Response:
            return ask("plan_put", {"fields": fields()}, 201)

        @pages.get("/plans/<code>")
        def plan(code: str) -> Response:
            return ask("plan_get", {"code": code})

        @pages.put("/plans/<code>")
        def change_plan(code: str) -> Response:
            return ask("plan_put", {"code": code, "fields": fields()})

        @pages.post("/plans/<code>/review")
        def review(code: str) -> Response:
            return ask("plan_review", {"code": code})

        @pages.post("/plans/<code>/withdraw")
        def withdraw(code: str) -> Response:
            return ask("plan_withdraw", {"code": code})

    return add
