"""Keys of the section [hub]."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

RESTART = {"apply": "restart"}
RELOAD = {"apply": "reload"}


class HubSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The process behind the listeners."""

    http: Annotated[
        str,
        Meta(
            description="Address of the pages and of /metrics; empty: none. There is no login: "
            "leave it on 127.0.0.1, or put a proxy in front that asks who it is.",
            extra=RESTART,
        ),
    ] = "127.0.0.1:8212"
    api_tokens: Annotated[
        list[str],
        Meta(
            description='Who may use the API under /api, each "name:token"; empty: nobody.',
            extra={**RELOAD, "secret": True},
        ),
    ] = []
    control: Annotated[
        str,
        Meta(
            description="Unix socket of the command line; empty: DATA/control.sock.",
            extra=RESTART,
        ),
    ] = ""
    offline_after_s: Annotated[
        float,
        Meta(
            gt=0,
            description="A station without a good frame for this long is offline.",
            extra=RELOAD,
        ),
    ] = 900.0
    clock_tolerance_s: Annotated[
        float,
        Meta(
            gt=0,
            description="A real-time DataTime further than this from the receive time is counted "
            "as a wrong clock; the data stay.",
            extra=RELOAD,
        ),
    ] = 600.0
    late_after_s: Annotated[
        float,
        Meta(
            gt=0,
            description="Data that come longer than this after the end of their period are marked "
            "and counted as late. How long a minute period is, is not known: the longest that can "
            "begin at its DataTime counts.",
            extra=RELOAD,
        ),
    ] = 600.0
    live_max_mns: Annotated[
        int,
        Meta(
            ge=1,
            description="MNs whose latest values are held in memory; more are counted, their data "
            "are in the store all the same.",
            extra=RESTART,
        ),
    ] = 300_000
    live_max_factors: Annotated[
        int,
        Meta(ge=1, description="The same for the factors of one MN.", extra=RESTART),
    ] = 500
    query_timeout_s: Annotated[
        float,
        Meta(gt=0, description="A query of the store takes this long at the most.", extra=RESTART),
    ] = 30.0
