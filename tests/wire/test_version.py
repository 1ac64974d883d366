"""Which standard a frame follows."""

from __future__ import annotations

import pytest

from hj212d.wire.version import version_of

MODERN, OLD = ("a34004", "w01018"), ("011", "B01")


@pytest.mark.parametrize(
    ("flag", "qn", "codes", "version"),
    [
        (0, None, MODERN, "2005"),
        (3, "20240601085857223", MODERN, "2005"),
        (4, None, OLD, "2017"),
        (7, "20240601085857223", (), "2017"),
        (8, "20260601085857223", (), "2025"),
        (11, None, (), "2025"),
        (8, "20210301111100112", (), "2017"),
        (9, "20231231235959999", (), "2017"),
        (9, "20240101000000000", (), "2025"),
        (12, "20240601085857223", MODERN, "2017"),
        (None, "20191112091100598", ("a01006",), "2017"),
        (None, "20200924101500117", OLD, "2005"),
        (None, "20200924101500117", (), "2005"),
        (None, "", (), "2017"),
        (None, None, MODERN, "2005"),
    ],
)
def test_versions(flag: int | None, qn: str | None, codes: tuple[str, ...], version: str) -> None:
    """By the bits of Flag, else by QN and codes; bits of 2025 before 2024 are a mistake."""
    assert version_of(flag, qn, codes, True) == version


def test_half_headers() -> None:
    """Of a header that is cut off, a QN in front tells 2017."""
    assert version_of(None, "20200924101500117", (), False) == "2017"
    assert version_of(None, None, (), False) == "2005"
