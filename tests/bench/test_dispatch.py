"""`python -m bench`: one name, one module."""

from __future__ import annotations

import pytest

from bench.__main__ import COMMANDS, main


def test_help_lists_every_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Help is no error and shows what can be run."""
    assert main(["--help"]) == 0
    shown = capsys.readouterr().err
    assert all(f"\n  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize("argv", [[], ["simulat"]])
def test_wrong_use_is_told(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """No name, or a wrong one, is wrong use."""
    assert main(argv) == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["demo", "simulate", "crash", "soak"])
def test_a_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The name is found, and its usage line says how it is called."""
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert f"python -m bench {name}" in capsys.readouterr().out
