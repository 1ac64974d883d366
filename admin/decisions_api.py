"""Routes of the API about sites, reviews, exceptional events and limits.

Tests: tests/admin/test_decisions_api.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, request

from admin.api_answers import body_as, json_answer, problem_answer
from admin.decisions import Decisions, Missing


def routes(decisions: Decisions) -> Callable[[Blueprint], None]:
    """What adds the routes to the API's blueprint. Bodies are the fields of the command line's
    options; lists stand under "reviews", "limits"."""

    def ask(deed: str, code: int = 200, **said: Any) -> Response:
        return json_answer(decisions.ask(deed, said, g.who), code)

    def add(pages: Blueprint) -> None:
        @pages.errorhandler(Missing)
        def missing(problem: Missing) -> Response:
            return problem_answer(404, str(problem))

        _sites(pages, ask)
        _reviews(pages, ask)
        _events(pages, ask)
        _limits(pages, ask)

    return add


def _sites(pages: Blueprint, ask: Callable[..., Response]) -> None:
    @pages.get("/sites")
    def sites() -> Response:
        return ask("sites", **request.args)

    @pages.get("/sites/<mn>")
    def site(mn: str) -> Response:
        return ask("site_get", mn=mn)

    @pages.put("/sites/<mn>")
    def put_site(mn: str) -> Response:
        return ask("site_put", sites=[{**_fields(), "mn": mn}])

    @pages.delete("/sites/<mn>")
    def remove_site(mn: str) -> Response:
        return ask("site_remove", mns=[mn])


def _reviews(pages: Blueprint, ask: Callable[..., Response]) -> None:
    @pages.get("/reviews")
    def reviews() -> Response:
        return ask("reviews", **_times(dict(request.args)))

    @pages.post("/reviews")
    def add_reviews() -> Response:
        said = _fields()
        return ask("review_add", 201, reviews=said.get("reviews", [said]))

    @pages.post("/reviews/<int:number>/revoke")
    def revoke(number: int) -> Response:
        return ask("review_revoke", ids=[number])


def _events(pages: Blueprint, ask: Callable[..., Response]) -> None:
    @pages.get("/events")
    def events() -> Response:
        return ask("events", **_times(dict(request.args)))

    @pages.post("/events")
    def add_event() -> Response:
        return ask("event_add", 201, event=_fields())

    @pages.post("/events/<int:number>/approve")
    def approve(number: int) -> Response:
        return ask("event_decide", id=number, state="approved")

    @pages.post("/events/<int:number>/reject")
    def reject(number: int) -> Response:
        return ask("event_decide", id=number, state="rejected")


def _limits(pages: Blueprint, ask: Callable[..., Response]) -> None:
    @pages.get("/limits")
    def limits() -> Response:
        return ask("limits", **request.args)

    @pages.post("/limits")
    def add_limits() -> Response:
        said = _fields()
        return ask("limit_add", 201, limits=said.get("limits", [said]))

    @pages.delete("/limits/<int:number>")
    def remove_limit(number: int) -> Response:
        return ask("limit_remove", ids=[number])


def _fields() -> dict[str, Any]:
    return body_as(dict[str, Any])


def _times(asked: dict[str, Any]) -> dict[str, Any]:
    """ "from" and "to", as the command line has them."""
    names = {"from": "start", "to": "end"}
    return {names.get(name, name): value for name, value in asked.items()}
