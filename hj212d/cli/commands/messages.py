"""`hj212d messages`: in-app messages of a contact, and that they were read.

Tests: tests/cli/test_outbox_command.py.
"""

from __future__ import annotations

import click

from hj212d.cli.alert_options import as_json_lines, number_or_name, paged
from hj212d.cli.here import Here, located

_COLUMNS = ("id", "at", "severity", "subject", "read")


@click.command("messages")
@located
@click.argument("contact", type=number_or_name, required=False)
@click.option("--all", "everything", is_flag=True, help="Those that were read, too.")
@click.option("--read", "reads", is_flag=True, help="Mark those that are shown as read.")
@paged
@as_json_lines
def command(
    here: Here,
    contact: int | str | None,
    everything: bool,
    reads: bool,
    as_json: bool,
    limit: int,
    before: int | None,
) -> None:
    """In-app messages of a contact, newest first.

    CONTACT is a number or a name; without it the contact whose account is the user.
    """
    from hj212d.cli.alert_asking import ask, say_next, show_list
    from hj212d.cli.times import show_iso
    from hj212d.hub.alert_desk.outbox_deeds import Messages, MessagesRead

    asked = {"all": everything, "limit": limit, "before": before}
    answer = ask(here, Messages, contact=contact, **asked)
    found = answer["messages"]
    show_list(
        found,
        _COLUMNS,
        lambda one: (
            one["id"],
            show_iso(one["created_at"]),
            one["severity"],
            one["subject"],
            show_iso(one["read_at"]),
        ),
        as_json,
        right=("id",),
    )
    if reads and found:
        ask(here, MessagesRead, contact=answer["contact"], ids=[one["id"] for one in found])
    say_next(answer)
