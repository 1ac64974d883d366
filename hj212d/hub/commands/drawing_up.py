"""From a wish to a record: what is asked, in which version's form, with which arguments.

Pure. Says no with one sentence that names the field. Tests: tests/hub/commands/test_drawing_up.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hj212d.hub.commands.book import moment
from hj212d.hub.commands.clock import SET
from hj212d.hub.commands.facts import Facts
from hj212d.hub.commands.new_command import NewCommand, Refused
from hj212d.wire import codec, requests
from hj212d.wire.frame import Frame
from hj212d.wire.requests import RequestSpec
from hj212d.wire.values import time_text
from store.registry.records import CommandRecord

SHOWN = "***"
TIME = "SystemTime"
LONGEST_FRAME_BYTES = 9999
# What changes how a device is known here too: hj212d/hub/keys/ sends it.
_OF_KEYS = {"1002": "`hj212d activation accept`", "1014": "`hj212d keys rotate`"}


def drawn_up(
    wish: NewCommand, facts: Facts, now_us: int, expires_s: float
) -> tuple[CommandRecord, RequestSpec]:
    """The record of a command, not kept yet, and what kind of request it is. Refused."""
    if not wish.mn and wish.link is None:
        raise Refused("an MN is needed", "mn")
    if wish.raw is not None:
        frame = read(wish.raw)
        spec, version = spec_of(frame), frame.version or facts.version
        qn, args = frame.qn, dict(frame.items)
    else:
        version, qn = wish.version or facts.version, ""
        spec = chosen(wish.name, version, wish.mn)
        if wish.origin != "keys":
            check_free(spec)
        args = checked(spec, version, wish.args, now_us)
    shown = {name: SHOWN if name in spec.secrets else value for name, value in args.items()}
    secret = {name: args[name] for name in args if name in spec.secrets}
    record = CommandRecord(
        mn=wish.mn,
        link=wish.link,
        name=spec.name,
        cn=spec.cn,
        version=version,
        st=spec.st or facts.st,
        qn=qn,
        args=shown,
        secret_args=secret,
        raw=wish.raw or b"",
        origin=wish.origin,
        who=wish.who,
        priority=wish.priority,
        created_at=moment(now_us),
        expires_at=moment(now_us + round(expires_s * 1_000_000)),
    )
    return record, spec


def chosen(name: str, version: str, mn: str) -> RequestSpec:
    """The request of that name or CN in a device's version; Refused with the nearest names."""
    spec = requests.find(name, version)
    if spec is not None:
        return spec
    others = {one for spec in requests.requests() if name in (spec.name, spec.cn)
              for one in spec.versions}  # fmt: skip
    if others:
        raise Refused(
            f"{name} is a command of HJ 212-{', '.join(sorted(others))}; {mn} speaks {version}",
            "name",
        )
    near = requests.near(name)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise Refused(f"there is no command {name}{hint}", "name")


def check_free(spec: RequestSpec) -> None:
    """Refused for a request that is made in another way."""
    if spec.cn in _OF_KEYS:
        raise Refused(f"use {_OF_KEYS[spec.cn]}, so that its answer is believed", "name")


def checked(
    spec: RequestSpec, version: str, args: Mapping[str, str | list[str]], now_us: int
) -> dict[str, Any]:
    """The arguments, when they are what the request takes; Refused names the one that is not.

    The time of set-clock may be missing: it is that of the sending.
    """
    try:
        requests.content(spec, version, at_sending(spec, args, now_us))
    except ValueError as fault:
        raise Refused(str(fault), "args") from fault
    return dict(args)


def at_sending(
    spec: RequestSpec, args: Mapping[str, Any], now_us: int
) -> Mapping[str, str | list[str]]:
    """Arguments as they go out at this moment."""
    if spec.cn == SET and TIME not in args:
        return {**args, TIME: time_text(now_us)}
    return args


def spec_of(frame: Frame) -> RequestSpec:
    """What a frame asks for; a CN that is in no table counts as a request without data."""
    spec = requests.find(frame.cn, frame.version)
    if spec is not None:
        return spec
    return RequestSpec(
        frame.cn, frame.cn, (frame.version,), "request", (), "", False, False, "", "", "", ""
    )


def read(raw: bytes) -> Frame:
    """A frame that somebody else made; Refused when it is none."""
    cuts = codec.Cutter(LONGEST_FRAME_BYTES).feed(raw.rstrip(b"\r\n") + b"\r\n")
    frame = codec.decode(cuts[0]) if len(cuts) == 1 else None
    if frame is None or not frame.cn or not (frame.ok or frame.encrypted):
        reason = "no whole frame" if frame is None else frame.reason.label
        raise Refused(f"the frame cannot be sent on: {reason}", "raw")
    return frame
