"""`hj212d config`: what is in force and why, whether it can be used, and its page of the docs.

Tests: tests/cli/test_config_command.py.
"""

from __future__ import annotations

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal


@click.command("config")
@located
@click.option("--explain", "action", flag_value="explain", help="Each value, and where from.")
@click.option("--check", "action", flag_value="check", help="Read it all, say what is wrong.")
@click.option("--docs", "action", flag_value="docs", help="Print docs/configuration.md.")
@click.option("--json", "as_json", is_flag=True, help="With --explain: one JSON array.")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
def command(here: Here, action: str | None, as_json: bool, keys: tuple[str, ...]) -> None:
    """Show or check the configuration.

    KEY limits --explain to a section or a key: link, link.listen.
    """
    match action or "explain":
        case "explain":
            _explain(here, as_json, keys)
        case "check":
            _check(here)
        case "docs":
            from hj212d.config.page import page

            click.echo(page(), nl=False)


def _explain(here: Here, as_json: bool, wanted: tuple[str, ...]) -> None:
    import msgspec

    from hj212d.config import explain

    lines = explain.lines(here.read())
    if wanted:
        _refuse_unknown(wanted)
        lines = [line for line in lines if line.key.section in wanted or line.key.dotted in wanted]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(explain.as_json(lines))))
        return
    click.echo(f"# file: {here.config_path or 'none'}")
    for text in explain.as_toml(lines):
        click.echo(text)


def _refuse_unknown(wanted: tuple[str, ...]) -> None:
    from hj212d.config.keys import keys, sections
    from hj212d.config.nearest import did_you_mean

    known = [*sections(), *keys()]
    for name in wanted:
        if name not in known:
            raise Refusal(f"there is no key {name}{did_you_mean(name, known)}")


def _check(here: Here) -> None:
    try:
        config = here.config()
    except Refusal as refusal:
        raise Refusal(str(refusal), status=NO) from refusal
    file = here.config_path or "no file, all defaults"
    click.echo(
        f"ok: {file}; {len(config.link.listen)} listening addresses, "
        f"{len(config.profiles)} profiles, {len(config.forwards)} forward targets, "
        f"{len(config.devices)} devices"
    )
