"""The JSON API under /api: commands to instruments, completeness. Tests: tests/admin/test_api.py.

Every call needs `Authorization: Bearer TOKEN`; the token's name is who asked. Bodies are JSON, and
what is wrong with one is said with the name of the field.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from flask import Blueprint, Response, g, request
from msgspec import Meta
from werkzeug.exceptions import HTTPException

from admin.api_answers import Said, body_as, converted, json_answer, problem_answer
from admin.commands import Commands, Declined
from admin.completeness import Completeness
from admin.source import NotAvailable

MOST_ROWS = 1000
MOST_GAPS = 100_000

State = Literal[
    "queued", "sent", "accepted", "done", "refused", "failed", "timeout", "expired", "cancelled"
]

T = TypeVar("T")


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """Body of POST /api/commands."""

    mn: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    args: dict[str, str | int | list[str | int]] = {}
    queue: bool = False
    expires_s: Annotated[float, Meta(gt=0, le=30 * 86400)] | None = None
    priority: Annotated[int, Meta(ge=0, le=9)] = 5


class _Listing(msgspec.Struct, forbid_unknown_fields=True):
    """Query of GET /api/commands."""

    mn: str | None = None
    state: list[State] | None = None
    before_id: int | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS)] = 100


class _Catalogue(msgspec.Struct, forbid_unknown_fields=True):
    """Query of GET /api/requests."""

    version: Literal["2005", "2017", "2025"] | None = None


class _Rates(msgspec.Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """Query of GET /api/completeness; times in ISO 8601, Beijing time where no zone is given."""

    start: str
    end: str
    period: Literal["realtime", "minute", "hour", "day"] = "hour"
    by: Literal["day", "month"] = "day"
    mn: str | None = None
    region: str = ""
    factor: str | None = None
    summed: bool = False


class _Gaps(msgspec.Struct, forbid_unknown_fields=True):
    """Query of GET /api/gaps; without a state those that are open or asked for."""

    mn: str | None = None
    state: Literal["", "open", "asked", "filled", "unavailable", "given_up", "all"] = ""
    period: Literal["minute", "hour", "day"] | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_GAPS)] = 1000


def api(
    commands: Commands,
    tokens: Callable[[], Sequence[str]],
    completeness: Completeness | None = None,
    more: Sequence[Callable[[Blueprint], object]] = (),
) -> Blueprint:
    """The blueprint. ``tokens``: those in force, each "name:token". ``more``: each adds the routes
    of its room; who asks is in ``flask.g.who``."""
    pages = Blueprint("api", __name__, url_prefix="/api")

    @pages.before_request
    def authorize() -> None:
        g.who = _who(tokens(), request.headers.get("Authorization", ""))

    @pages.post("/commands")
    def submit() -> Response:
        wish = body_as(Wish)
        args = {name: _texts(value) for name, value in wish.args.items()}
        row = commands.submit({**msgspec.to_builtins(wish), "args": args}, g.who)
        return json_answer({"command": row}, 201, {"Location": f"/api/commands/{row['id']}"})

    @pages.get("/commands")
    def listed() -> Response:
        asked: dict[str, Any] = dict(request.args)
        if "state" in asked:
            asked["state"] = [
                one for text in request.args.getlist("state") for one in text.split(",")
            ]
        listing = converted(asked, _Listing)
        rows = commands.find(listing.mn, listing.state, listing.before_id, listing.limit)
        return json_answer({"commands": rows})

    @pages.get("/commands/<int:number>")
    def one(number: int) -> Response:
        return json_answer(_there(commands.get(number), number))

    @pages.delete("/commands/<int:number>")
    def cancel(number: int) -> Response:
        return json_answer({"command": _there(commands.cancel(number, g.who), number)})

    @pages.get("/requests")
    def requests() -> Response:
        asked = converted(dict(request.args), _Catalogue)
        return json_answer({"requests": commands.requests(asked.version)})

    if completeness is not None:

        @pages.get("/completeness")
        def rates() -> Response:
            asked = converted(dict(request.args), _Rates)
            return json_answer({"rates": completeness.rates(msgspec.structs.asdict(asked))})

        @pages.get("/gaps")
        def gaps() -> Response:
            asked = converted(dict(request.args), _Gaps)
            return json_answer({"gaps": completeness.gaps(msgspec.structs.asdict(asked))})

    for add_routes in more:
        add_routes(pages)

    @pages.route("/", defaults={"path": ""}, methods=["GET", "POST", "PUT", "DELETE"])
    @pages.route("/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
    def nothing(path: str) -> Response:
        raise Said(404, f"there is no /api/{path}")

    @pages.errorhandler(Said)
    def said(problem: Said) -> Response:
        headers = {"WWW-Authenticate": "Bearer"} if problem.code == 401 else {}
        return problem_answer(problem.code, str(problem), problem.field, headers)

    @pages.errorhandler(Declined)
    def declined(problem: Declined) -> Response:
        return problem_answer(400 if problem.field else 409, str(problem), problem.field)

    @pages.errorhandler(NotAvailable)
    def not_available(problem: NotAvailable) -> Response:
        return problem_answer(503, str(problem), headers={"Retry-After": "5"})

    @pages.errorhandler(HTTPException)
    def refused(problem: HTTPException) -> Response:
        return problem_answer(problem.code or 500, problem.description or problem.name)

    return pages


def _who(tokens: Sequence[str], header: str) -> str:
    """The name of the token; every one is compared, in constant time."""
    if not tokens:
        raise Said(403, "the API is off: [hub] api_tokens names no token")
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise Said(401, "Authorization: Bearer TOKEN is needed")
    who = ""
    for entry in tokens:
        name, _, token = entry.partition(":")
        if hmac.compare_digest(token.encode(), given.strip().encode("utf-8", "surrogateescape")):
            who = name
    if not who:
        raise Said(401, "this token is not known")
    return who


def _texts(value: str | int | list[str | int]) -> str | list[str]:
    """As they stand in CP."""
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def _there(found: T | None, number: int) -> T:
    if found is None:
        raise Said(404, f"there is no command {number}")
    return found
