"""The frame around all commands: help, one line for what is wrong, exit status, docs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from command_line import PROGRAM, Hj212d, process

import hj212d as package
from hj212d.cli.main import COMMANDS, command

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
HEAVY = {"duckdb", "pyarrow", "twisted", "flask", "uvloop", "cryptography", "rich", "msgspec"}


def all_commands() -> list[tuple[str, click.Command]]:
    """Every command with its name, those of groups as "journal ls"."""
    context = click.Context(command)
    found: list[tuple[str, click.Command]] = []
    for name in COMMANDS:
        one = command.get_command(context, name)
        found.append((name, one))
        if isinstance(one, click.Group):
            found += [(f"{name} {inner}", sub) for inner, sub in one.commands.items()]
    return found


def test_help_is_quick_because_it_imports_nothing_heavy() -> None:
    """Neither the database nor the network is loaded to say what there is."""
    code = (
        "import sys; from hj212d.cli.main import run; run(['--help']); "
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", done.stdout, re.MULTILINE)


def test_version(hj212d: Hj212d) -> None:
    """The version is that of the package."""
    assert hj212d("--version") == (0, f"hj212d {package.__version__}\n", "")


@pytest.mark.parametrize(("name", "one"), all_commands(), ids=[n for n, _ in all_commands()])
def test_every_command_has_help_config_and_data(name: str, one: click.Command) -> None:
    """--help works; --config and --data are everywhere."""
    assert process(*name.split(), "--help").returncode == 0
    options = {option for parameter in one.params for option in parameter.opts}
    assert isinstance(one, click.Group) or {"--config", "--data"} <= options
    assert one.help


@pytest.mark.parametrize(("name", "one"), all_commands(), ids=[n for n, _ in all_commands()])
def test_every_command_and_option_stands_in_the_docs(name: str, one: click.Command) -> None:
    """docs/cli.md has a heading for the command, and under it each of its options."""
    sections = re.split(r"^## ", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    section = next((s for s in sections if s.startswith(f"hj212d {name}\n")), "")
    assert section, f"no heading for hj212d {name}"
    for parameter in one.params:
        for option in parameter.opts if isinstance(parameter, click.Option) else []:
            if option not in ("--config", "--data"):
                assert f"`{option}" in section, f"{option} is not documented"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["stauts"], "hj212d: there is no command stauts; did you mean status?"),
        (["status", "--jsno"], "hj212d status: No such option '--jsno'."),
        (["query"], "hj212d query: Missing option '--mn'."),
        (["journal", "l"], "hj212d journal: No such command 'l'."),
        (["query", "--mn", "A", "--level", "second"], "hj212d query: Invalid value for '--level'"),
        (["query", "--mn", "A", "--from", "soon"], "hj212d query: Invalid value for '--from'"),
        (
            ["query", "--mn", "A", "--output", "x"],
            "hj212d: --format table is for the screen; a file takes csv, json or parquet",
        ),
        (["frames", "--reason", "crc_wrog"], "hj212d: there is no reason crc_wrog; did you mean"),
        (["decode", "--key", "12", "-"], "hj212d: --key: a key is 16 bytes"),
        (["decode", "--tolerate", "x", "-"], "hj212d: there is no tolerance x; there is"),
        (["decode", "none.txt"], "hj212d decode: Invalid value for '[FILE|-]': 'none.txt'"),
        (["replay", "--from", "now", "--to", "-1h"], "hj212d: --from must be before --to"),
        (["journal", "ls"], "hj212d: there is no journal at"),
        (["config", "link.listn"], "hj212d: there is no key link.listn; did you mean link.listen"),
        (["--config", "x", "status"], "hj212d: No such option '--config'."),
    ],
)
def test_wrong_use_is_one_line_and_status_2(
    words: list[str], sentence: str, hj212d: Hj212d
) -> None:
    """Nothing on standard output, one clear line on standard error, no traceback."""
    done = hj212d(*words)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(sentence)
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [["status"], ["tail"], ["devices"], ["frames"], ["query", "--mn", "A"]],
)
def test_nothing_there_is_the_answer_no(words: list[str], hj212d: Hj212d) -> None:
    """Without daemon and store: status 1 and one line."""
    done = hj212d(*words)
    assert (done.status, done.out) == (1, "")
    assert done.err.count("\n") == 1


def test_a_bad_configuration_stops_a_command(hj212d: Hj212d, tmp_path: Path) -> None:
    """Any command that reads it says what is wrong, and ends with status 2."""
    config = tmp_path / "bad.toml"
    config.write_text("[link]\nlissten = []\n")
    done = hj212d("status", "--config", config)
    assert done.status == 2
    assert done.err == f"hj212d: {config}: [link] has no key lissten; did you mean listen?\n"


def test_no_words_at_all_show_the_help_as_wrong_use(hj212d: Hj212d) -> None:
    """The list of commands goes to standard error."""
    done = hj212d()
    assert (done.status, done.out) == (2, "")
    assert "Commands:" in done.err


def test_a_closed_pipe_ends_quietly() -> None:
    """``hj212d config --docs | head -1``: no traceback, no message."""
    with subprocess.Popen(
        [*PROGRAM, "config", "--docs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as reading:
        assert reading.stdout is not None
        assert reading.stderr is not None
        reading.stdout.close()
        assert reading.stderr.read() == b""
        assert reading.wait(90) == 0


def test_ctrl_c_ends_quietly(tmp_path: Path) -> None:
    """A command that waits for input ends without a traceback."""
    import signal

    with subprocess.Popen(
        [*PROGRAM, "decode", "--raw", "--json", "--data", str(tmp_path), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as waiting:
        assert waiting.stdin is not None
        assert waiting.stdout is not None
        assert waiting.stderr is not None
        waiting.stdin.write(b"##0000CP=&&&&0000\r\n" + b"x" * 2000)
        waiting.stdin.flush()
        assert waiting.stdout.readline()  # it is at work, and waits for more
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(90) == 130
        assert waiting.stderr.read() == b""
