"""`hj212d keys`: SM4 keys of devices: report, change, set, history. Shows none unless asked.

Tests: tests/cli/test_keys_command.py.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal


@click.group("keys")
def command() -> None:
    """SM4 keys of devices (HJ 212-2025): their age, and changing them."""


@command.command("report")
@located
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--mn", help="Of this device only.")
@click.option("--state", help="Only those in this state: due, pending, wrong, missing, ...")
def report(here: Here, as_json: bool, mn: str | None, state: str | None) -> None:
    """Every device by version, encryption and age of its key.

    Frames are those of today, as far as the running daemon has seen them.
    """
    from hj212d.cli.answers import Answers, refused

    client = Answers(here).client
    rows: list[dict[str, Any]] = []
    after: str | None = ""
    answer: dict[str, Any] = {}
    with refused():
        while after is not None:
            answer = client.call("keys", mn=mn, after=after, limit=2000)
            rows += answer["keys"]
            after = answer.get("next")
    if state is not None:
        rows = [row for row in rows if row["state"] == state]
    summary, since = answer.get("summary"), answer.get("since")
    if as_json:
        _print_json({"keys": rows, "summary": summary, "since": since})
        return
    from hj212d.cli.keys_text import print_report

    print_report(rows, summary, since)


@command.command("rotate")
@located
@click.argument("mn", required=False)
@click.option("--due", is_flag=True, help="All whose key is too old, at the pace of [keys].")
@click.option(
    "--new", "fresh", is_flag=True, help="Another key than one that was sent and not proven."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def rotate(here: Here, mn: str | None, due: bool, fresh: bool, as_json: bool) -> None:
    """Send a device a new key (CN 1014), under the one that it has.

    Old and new open its frames until one is proven. A device that is not connected gets the key
    when it returns.
    """
    from hj212d.cli.answers import Answers, refused

    if (mn is None) is not due:
        raise Refusal("give an MN, or --due")
    with refused():
        answer = Answers(here).client.call("keys", do="rotate", mn=mn, fresh=fresh)
    if as_json:
        _print_json(answer)
    elif mn is None:
        click.echo(f"{answer['due']} keys are due; they are changed one by one")
    else:
        sent = answer["command"]
        click.echo(f"command {sent['id']} carries the new key: {sent['state']}")


@command.command("set")
@located
@click.argument("mn")
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def set_(here: Here, mn: str, key: str, as_json: bool) -> None:
    """Say which key a device has: 32 hexadecimal digits, 16 characters, or - to read it from
    standard input, where no other user sees it.

    Frames that could not be read before become readings by
    `hj212d replay --reason key_missing` (or key_wrong).
    """
    from hj212d.cli import answers
    from hj212d.cli.own_registry import own_registry, somebody
    from hj212d.wire.settings import sm4_key

    if key == "-":
        key = sys.stdin.readline().strip()
    try:
        raw = sm4_key(key)
    except ValueError:
        raise Refusal("an SM4 key is 32 hexadecimal digits or 16 characters") from None
    try:
        with answers.refused():
            answer = answers.Answers(here).client.call("keys", do="set", mn=mn, key=raw.hex())
    except answers.NoDaemonRuns:
        from datetime import UTC, datetime

        from hj212d.hub.keys import keyring

        with own_registry(here) as registry:
            who = somebody()
            keyring.set_current(registry, mn, raw, datetime.now(UTC), f"set by {who}", who)
        answer = {"mn": mn}
    if as_json:
        _print_json(answer)
    else:
        click.echo(f"{mn} is read with this key from now on; those before it are tried, too")


@command.command("history")
@located
@click.argument("mn")
@click.option("--reveal", is_flag=True, help="Show the keys themselves, as hexadecimal digits.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def history(here: Here, mn: str, reveal: bool, as_json: bool) -> None:
    """The keys of a device, newest first: since when, in which state, why.

    Keys themselves are shown with --reveal only, to whoever owns the data folder.
    """
    from hj212d.cli.own_registry import own_registry
    from hj212d.hub.keys.report import history_row

    with own_registry(here) as registry:
        found = registry.keys.of(mn)
    rows = [history_row(key) | ({"key": key.key.hex()} if reveal else {}) for key in found]
    for row in rows:
        for name in ("created_at", "proven_at"):
            row[name] = row[name].isoformat() if row[name] else None
    if reveal and found:
        click.echo(
            "These keys open all that the device sent: keep them out of logs and tickets.",
            err=True,
        )
    if as_json:
        _print_json(rows)
        return
    from hj212d.cli.keys_text import print_history

    print_history(mn, rows)
    if not rows:
        raise click.exceptions.Exit(NO)


def _print_json(found: Any) -> None:
    import msgspec

    click.echo(msgspec.json.encode(found))
