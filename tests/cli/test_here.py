"""Where a command works."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import Refusal


@click.command()
@located
def show(here: Here) -> None:
    """Say where we are."""
    click.echo(f"{here.data} {here.config_path}")


@pytest.mark.parametrize(
    ("words", "environ", "said"),
    [
        ([], {}, "data None"),
        ([], {"HJ212D_DATA": "d", "HJ212D_CONFIG": "c"}, "d c"),
        (["--data", "x", "--config", "y"], {"HJ212D_DATA": "d", "HJ212D_CONFIG": "c"}, "x y"),
    ],
)
def test_options_count_over_the_environment(
    words: list[str],
    environ: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And ./data is what is left."""
    monkeypatch.delenv("HJ212D_DATA", raising=False)
    monkeypatch.delenv("HJ212D_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(show, words, env=environ).output == f"{said}\n"


def test_the_configuration_in_the_data_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DATA/hj212d.toml is read unless another one is named."""
    monkeypatch.delenv("HJ212D_CONFIG", raising=False)
    usual = tmp_path / "hj212d.toml"
    usual.write_text("[hub]\nhttp = ''\n")
    assert CliRunner().invoke(show, ["--data", str(tmp_path)]).output == f"{tmp_path} {usual}\n"
    assert Here(tmp_path, usual).config().hub.http == ""
    assert Here(tmp_path, usual).config({"hub.http": ":1"}).hub.http == ":1"


def test_a_configuration_that_is_named_must_be_there(tmp_path: Path) -> None:
    """One sentence, status 2."""
    with pytest.raises(Refusal, match="No such file") as caught:
        Here(tmp_path, tmp_path / "none.toml").config()
    assert caught.value.status == 2
