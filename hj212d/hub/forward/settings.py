"""Keys of the section [[forward]]: one target that frames go to.

What types cannot say is told by :func:`problem`.
Tests: tests/hub/forward/test_forward_settings.py.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hj212d.hub.forward.publish import target as publishing
from hj212d.wire.settings import sm4_key

SECRET = {"secret": True}
# Over TCP 4 MB: no pause at any rate up to 1 ms of round trip, 160,000 frames a second at 50 ms.
TCP_WINDOW = 8192
PUBLISHER_WINDOW = 1024
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CN = re.compile(r"[0-9]{4}")
_BREAKING = frozenset(";&=# \r\n")  # what a field of a frame cannot hold


class ForwardSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A target that received frames go to, each target with a place of its own in the journal."""

    name: Annotated[
        str,
        Meta(
            min_length=1,
            description="Name, in status and of the folder DATA/forward/NAME: letters, digits, "
            "_ and -.",
        ),
    ]
    kind: Annotated[
        Literal["tcp", "mqtt", "kafka", "http"],
        Meta(
            description="tcp: HJ 212 frames to another platform; the others publish each frame "
            "as JSON."
        ),
    ] = "tcp"
    host: Annotated[str, Meta(description="Name or address of the target.")] = ""
    port: Annotated[int, Meta(ge=0, le=65535, description="Its port.")] = 0
    tls: Annotated[
        bool, Meta(description="TLS 1.2 or later; the certificate must be valid for `host`.")
    ] = False
    ca_file: Annotated[
        str,
        Meta(description="Certificates that are trusted, PEM; empty: those of the system."),
    ] = ""
    cert_file: Annotated[
        str, Meta(description="Our own certificate, PEM, where the target asks for one.")
    ] = ""
    key_file: Annotated[str, Meta(description="Its private key, PEM; empty: in cert_file.")] = ""
    acknowledge: Annotated[
        bool,
        Meta(
            description="A frame is delivered when its 9014 (or 9013) has come. false: when the "
            "target's TCP has acknowledged its bytes, which says nothing of its disk."
        ),
    ] = True
    window_frames: Annotated[
        int,
        Meta(
            ge=0,
            le=65536,
            description="Frames on their way without an acknowledgement; 0: 8192 for tcp, 1024 "
            "for the others.",
        ),
    ] = 0
    timeout_s: Annotated[
        float, Meta(gt=0, description="A frame unacknowledged for this long is sent again.")
    ] = 10.0
    resends: Annotated[
        int, Meta(ge=0, le=100, description="So often, then its round is over.")
    ] = 3
    backoff_first_s: Annotated[
        float, Meta(gt=0, description="Wait before the first new try at a connection.")
    ] = 1.0
    backoff_last_s: Annotated[float, Meta(gt=0, description="The wait doubles up to this.")] = 60.0
    refusals_before_dead: Annotated[
        int,
        Meta(
            ge=1,
            description="A frame that stays unacknowledged for so many rounds, while frames "
            "behind it are acknowledged, becomes a dead letter.",
        ),
    ] = 3
    mn: Annotated[
        list[str], Meta(description="Only these MNs; * stands for any characters. Empty: all.")
    ] = []
    not_mn: Annotated[list[str], Meta(description="Not these MNs; * as above.")] = []
    st: Annotated[list[str], Meta(description="Only these ST. Empty: all.")] = []
    cn: Annotated[list[str], Meta(description="Only these CN. Empty: all.")] = []
    region: Annotated[
        list[str],
        Meta(description="Only devices registered in these regions; * as above. Empty: all."),
    ] = []
    set_mn: Annotated[
        list[str], Meta(description='MNs that leave under another name: "OLD=NEW".')
    ] = []
    set_pw: Annotated[
        str, Meta(description="PW that frames leave with; empty: their own.", extra=SECRET)
    ] = ""
    set_version: Annotated[
        Literal["", "2005", "2017", "2025"],
        Meta(description="Version that frames leave as (bits of Flag); empty: their own."),
    ] = ""
    set_key: Annotated[
        str,
        Meta(
            description="SM4 key that frames leave encrypted with, as keys of [[device]] are "
            "written; empty: a rewritten frame leaves in plain, others as they came.",
            extra=SECRET,
        ),
    ] = ""
    start: Annotated[
        Literal["now", "oldest"],
        Meta(description="Where a target begins that was never heard of before."),
    ] = "now"
    max_lag_bytes: Annotated[
        int,
        Meta(
            ge=1 << 20,
            description="Journal that is kept for this target at the most; what is older is "
            "skipped, and counted.",
        ),
    ] = 20 << 30
    downlink: Annotated[
        list[str],
        Meta(description="CN of requests from the target that are passed on to the instruments."),
    ] = []
    url: Annotated[
        str,
        Meta(description="Where mqtt, kafka and http publish; may hold a password.", extra=SECRET),
    ] = ""
    token: Annotated[
        str,
        Meta(description="Sent by http as Authorization: Bearer.", extra=SECRET),
    ] = ""
    topic: Annotated[
        str,
        Meta(
            description="Topic of mqtt and kafka; {mn}, {cn} and {st} are filled in. Empty: "
            "hj212/{mn}/{cn} for mqtt, hj212 for kafka."
        ),
    ] = ""
    paused: Annotated[
        bool, Meta(description="Send nothing until this is false again; the place is kept.")
    ] = False

    @property
    def window(self) -> int:
        """Frames on their way at the most. A message of a publisher is larger than its frame."""
        return self.window_frames or (TCP_WINDOW if self.kind == "tcp" else PUBLISHER_WINDOW)

    def renamed(self) -> dict[str, str]:
        """Old MN -> the MN that it leaves under."""
        return dict(pair.split("=", 1) for pair in self.set_mn)


def problem(target: ForwardSettings) -> tuple[str, str]:
    """The key that cannot be as it is and why, ``("", "")`` when all is well."""
    if not _NAME.fullmatch(target.name):
        return "name", "expected 1 to 64 letters, digits, _ and -"
    if target.kind == "tcp":
        if not target.host:
            return "host", "expected the name or address of the target"
        if not target.port:
            return "port", "expected a port from 1 to 65535"
    elif any(found := publishing.problem(target)):
        return found
    if target.backoff_last_s < target.backoff_first_s:
        return "backoff_last_s", "expected no less than backoff_first_s"
    if target.key_file and not target.cert_file:
        return "key_file", "there is no cert_file"
    if target.kind == "tcp":
        for key in ("ca_file", "cert_file"):
            if getattr(target, key) and not target.tls:
                return key, "tls is false"
        for key in ("url", "topic", "token"):
            if getattr(target, key):
                return key, "kind tcp has none"
    if _BREAKING & set(target.set_pw):
        return "set_pw", "a PW holds none of ; & = # and no blank"
    if target.set_key:
        try:
            sm4_key(target.set_key)
        except ValueError:
            return "set_key", "expected 32 hexadecimal digits or 16 characters"
    for cn in target.downlink:
        if not _CN.fullmatch(cn):
            return "downlink", f'"{cn}" is no CN of four digits'
    return _problem_of_names(target)


def _problem_of_names(target: ForwardSettings) -> tuple[str, str]:
    for pair in target.set_mn:
        old, _, new = pair.partition("=")
        if not old or not new or _BREAKING & set(new):
            return "set_mn", f'"{pair}" is not of the form OLD=NEW'
    new_names = [pair.partition("=")[2] for pair in target.set_mn]
    old_names = [pair.partition("=")[0] for pair in target.set_mn]
    for names in (old_names, new_names):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            return "set_mn", f'"{twice}" stands there twice'
    return "", ""
