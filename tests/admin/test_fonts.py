"""A font for Chinese: which one is taken, and what is said when there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from admin import fonts
from admin.fonts import PROBE, NoFont, find_font


@pytest.fixture(scope="module")
def noto() -> Path:
    """The font of the package, which comes with the extra."""
    return find_font("", []).path


def test_the_package_has_one(noto: Path) -> None:
    """Where the system has none, the extra's font draws all that we write."""
    assert noto.name == fonts.PACKAGE_FILE
    assert find_font("", []).missing(PROBE) == ""


def test_the_system_comes_first(noto: Path, tmp_path: Path) -> None:
    """A font of the system, wherever below the folder, before the package's; broken files and
    fonts that cannot draw Chinese are passed over."""
    deep = tmp_path / "opentype" / "noto"
    deep.mkdir(parents=True)
    (deep / "NotoSansSC-Regular.otf").write_bytes(b"no font")
    assert find_font("", [tmp_path]).path == noto
    shutil.copy(noto, deep / "SourceHanSansCN-Regular.otf")
    assert find_font("", [tmp_path]).path == deep / "SourceHanSansCN-Regular.otf"


def test_the_simplified_face_of_a_collection(noto: Path, tmp_path: Path) -> None:
    """Of several faces in a file the one that says SC is taken, whatever its place."""
    from fontTools.ttLib import TTCollection, TTFont

    together = TTCollection()
    for name in ("Some Sans JP", "Some Sans SC"):
        face = TTFont(str(noto))
        face["name"].setName(name, 4, 3, 1, 0x409)
        together.fonts.append(face)
    path = tmp_path / "NotoSansCJK-Regular.ttc"
    together.save(str(path))
    assert find_font("", [tmp_path]) == (path, 1)


def test_a_chosen_one(noto: Path, tmp_path: Path) -> None:
    """It is used as it is; what is wrong with it is said with its path."""
    assert find_font(noto).path == noto
    with pytest.raises(NoFont, match="no such file"):
        find_font(tmp_path / "none.ttf")
    (tmp_path / "x.ttf").write_bytes(b"no font")
    with pytest.raises(NoFont, match="no font that can be read"):
        find_font(tmp_path / "x.ttf")
    import matplotlib

    dejavu = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    with pytest.raises(NoFont, match="no glyphs for 空"):
        find_font(dejavu)


def test_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence says what to install."""
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_package_of_fonts")
    with pytest.raises(NoFont, match="extra reports"):
        find_font("", [])
