"""Tables on a terminal and elsewhere."""

from __future__ import annotations

import sys

import pytest

from hj212d.cli.sizes import show_bytes, show_count
from hj212d.cli.tables import aligned, harmless, print_table, raw_text


def test_a_plain_table_is_aligned_text(capsys: pytest.CaptureFixture[str]) -> None:
    """No frame, no colour, nothing cut; Chinese characters are two columns wide."""
    print_table(("mn", "name", "n"), [("A", "污水", 5), ("BBBB", None, 12345)], right=("n",))
    assert capsys.readouterr().out == (
        "mn    name      n\n"
        "A     污水      5\n"
        "BBBB        12345\n"
    )  # fmt: skip


def test_a_table_on_a_terminal_has_a_rule_and_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """rich draws it; what looks like its markup is left alone."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    print_table(("state", "x"), [("ok", "[red]"), ("fail", "y")])
    out = capsys.readouterr().out
    assert "─" in out
    assert "\x1b[32mok" in out
    assert "[red]" in out


@pytest.mark.parametrize("columns", ["30", "80"])
def test_only_the_last_column_gives_way(
    columns: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a time is no time: on a narrow terminal the last column is folded, or cut if asked."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", columns)
    time, raw = "2026-01-31 08:30:00.123", "x" * 100
    print_table(("time", "raw"), [(time, raw)])
    folded = capsys.readouterr().out
    assert time in folded
    assert folded.count("x") == 100
    print_table(("time", "raw"), [(time, raw)], short="raw")
    cut = capsys.readouterr().out.splitlines()
    assert len(cut) == 3
    assert cut[2].startswith(time)
    assert cut[2].rstrip().endswith("x…")


def test_nothing_from_the_field_reaches_the_terminal_as_a_command() -> None:
    """Escape sequences, line ends and bytes that are no text are spelled out."""
    assert harmless("a\x1b[31m\r\nb") == "a\\x1b[31m\\x0d\\x0ab"
    assert harmless("\u202eabc") == "\\u202eabc"
    assert harmless(None) == ""
    assert raw_text("污".encode() + b"\xff\x07") == "污\\xff\\x07"


def test_aligning_nothing_gives_nothing() -> None:
    """No rows, no lines."""
    assert list(aligned([])) == []


def test_numbers_are_readable() -> None:
    """Sizes in powers of 1024, counts in thousands."""
    assert [show_bytes(n) for n in (0, 1023, 1536, 3 * 1024**5)] == [
        "0 bytes",
        "1023 bytes",
        "1.5 KiB",
        "3072.0 TiB",
    ]
    assert show_count(1234567) == "1,234,567"
