"""Numbers as people read them. Tests: tests/cli/test_tables.py."""

from __future__ import annotations

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def show_bytes(count: float) -> str:
    """``512 bytes``, ``1.5 MiB``."""
    size = float(count)
    for unit in _UNITS:
        if abs(size) < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"


def show_count(count: int) -> str:
    """``1,234,567``."""
    return f"{count:,}"
