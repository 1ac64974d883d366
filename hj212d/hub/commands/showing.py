"""Commands as people and programs outside see them: no frame, no secret.

Tests: tests/hub/commands/test_commands_desk.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hj212d.hub.commands.book import FINAL, microseconds
from hj212d.hub.commands.clock import SET
from hj212d.hub.commands.drawing_up import TIME
from hj212d.hub.times import iso
from hj212d.wire import requests, tables
from hj212d.wire.requests import Parameter, RequestSpec
from store.registry.records import CommandEvent, CommandRecord

Row = dict[str, Any]

_TIMES = ("created_at", "expires_at", "sent_at", "accepted_at", "finished_at")
_PLAIN = (
    "id", "mn", "link", "name", "cn", "version", "st", "qn", "args", "origin", "who", "priority",
    "state", "attempts", "qn_rtn", "exe_rtn", "why", "answers", "data",
)  # fmt: skip


def shown(record: CommandRecord) -> Row:
    """A record as plain data; times are ISO 8601 in UTC."""
    spec = requests.find(record.name, record.version)
    row = {name: getattr(record, name) for name in _PLAIN}
    row |= {name: _iso(getattr(record, name)) for name in _TIMES}
    row["name_zh"] = spec.name_zh if spec else ""
    row["name_en"] = spec.name_en if spec else ""
    row["qn_rtn_text"] = meaning("QnRtn", record.qn_rtn)
    row["exe_rtn_text"] = meaning("ExeRtn", record.exe_rtn)
    row["final"] = record.state in FINAL
    return row


def event(one: CommandEvent) -> Row:
    """An event as plain data."""
    return {"at": _iso(one.at), "event": one.event, "detail": one.detail}


def meaning(field: str, code: int | None) -> str:
    """``执行成功 Success`` of a QnRtn or ExeRtn; "" for one that is in no table."""
    for row in tables.returns():
        if row.field == field and row.code == str(code):
            return f"{row.name_zh} {row.name_en}"
    return ""


def catalogue(version: str | None = None) -> list[Row]:
    """What can be asked of instruments, of a version or of any."""
    return [_request(spec) for spec in requests.requests() if version in (None, *spec.versions)]


def _request(spec: RequestSpec) -> Row:
    return {
        "name": spec.name,
        "cn": spec.cn,
        "versions": list(spec.versions),
        "kind": spec.kind,
        "name_zh": spec.name_zh,
        "name_en": spec.name_en,
        "parameters": [_parameter(one, spec) for one in spec.parameters],
        "results": spec.results,
        "history": spec.history,
        "encrypted": spec.encrypted,
    }


def _parameter(one: Parameter, spec: RequestSpec) -> Row:
    filled_in = spec.cn == SET and one.name == TIME  # with the time of the sending
    return {
        "name": one.name,
        "required": one.required and not filled_in,
        "repeated": one.repeated,
        "kind": one.kind,
        "least": one.least,
        "most": one.most,
        "choices": list(one.choices),
        "secret": one.secret,
        "help": one.help,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else iso(microseconds(at))
