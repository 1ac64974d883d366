"""The font that draws Chinese in PDF pages and pictures: one of the system, else one of a package.

Font folders are looked through by file name, in an order of ours; no fontconfig is needed. A font
counts when it has a glyph for every character of `PROBE`. Variable fonts are left out: what they
show without further settings is their thinnest cut. Tests: tests/admin/test_fonts.py.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

# What reports and maps write: common words, digits, units, signs.
PROBE = "空气质量优良轻度污染臭氧站点、，。（）0123456789 AQI PM2.5 μg/m³ ≤≥±×%—…“”℃°"

PACKAGE = "pylopdf_fonts_zh_cn"
PACKAGE_FILE = "NotoSansSC-Regular.otf"  # SIL Open Font License 1.1

# The first that is found counts; sans before serif, simplified Chinese before a collection.
_PREFERRED = (
    r"notosanssc-regular\.(otf|ttf)",
    r"notosanscjksc-regular\.(otf|ttf)",
    r"sourcehansans(sc|cn)-regular\.(otf|ttf)",
    r"notosanscjk-regular\.(ttc|otc)",
    r"sourcehansans-regular\.(ttc|otc)",
    r"wqy-microhei\.ttc",
    r"wqy-zenhei\.ttc",
    r"lxgwwenkai(lite)?-regular\.ttf",
    r"droidsansfallback(full)?\.ttf",
    r"notoserif(cjk)?sc-regular\.(otf|ttf)",
    r"notoserifcjk-regular\.(ttc|otc)",
    r"sourcehanserif(sc|cn)-regular\.(otf|ttf)",
    r"(uming|ukai)\.ttc",
)
_SIMPLIFIED = re.compile(r"\b(SC|CN|GB)\b")


class NoFont(Exception):
    """No font can draw Chinese, or the chosen one cannot be used; the text is one sentence."""


class Font(NamedTuple):
    """A file, and which of its faces: collections (.ttc) hold several."""

    path: Path
    face: int = 0

    def for_matplotlib(self) -> str:
        """What `matplotlib.font_manager.FontProperties(fname=…)` takes."""
        from matplotlib.font_manager import FontPath

        return FontPath(str(self.path), self.face)

    def missing(self, text: str) -> str:
        """Those characters of a text that the font has no glyph for, each once."""
        known = _characters(self.path, self.face)
        return "".join(c for c in dict.fromkeys(text) if ord(c) not in known and c.isprintable())


def find_font(chosen: str | Path = "", folders: Sequence[Path] | None = None) -> Font:
    """The font to use: ``chosen`` (the setting reports.font) when it is given, else the best of
    the system's ``folders``, else the package's. NoFont when there is none."""
    if chosen:
        return _chosen(Path(chosen))
    for path in _in_order(font_folders() if folders is None else folders):
        found = _usable(path)
        if found is not None:
            return found
    packaged = _packaged()
    if packaged is None:
        raise NoFont(
            "no font for Chinese was found: install the extra reports (pip install "
            "'hj212d[reports]'), the system's fonts-noto-cjk or fonts-wqy-microhei, or set "
            "reports.font to the path of one"
        )
    return packaged


def font_folders() -> list[Path]:
    """Where fonts of the system and of the user lie."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return [
        data / "fonts",
        home / ".fonts",
        Path("/usr/local/share/fonts"),
        Path("/usr/share/fonts"),
    ]


def _chosen(path: Path) -> Font:
    if not path.is_file():
        raise NoFont(f"reports.font = {path}: there is no such file")
    found = _readable(path)
    if found is None:
        raise NoFont(f"reports.font = {path}: this is no font that can be read")
    if lacking := found.missing(PROBE):
        raise NoFont(f"reports.font = {path}: the font has no glyphs for {lacking}")
    return found


def _in_order(folders: Sequence[Path]) -> Iterator[Path]:
    files: dict[str, Path] = {}
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                files.setdefault(name.lower(), Path(place) / name)
    for pattern in _PREFERRED:
        for name in sorted(files):
            if re.fullmatch(pattern, name):
                yield files[name]


def _usable(path: Path) -> Font | None:
    """The font, None when it cannot be read or lacks what we write."""
    found = _readable(path)
    return None if found is None or found.missing(PROBE) else found


def _packaged() -> Font | None:
    try:
        path = Path(str(resources.files(PACKAGE) / PACKAGE_FILE))
    except ModuleNotFoundError:
        return None
    return _usable(path)


def _readable(path: Path) -> Font | None:
    from fontTools.ttLib import TTLibError

    try:
        found = Font(path, _simplified_face(path))
        found.missing("")
    except (OSError, TTLibError, LookupError, ValueError, AssertionError, struct.error):
        return None
    return found


def _simplified_face(path: Path) -> int:
    """The face for simplified Chinese in a collection; the first where none says so."""
    if path.suffix.lower() not in (".ttc", ".otc"):
        return 0
    from fontTools.ttLib import TTCollection

    with path.open("rb") as file:
        for number, face in enumerate(TTCollection(file, lazy=True)):
            if _SIMPLIFIED.search(str(face["name"].getDebugName(4) or "")):
                return number
    return 0


@lru_cache(maxsize=32)
def _characters(path: Path, face: int) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with path.open("rb") as file:
        table: dict[int, Any] = TTFont(file, fontNumber=face, lazy=True).getBestCmap()
        return frozenset(table)
