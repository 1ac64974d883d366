"""Routes of the API about means. Tests: tests/admin/test_means_api.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec
from flask import Blueprint, Response, request

from admin.api_answers import body_as, converted, json_answer
from admin.means import MeansWindow

_LISTS = {"mn": "mns", "factor": "factors", "stat": "stats"}


class _Asked(msgspec.Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """Query of GET /api/means; times in ISO 8601, Beijing time where no zone is given. mn, factor
    and stat may come several times or with commas."""

    start: str
    end: str
    level: Literal["minute", "hour", "day", "tenday", "week", "month", "quarter", "year", "span"]
    mn: list[str] | None = None
    region: str = ""
    factor: list[str] | None = None
    stat: list[str] | None = None
    side: Literal["", "computed", "reported"] = ""


class _Again(msgspec.Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """Body of POST /api/means/recompute; without stations all of them."""

    start: str
    end: str
    mns: list[str] | None = None


def routes(window: MeansWindow) -> Callable[[Blueprint], None]:
    """What adds the routes to the API's blueprint."""

    def add(pages: Blueprint) -> None:
        @pages.get("/means")
        def means() -> Response:
            said: dict[str, Any] = dict(request.args)
            for name in _LISTS:
                if name in said:
                    texts = request.args.getlist(name)
                    said[name] = [one for text in texts for one in text.split(",") if one]
            asked = msgspec.structs.asdict(converted(said, _Asked))
            side = asked.pop("side")
            for name, plural in _LISTS.items():
                asked[plural] = asked.pop(name)
            one_side = {"computed_only": side == "computed", "reported_only": side == "reported"}
            return json_answer({"means": window.means(asked | one_side)})

        @pages.post("/means/recompute")
        def recompute() -> Response:
            asked = body_as(_Again)
            return json_answer(window.recompute(msgspec.structs.asdict(asked)), 202)

    return add
