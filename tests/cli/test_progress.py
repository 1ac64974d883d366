"""The bar is for terminals."""

from __future__ import annotations

import sys

import pytest

from hj212d.cli.progress import progress_bar


def test_no_terminal_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """A log file stays clean."""
    with progress_bar("reading") as tell:
        tell(1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Title and how far it is, on standard error only."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with progress_bar("reading") as tell:
        tell(512, 1024)
        tell(1024, 1024)
    out, err = capsys.readouterr()
    assert out == ""
    assert "reading" in err
