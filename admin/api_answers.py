"""How the API reads a body and a query and says what is wrong: for every file of its routes.

Tests: tests/admin/test_api.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from flask import Response, request

BODY_BYTES = 64 * 1024

T = TypeVar("T")


class Said(Exception):
    """An answer that is not 200."""

    def __init__(self, code: int, sentence: str, field: str = "") -> None:
        Exception.__init__(self, sentence)
        self.code = code
        self.field = field


def body_as(type_: type[T], most_bytes: int = BODY_BYTES) -> T:
    """The JSON body as a struct, or as a plain dictionary; Said 400, 413 or 415."""
    if request.mimetype != "application/json":
        raise Said(415, "the body must be JSON: Content-Type: application/json")
    raw = request.get_data(cache=False)
    if len(raw) > most_bytes:
        raise Said(413, f"the body may have {most_bytes} bytes")
    try:
        return msgspec.json.decode(raw, type=type_)
    except msgspec.ValidationError as fault:
        raise _wrong(fault, type_) from fault
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        sentence = str(fault).removeprefix("JSON is malformed: ")
        raise Said(400, f"the body is no JSON: {sentence}") from fault


def converted(asked: dict[str, Any], type_: type[T]) -> T:
    """A query as a struct; Said 400."""
    try:
        return msgspec.convert(asked, type_, strict=False)
    except msgspec.ValidationError as fault:
        raise _wrong(fault, type_) from fault


def _wrong(fault: msgspec.ValidationError, type_: type[Any]) -> Said:
    """``Expected `int`, got `str` - at `$.priority``` with the field taken out."""
    sentence, _, place = str(fault).partition(" - at `$")
    field = place.rstrip("`").lstrip(".").partition("[")[0]
    what, _, named = sentence.rstrip("`").partition(" field `")
    if not field and not named:
        return Said(400, f"the body is not as it must be: {sentence}")
    match what:
        case "Object missing required":
            field, sentence = named, "it is needed"
        case "Object contains unknown":
            fields = ", ".join(one.encode_name for one in msgspec.structs.fields(type_))
            field, sentence = named, f"there is no such field; there are {fields}"
        case _ if what.startswith("Invalid enum value "):
            known = ", ".join(one for one in _choices(get_type_hints(type_).get(field)) if one)
            sentence = f"{what.removeprefix('Invalid enum value ')} is none of {known}"
    return Said(400, f"{field}: {sentence}", field)


def _choices(hint: Any) -> Iterator[str]:
    """The words of a Literal, wherever it stands in a type."""
    for inner in get_args(hint):
        if isinstance(inner, str):
            yield inner
        else:
            yield from _choices(inner)


def problem_answer(
    code: int, sentence: str, field: str = "", headers: dict[str, str] | None = None
) -> Response:
    """An answer that says no, in one sentence, and which field is wrong."""
    body = {"error": sentence, "field": field} if field else {"error": sentence}
    return json_answer(body, code, headers)


def json_answer(body: Any, code: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(
        msgspec.json.encode(body) + b"\n", code, headers, content_type="application/json"
    )
