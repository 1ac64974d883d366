"""Where a command works: the data folder and the configuration, from options and environment.

Tests: tests/cli/test_here.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from hj212d.cli.refusal import Refusal

if TYPE_CHECKING:
    from hj212d.config.load import Loaded
    from hj212d.config.model import Config

CONFIG_FILE = "hj212d.toml"


class Here(NamedTuple):
    """The data folder, and the configuration file if there is one."""

    data: Path
    config_path: Path | None

    def read(self, overrides: dict[str, Any] | None = None) -> Loaded:
        """The configuration with the origin of each value; Refusal when it cannot be used."""
        from hj212d.config.load import read
        from hj212d.config.model import ConfigError

        try:
            return read(self.config_path, os.environ, overrides)
        except ConfigError as error:
            raise Refusal(str(error)) from error

    def config(self, overrides: dict[str, Any] | None = None) -> Config:
        """The configuration in force; Refusal when it cannot be used."""
        return self.read(overrides).config


def located(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --config and --data; it gets them as its first argument, a `Here`."""

    @click.option(
        "--config",
        "config_path",
        metavar="FILE",
        envvar="HJ212D_CONFIG",
        type=click.Path(path_type=Path),
        help="Configuration, TOML.  [default: $HJ212D_CONFIG, else DIR/hj212d.toml if it exists]",
    )
    @click.option(
        "--data",
        metavar="DIR",
        envvar="HJ212D_DATA",
        type=click.Path(path_type=Path),
        default=Path("data"),
        help="Data folder.  [default: $HJ212D_DATA, else ./data]",
    )
    @wraps(function)
    def command(config_path: Path | None, data: Path, **arguments: Any) -> Any:
        usual = data / CONFIG_FILE
        if config_path is None and usual.is_file():
            config_path = usual
        return function(Here(data, config_path), **arguments)

    return command
