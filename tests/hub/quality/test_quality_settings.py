"""The section [quality] is refused where it cannot be followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hj212d.config.load import read
from hj212d.config.model import ConfigError


def test_a_deployment_may_change_what_is_weak(tmp_path: Path) -> None:
    """Weights, decimals, names of regions."""
    file = tmp_path / "hj212d.toml"
    file.write_text(
        '[quality]\nmethod = "HJ663-C"\nweights = {"PM2.5" = 2}\n'
        'decimals = {HJ663-2026 = {"period/PM2.5" = 0, "rate" = 2}}\n'
        'regions = {"330100" = "杭州市"}\n',
        encoding="utf-8",
    )
    settings = read(file, {}).config.quality
    assert settings.weights == {"PM2.5": 2.0}
    assert settings.decimals["HJ663-2026"]["period/PM2.5"] == 0


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('weights = {"PM2.5" = 200}', "weights: PM2.5 = 200.0: a weight from 0 to 100"),
        ("decimals = {HJ663-2019 = {rate = 1}}", "there are no decimals of HJ663-2019"),
        ("decimals = {HJ663-2026 = {rates = 1}}", "rates = 1: 0 to 6 decimals of hour"),
        ("site_share = 0", "site_share"),
        ('weights = {"PM25" = 1}', "weights"),
    ],
)
def test_what_cannot_be_followed(tmp_path: Path, line: str, problem: str) -> None:
    """One sentence that names the key."""
    file = tmp_path / "hj212d.toml"
    file.write_text(f"[quality]\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read(file, {})
    assert problem in str(refused.value)
