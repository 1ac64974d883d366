"""`hj212d`: finds the command's file, and turns every way to fail into one line and a status.

Status: 0 done, 1 the answer is "no", 2 wrong use or something needed is missing. Each command
lives in a file of its own in `commands/`. Tests: tests/cli/test_main.py.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click
from click.exceptions import Exit, NoArgsIsHelpError

import hj212d
from hj212d.cli.refusal import WRONG_USE, Refusal

COMMANDS = (
    "serve",
    "status",
    "devices",
    "device",
    "site",
    "review",
    "event",
    "limit",
    "rule",
    "incident",
    "contact",
    "subscription",
    "maintenance",
    "outbox",
    "messages",
    "case",
    "plan",
    "report",
    "map",
    "analyse",
    "export",
    "query",
    "means",
    "aqi",
    "bulletin",
    "airquality",
    "evaluate",
    "assess",
    "emissions",
    "rank",
    "forecast",
    "completeness",
    "gaps",
    "frames",
    "tail",
    "decode",
    "send",
    "commands",
    "command",
    "cancel",
    "keys",
    "activation",
    "position",
    "forward",
    "replay",
    "journal",
    "store",
    "registry",
    "config",
    "check",
)
_INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


class _CommandFolder(click.Group):
    """Commands are imported when they are asked for, so that each starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order of a working day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command:
        """The command of that name; a usage error with the nearest name when there is none."""
        if name not in COMMANDS:
            from hj212d.config.nearest import did_you_mean

            raise click.UsageError(
                f"there is no command {name}{did_you_mean(name, COMMANDS)}", ctx
            )
        found = importlib.import_module(f"hj212d.cli.commands.{name}").command
        assert isinstance(found, click.Command)
        return found


@click.group(
    cls=_CommandFolder,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 99},
)
@click.version_option(hj212d.__version__, message="%(prog)s %(version)s")
def command() -> None:
    """Receiving platform for HJ 212 environmental telemetry.

    Every command takes --config FILE and --data DIR. Times are ISO 8601, Beijing time where no
    zone is given; also: now, today, yesterday, -2h, -30m, -7d.
    """


def main() -> None:
    """Run one command and leave with its status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; its status. What fails says so in one line on standard error."""
    try:
        status = _invoke(arguments)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python flushes once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return WRONG_USE
    except click.ClickException as error:
        name = getattr(getattr(error, "ctx", None), "command_path", "hj212d")
        print(f"{name}: {_one_line(error.format_message())}", file=sys.stderr)
        return WRONG_USE
    except Refusal as refusal:
        print(f"hj212d: {_one_line(str(refusal))}", file=sys.stderr)
        return refusal.status
    return status


def _invoke(arguments: Sequence[str]) -> int:
    """The command's status. click's own main is not used: it would turn a closed pipe into
    status 1, and Ctrl-C into an empty line."""
    try:
        with command.make_context("hj212d", list(arguments)) as context:
            command.invoke(context)
    except Exit as ended:
        return ended.exit_code
    return 0


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
