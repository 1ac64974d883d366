"""The JSON API under /api: commands to instruments, completeness. Tests: tests/admin/test_api.py.

Every call needs `Authorization: Bearer TOKEN`; the token's name is who asked. Bodies are JSON, and
what is wrong with one is said with the name of the field.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Literal, TypeVar, get_args, get_type_hints

import msgspec
from flask import Blueprint, Response, g, request
from msgspec import Meta
from werkzeug.exceptions import HTTPException

from admin.commands import Commands, Declined
from admin.completeness import Completeness
from admin.source import NotAvailable

BODY_BYTES = 64 * 1024
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


class _Said(Exception):
    """An answer that is not 200."""

    def __init__(self, code: int, sentence: str, field: str = "") -> None:
        Exception.__init__(self, sentence)
        self.code = code
        self.field = field


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
) -> Blueprint:
    """The blueprint. ``tokens``: those in force, each "name:token"."""
    pages = Blueprint("api", __name__, url_prefix="/api")

    @pages.before_request
    def authorize() -> None:
        g.who = _who(tokens(), request.headers.get("Authorization", ""))

    @pages.post("/commands")
    def submit() -> Response:
        wish = _body(Wish)
        args = {name: _texts(value) for name, value in wish.args.items()}
        row = commands.submit({**msgspec.to_builtins(wish), "args": args}, g.who)
        return _json({"command": row}, 201, {"Location": f"/api/commands/{row['id']}"})

    @pages.get("/commands")
    def listed() -> Response:
        asked: dict[str, Any] = dict(request.args)
        if "state" in asked:
            asked["state"] = [
                one for text in request.args.getlist("state") for one in text.split(",")
            ]
        listing = _converted(asked, _Listing)
        rows = commands.find(listing.mn, listing.state, listing.before_id, listing.limit)
        return _json({"commands": rows})

    @pages.get("/commands/<int:number>")
    def one(number: int) -> Response:
        return _json(_there(commands.get(number), number))

    @pages.delete("/commands/<int:number>")
    def cancel(number: int) -> Response:
        return _json({"command": _there(commands.cancel(number, g.who), number)})

    @pages.get("/requests")
    def requests() -> Response:
        asked = _converted(dict(request.args), _Catalogue)
        return _json({"requests": commands.requests(asked.version)})

    if completeness is not None:

        @pages.get("/completeness")
        def rates() -> Response:
            asked = _converted(dict(request.args), _Rates)
            return _json({"rates": completeness.rates(msgspec.structs.asdict(asked))})

        @pages.get("/gaps")
        def gaps() -> Response:
            asked = _converted(dict(request.args), _Gaps)
            return _json({"gaps": completeness.gaps(msgspec.structs.asdict(asked))})

    @pages.route("/", defaults={"path": ""}, methods=["GET", "POST", "DELETE"])
    @pages.route("/<path:path>", methods=["GET", "POST", "DELETE"])
    def nothing(path: str) -> Response:
        raise _Said(404, f"there is no /api/{path}")

    @pages.errorhandler(_Said)
    def said(problem: _Said) -> Response:
        headers = {"WWW-Authenticate": "Bearer"} if problem.code == 401 else {}
        return _problem(problem.code, str(problem), problem.field, headers)

    @pages.errorhandler(Declined)
    def declined(problem: Declined) -> Response:
        return _problem(400 if problem.field else 409, str(problem), problem.field)

    @pages.errorhandler(NotAvailable)
    def not_available(problem: NotAvailable) -> Response:
        return _problem(503, str(problem), headers={"Retry-After": "5"})

    @pages.errorhandler(HTTPException)
    def refused(problem: HTTPException) -> Response:
        return _problem(problem.code or 500, problem.description or problem.name)

    return pages


def _who(tokens: Sequence[str], header: str) -> str:
    """The name of the token; every one is compared, in constant time."""
    if not tokens:
        raise _Said(403, "the API is off: [hub] api_tokens names no token")
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise _Said(401, "Authorization: Bearer TOKEN is needed")
    who = ""
    for entry in tokens:
        name, _, token = entry.partition(":")
        if hmac.compare_digest(token.encode(), given.strip().encode("utf-8", "surrogateescape")):
            who = name
    if not who:
        raise _Said(401, "this token is not known")
    return who


def _body(type_: type[T]) -> T:
    if request.mimetype != "application/json":
        raise _Said(415, "the body must be JSON: Content-Type: application/json")
    raw = request.get_data(cache=False)
    if len(raw) > BODY_BYTES:
        raise _Said(413, f"the body may have {BODY_BYTES} bytes")
    try:
        return msgspec.json.decode(raw, type=type_)
    except msgspec.ValidationError as fault:
        raise _wrong(fault, type_) from fault
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        sentence = str(fault).removeprefix("JSON is malformed: ")
        raise _Said(400, f"the body is no JSON: {sentence}") from fault


def _converted(asked: dict[str, Any], type_: type[T]) -> T:
    try:
        return msgspec.convert(asked, type_, strict=False)
    except msgspec.ValidationError as fault:
        raise _wrong(fault, type_) from fault


def _wrong(fault: msgspec.ValidationError, type_: type[Any]) -> _Said:
    """``Expected `int`, got `str` - at `$.priority``` with the field taken out."""
    sentence, _, place = str(fault).partition(" - at `$")
    field = place.rstrip("`").lstrip(".").partition("[")[0]
    what, _, named = sentence.rstrip("`").partition(" field `")
    if not field and not named:
        return _Said(400, f"the body is not as it must be: {sentence}")
    match what:
        case "Object missing required":
            field, sentence = named, "it is needed"
        case "Object contains unknown":
            fields = ", ".join(one.encode_name for one in msgspec.structs.fields(type_))
            field, sentence = named, f"there is no such field; there are {fields}"
        case _ if what.startswith("Invalid enum value "):
            known = ", ".join(one for one in _choices(get_type_hints(type_).get(field)) if one)
            sentence = f"{what.removeprefix('Invalid enum value ')} is none of {known}"
    return _Said(400, f"{field}: {sentence}", field)


def _choices(hint: Any) -> Iterator[str]:
    """The words of a Literal, wherever it stands in a type."""
    for inner in get_args(hint):
        if isinstance(inner, str):
            yield inner
        else:
            yield from _choices(inner)


def _texts(value: str | int | list[str | int]) -> str | list[str]:
    """As they stand in CP."""
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def _there(found: T | None, number: int) -> T:
    if found is None:
        raise _Said(404, f"there is no command {number}")
    return found


def _problem(
    code: int, sentence: str, field: str = "", headers: dict[str, str] | None = None
) -> Response:
    body = {"error": sentence, "field": field} if field else {"error": sentence}
    return _json(body, code, headers)


def _json(body: Any, code: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        msgspec.json.encode(body) + b"\n", code, headers, content_type="application/json"
    )
