"""The fixture that runs one command in the test's own process."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Done, Hj212d

from hj212d.cli.main import run


@pytest.fixture
def hj212d(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Hj212d:
    """Run one command in this process, with an empty data folder unless --data is given."""
    monkeypatch.setenv("HJ212D_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("HJ212D_CONFIG", raising=False)

    def command(*words: str | Path) -> Done:
        capsys.readouterr()
        status = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return Done(status, out, err)

    return command
