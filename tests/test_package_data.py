"""What a wheel holds beside Python files: setup.cfg names each data file of a package."""

from __future__ import annotations

import configparser
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("hj212d", "store", "aqi", "admin", "alerts", "bench")
BUILT = {".py", ".pyc", ".pyx", ".so", ".o"}  # taken, or made, without being named
FOR_READERS = {"hj212d/journal/FORMAT.md"}


def test_each_data_file_goes_into_the_wheel() -> None:
    """Tables, templates, pages: whatever lies in a package is covered by its patterns."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    patterns = {
        package: [one.strip() for one in globs.split(",")]
        for package, globs in config["options.package_data"].items()
    }
    missing = []
    for path in sorted(one for name in PACKAGES for one in (ROOT / name).rglob("*")):
        inside = path.relative_to(ROOT)
        if not path.is_file() or path.suffix in BUILT or str(inside) in FOR_READERS:
            continue
        if path.suffix == ".c" and path.with_suffix(".pyx").exists():
            continue
        if not _covered(path, patterns):
            missing.append(str(inside))
    assert missing == []


def _covered(path: Path, patterns: dict[str, list[str]]) -> bool:
    package = path.parent
    while not (package / "__init__.py").exists():
        package = package.parent
    name = ".".join(package.relative_to(ROOT).parts)
    inside = path.relative_to(package)
    return any(inside.match(one) for one in (*patterns.get(name, []), *patterns["*"]))
