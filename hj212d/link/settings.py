"""Keys of the sections [link] and [[profile]]."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

RESTART = {"apply": "restart"}
RELOAD = {"apply": "reload"}


class ProfileSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a listening address treats the devices that come to it."""

    name: Annotated[str, Meta(min_length=1, description="Name, used in link.listen.")]
    tolerate: Annotated[
        list[str], Meta(description="Tolerances switched on beyond the default.")
    ] = []
    refuse: Annotated[list[str], Meta(description="Default tolerances switched off.")] = []
    allow: Annotated[
        list[str], Meta(description="Networks (CIDR) that may connect; empty: all.")
    ] = []
    unknown_mn: Annotated[
        Literal["", "accept", "quarantine", "close"],
        Meta(description="Overrides link.unknown_mn."),
    ] = ""


class LinkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Listening, limits and replies."""

    listen: Annotated[
        list[str],
        Meta(
            description='Addresses: "host:port", "[v6]:port", "host:first-last"; a profile '
            'follows after a blank: "0.0.0.0:9300-9310 old".',
            extra=RESTART,
        ),
    ] = msgspec.field(default_factory=lambda: ["0.0.0.0:9212", "[::]:9212"])
    workers: Annotated[
        int,
        Meta(
            ge=0,
            le=200,
            description="Listener processes; 0: one less than the machine's processors, more "
            "when max_links needs them.",
            extra=RESTART,
        ),
    ] = 0
    max_links: Annotated[
        int,
        Meta(
            ge=0,
            description="Links held by all workers together; at the limit listening pauses. 0: as "
            "many as the limit of open files allows.",
            extra=RESTART,
        ),
    ] = 0
    backlog: Annotated[
        int, Meta(ge=1, description="Connections the kernel queues for us.", extra=RESTART)
    ] = 4096
    idle_timeout_s: Annotated[
        float,
        Meta(gt=0, description="A link without a byte for this long is closed.", extra=RELOAD),
    ] = 300.0
    partial_timeout_s: Annotated[
        float,
        Meta(
            gt=0,
            description="A half frame older than this is dropped; three in a row without a good "
            "frame close the link.",
            extra=RELOAD,
        ),
    ] = 30.0
    superseded_timeout_s: Annotated[
        float,
        Meta(
            gt=0,
            description="When an MN appears on a newer link, the older one is closed after this "
            "long without a byte.",
            extra=RELOAD,
        ),
    ] = 30.0
    max_segment_bytes: Annotated[
        int,
        Meta(
            ge=1024,
            le=9999,
            description="Longest data segment that is read; the standard allows 1024.",
            extra=RELOAD,
        ),
    ] = 4096
    junk_limit_bytes: Annotated[
        int,
        Meta(
            ge=1024,
            description="So much junk in a row without a good frame closes the link.",
            extra=RELOAD,
        ),
    ] = 65536
    allow: Annotated[
        list[str], Meta(description="Networks (CIDR) that may connect; empty: all.", extra=RELOAD)
    ] = []
    address_max_links: Annotated[
        int,
        Meta(
            ge=1,
            description="Links from one address; generous, because a mobile carrier puts many "
            "instruments behind one.",
            extra=RELOAD,
        ),
    ] = 20000
    address_links_per_s: Annotated[
        float, Meta(gt=0, description="New links a second from one address.", extra=RELOAD)
    ] = 2000.0
    address_bytes_per_s: Annotated[
        float,
        Meta(
            gt=0,
            description="Bytes a second from one address; above it its links are read slower.",
            extra=RELOAD,
        ),
    ] = 8_000_000.0
    unknown_mn: Annotated[
        Literal["accept", "quarantine", "close"],
        Meta(
            description="An MN without a [[device]]: accept stores its data and counts it as "
            "unregistered, quarantine keeps the frames aside, close also ends the link.",
            extra=RELOAD,
        ),
    ] = "accept"
    acknowledge_quarantined: Annotated[
        bool,
        Meta(
            description="Answer frames whose CRC fits but whose content is bad, once they are in "
            "quarantine, so that a device is not stuck on one bad record.",
            extra=RELOAD,
        ),
    ] = False
    answer_without_flag: Annotated[
        bool, Meta(description="Answer uploads that carry no Flag (2005).", extra=RELOAD)
    ] = False
    answer_unknown_cn: Annotated[
        bool,
        Meta(
            description="Answer a CN that no table knows (vendor login, 9021) with 9014 when an "
            "answer is wanted.",
            extra=RELOAD,
        ),
    ] = True
    pending_bytes: Annotated[
        int,
        Meta(
            ge=65536,
            description="Bytes of a worker that wait for the journal before all reading pauses.",
            extra=RELOAD,
        ),
    ] = 16 * 1024 * 1024
    link_pending_bytes: Annotated[
        int,
        Meta(
            ge=16384,
            description="The same for one link: bytes waiting for the journal or for a peer that "
            "does not read its answers.",
            extra=RELOAD,
        ),
    ] = 256 * 1024
    drain_timeout_s: Annotated[
        float, Meta(gt=0, description="Time for an orderly end after SIGTERM.", extra=RELOAD)
    ] = 10.0
