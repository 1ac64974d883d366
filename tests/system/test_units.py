"""The systemd units: do they load, and do they stay hardened?"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"
NAMES = ["hj212d.service", "hj212d.socket", "hj212d-check.service", "hj212d-check.timer"]

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """Copies of the units that point to a program which exists."""
    copies = []
    for name in NAMES:
        copies.append(tmp_path / name)
        text = (UNITS / name).read_text().replace("/opt/hj212d/bin/hj212d", "/bin/true")
        copies[-1].write_text(text)
    return copies


@needs_systemd
def test_systemd_reads_the_units_without_complaint(units: list[Path]) -> None:
    """A misspelt key or a missing section would be named here."""
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, units)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_the_daemon_stays_hardened(units: list[Path]) -> None:
    """The exposure that docs/deployment.md names, by systemd's own measure."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(units[0])],
        capture_output=True,
        text=True,
        env={"SYSTEMD_COLORS": "0", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    level = re.search(r"Overall exposure level for hj212d.service: ([\d.]+)", done.stdout)
    assert level is not None, done.stdout + done.stderr
    assert float(level[1]) <= 1.5
