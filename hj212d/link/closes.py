"""Why a link ended, or was refused: one enumerated list, each with a line of help.

The labels are journalled, counted and shown. Tests: tests/link/test_closes.py.
"""

from __future__ import annotations

from enum import StrEnum


class Close(StrEnum):
    """Why a link is no more; the value is the label."""

    help: str

    def __new__(cls, label: str, help_line: str) -> Close:
        member = str.__new__(cls, label)
        member._value_ = label
        member.help = help_line
        return member

    PEER = "peer", "the peer closed the link"
    RESET = "reset", "the link broke: reset by the peer, or no answer to keepalive"
    IDLE = "idle", "no byte for link.idle_timeout_s"
    HALF_FRAMES = "half_frames", "three half frames in a row, none completed in time"
    JUNK = "junk", "link.junk_limit_bytes of junk without a good frame"
    SUPERSEDED = "superseded", "all its MNs moved to newer links, and it went silent"
    MN_REFUSED = "mn_refused", "an unregistered MN, and unknown_mn is close"
    WRITE_STUCK = "write_stuck", "the peer did not read its answers for link.idle_timeout_s"
    DRAIN = "drain", "orderly end of this process"
    NOT_ALLOWED = "not_allowed", "refused: the address is in no allowed network"
    ADDRESS_LINKS = "address_links", "refused: the address holds link.address_max_links"
    ADDRESS_RATE = "address_rate", "refused: more new links than link.address_links_per_s"
    ERROR = "error", "a fault of ours on this link; the log has it"


REFUSALS = frozenset({Close.NOT_ALLOWED, Close.ADDRESS_LINKS, Close.ADDRESS_RATE})
