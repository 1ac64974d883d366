"""How commands to instruments read on a terminal: steps in words, data as a table, the catalogue.

Pure; rows are those of the control socket. Tests: tests/cli/test_command_text.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hj212d.cli.times import show_iso

Row = dict[str, Any]

WIDEST = 8  # columns of a table of data; more are written one below the other
_STATES = {
    "queued": "已排队 queued",
    "sent": "已发送 sent",
    "accepted": "现场机接受 accepted",
    "done": "完成 done",
    "refused": "现场机拒绝 refused by the instrument",
    "failed": "失败 failed",
    "timeout": "超时 no answer in time",
    "expired": "过期 expired unsent",
    "cancelled": "已取消 cancelled",
}
SUCCESS = "done"


def headline(command: Row) -> str:
    """What was asked of whom."""
    names = " ".join(one for one in (command["name_zh"], command["name_en"]) if one)
    asked = " ".join(_argument(name, value) for name, value in command["args"].items())
    words = [f"command {command['id']}:", command["name"], asked, f"-> {command['mn']}"]
    return f"{' '.join(word for word in words if word)}  ({names}, CN {command['cn']})"


def step(command: Row) -> str:
    """One line for the state that a command is in now."""
    words = [_STATES.get(command["state"], command["state"])]
    match command["state"]:
        case "sent":
            words.append(f"(QN {command['qn']}, time {command['attempts']})")
        case "accepted" if command["answers"]:
            words.append(f"({command['answers']} data frames)")
        case "accepted":
            words.append(_code("QnRtn", command["qn_rtn"], command["qn_rtn_text"]))
        case "refused":
            words.append(_code("QnRtn", command["qn_rtn"], command["qn_rtn_text"]))
        case "done" | "failed":
            words.append(_code("ExeRtn", command["exe_rtn"], command["exe_rtn_text"]))
        case _:
            words.append(command["why"])
    return " ".join(word for word in words if word)


def facts(command: Row) -> Iterator[tuple[str, str]]:
    """All of one command, name and value."""
    yield "state", step(command)
    yield "why", command["why"]
    yield "version, ST", f"{command['version']}, {command['st']}"
    yield "QN", command["qn"]
    yield "sent", {0: "never", 1: "once"}.get(command["attempts"], f"{command['attempts']} times")
    yield "asked by", f"{command['who']} ({command['origin']})"
    for name in ("created", "sent", "accepted", "finished"):
        yield f"{name} at", show_iso(command[f"{name}_at"])
    yield "expires at", show_iso(command["expires_at"])


def data_table(data: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of what came in answer."""
    fields = list(dict.fromkeys(name for one in data for name in one["cp"]))
    if len(fields) <= WIDEST:
        return fields, [[one["cp"].get(name, "") for name in fields] for one in data]
    return _by_factor(data)


def _by_factor(data: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """A row for each factor of each frame: ``a34004-Avg=62.6,a34004-Flag=N`` is one."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for one in data:
        for name, value in one["cp"].items():
            if name != "DataTime":
                code, _, suffix = name.partition("-")
                row = rows.setdefault((one["cp"].get("DataTime", one["qn"]), code), {})
                row[suffix or "value"] = value
    suffixes = list(dict.fromkeys(suffix for row in rows.values() for suffix in row))
    return ["DataTime", "field", *suffixes], [
        [*at, *(row.get(suffix, "") for suffix in suffixes)] for at, row in rows.items()
    ]


def catalogue_rows(catalogue: Sequence[Row]) -> Iterator[list[str]]:
    """A row for each request: name, CN, versions, arguments, what it is."""
    for one in catalogue:
        yield [
            one["name"],
            one["cn"],
            " ".join(one["versions"]),
            " ".join(_form(parameter) for parameter in one["parameters"]),
            f"{one['name_zh']} {one['name_en']}".strip(),
        ]


def _form(parameter: Row) -> str:
    """``PolId=``, ``[PolId=]`` when it may be missing, ``...`` when it may come several times."""
    text = f"{parameter['name']}={'...' if parameter['repeated'] else ''}"
    return text if parameter["required"] else f"[{text}]"


def _code(field: str, code: int | None, text: str) -> str:
    return "" if code is None else f"({field} {code} {text})".replace(" )", ")")


def _argument(name: str, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return " ".join(f"{name}={one}" for one in values)
